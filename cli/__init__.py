"""Command line: `python -m cli`, for people.

Talks to the window through its gateway only, with documented REST. Exit codes: see `cli/faults.py`.
"""
