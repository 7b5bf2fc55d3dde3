"""Baseline: the usual stack, complete, as the rival of the benchmark.

FastAPI, FastStream on aiokafka, pydantic, SQLAlchemy's ORM on asyncpg; five processes with a database each, the same
topics, and the same rules, imported from the services. What the house does beyond that is left out, to the rival's
advantage: no tokens, no outbox, no heads or facts, no reviews, no tally, no amendments; what it says is said after
its commit and lost by a crash between the two.
"""
