"""The services, one room a folder: registry, portal, declaration, tax, quarantine, logistics, clearance."""
