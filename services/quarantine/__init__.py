"""Quarantine: what must be inspected, which papers vouch for it, and the officers' queue.

Hears DeclarationSubmitted, DeclarationRefused, DeclarationCancelled.
Says QuarantineTriaged, QuarantineDecided.
Keeps open reviews only; what was triaged is in its facts.
"""
