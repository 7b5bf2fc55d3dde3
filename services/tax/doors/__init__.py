"""Doors: accounts, bills, payments and receipts over HTTP."""
