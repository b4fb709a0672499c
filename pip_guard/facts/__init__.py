"""Define the facts that rules check, one module per stage of a command."""
