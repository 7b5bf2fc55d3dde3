"""The words of customs, as values: pure, no clock, no wire."""
