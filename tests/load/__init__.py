"""Load: what an integrator would send, at rate."""
