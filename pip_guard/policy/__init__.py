"""Read, merge and query policies."""
