"""What pip-guard stops, each with the least that must be left out of pip-guard for it to happen."""
