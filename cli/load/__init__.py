"""Load: file at a rate, and account for it.

An open loop of realistic declarations against any window, by its address: what was acknowledged, permitted, held and
refused, how fast, and whether the window's own books agree.
"""
