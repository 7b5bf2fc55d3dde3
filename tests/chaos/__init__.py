"""The fault campaign: a running platform under load, faults drawn from a seed, an audit at the end."""
