"""Clearance: weighs what the agencies said.

Hears submissions and requests from declaration, gates from customs, tax, quarantine and logistics, and
from logistics whether returned goods are back.
Says the one outcome of every version (permit, refused, cancelled), the answer to every
request, how every return ends, holds and revocations.
Keeps the case of every declaration, what it declared, the returns of what was released, and the tally.
"""
