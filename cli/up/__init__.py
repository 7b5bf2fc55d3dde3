"""Up: the stack, the orders, the account.

Starts everything on this machine, files the sandbox's orders, and says what became of every one of them.
"""
