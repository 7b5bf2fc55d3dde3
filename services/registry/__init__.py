"""Registry: parties with their roles, API clients, tokens and their keys.

Hears nothing.
Says PartyRegistered, SigningKeyPublished, ClientRevoked.
Keeps parties, clients (hashes of secrets only), public keys.
"""
