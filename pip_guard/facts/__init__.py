"""Define what the rules may know."""
