"""Portal: pages, live streams, the merged reference.

Hears nothing.
Says nothing.
Keeps nothing: it asks the other services, once a second at most for all who watch the same.
"""
