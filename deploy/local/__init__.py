"""The embedded stack: a real Kafka, a real PostgreSQL, nginx and the services, on one machine."""
