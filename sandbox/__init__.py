"""Sandbox: real orders as submissions.

Reads the bundled orders of a shop and makes filings of them, as if their buyers were in China. Stands above the
services and is never imported by them.
"""
