"""Kafka: the one place that knows the client, and guards it."""
