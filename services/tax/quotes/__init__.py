"""Quotes: a dry run of a declaration, in every channel and country asked for.

Read it in this order: `question` (what is asked), `admission` (may a channel be used), `charges` (what it
levies), `offers` (the channels side by side), `door` (HTTP). Nothing is stored.
"""
