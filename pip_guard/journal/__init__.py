"""Keep a record of every command: what it was, what the rules made of it, and which files it took."""
