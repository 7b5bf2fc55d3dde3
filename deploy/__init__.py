"""Deployment: how the seven services are run, here and elsewhere."""
