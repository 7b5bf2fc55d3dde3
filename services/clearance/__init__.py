"""Clearance: weighs what the agencies said.

Hears submissions and requests from declaration, gates from customs, tax, quarantine and logistics.
Says the one outcome of every version (permit, refused, cancelled), the answer to every
request, holds and revocations.
Keeps the case of every declaration, what it declared, and the tally.
"""
