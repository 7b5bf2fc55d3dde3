"""Faults: one small class each, with how to begin it and how to end it."""
