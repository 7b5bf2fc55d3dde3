"""Hearing: who reads whose topic, and which words are an agency's."""

from __future__ import annotations

from shared.contracts.topics import SOURCES

HEARS: dict[str, tuple[str, ...]] = {
    "declaration": ("registry", "clearance"),
    "tax": ("declaration", "clearance"),
    "quarantine": ("declaration", "clearance"),
    "logistics": ("registry", "declaration", "clearance"),
    "clearance": ("declaration", "tax", "quarantine", "logistics"),
}
"""Told here again, so that a service that stops hearing is found out; a test compares it with SUBSCRIPTIONS."""

EARS = tuple((reader, source) for reader, sources in HEARS.items() for source in sources)
"""Reader and source, pair by pair."""

PLACE = {source: place for place, source in enumerate(SOURCES)}
"""Where a source's cursor stands in a head."""

SPEAKERS = {"customs": "declaration", "tax": "tax", "quarantine": "quarantine", "logistics": "logistics"}
"""Whose events carry an agency's gate."""
