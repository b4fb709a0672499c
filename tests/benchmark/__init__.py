"""Compare pip-guard with bare pip: the same commands, in turns, in twin environments."""
