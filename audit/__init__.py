"""Auditor: reads every database and topic, and says what does not add up.

It shares the words of the contracts with the services and none of their code: what a permit needs, who holds which
money, what is left of a quota is worked out again from the events. It writes nothing.
"""
