"""Books: guarantee accounts, ledger, bills and payments, and how they are kept."""
