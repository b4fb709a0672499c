"""Watch pip's requests, and make those of pip-guard."""
