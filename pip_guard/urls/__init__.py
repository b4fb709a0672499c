"""Parse, compare and redact URLs."""
