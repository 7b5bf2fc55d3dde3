"""How a service is run: heads, facts, waiting, outbox; lock the head, save, then say."""
