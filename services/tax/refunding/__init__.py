"""Refunding: what goods that return give back."""
