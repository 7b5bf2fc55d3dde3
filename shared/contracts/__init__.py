"""The events on the wire, one file a speaker."""
