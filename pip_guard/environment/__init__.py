"""Find out who runs pip-guard, in which environment, and what may be imported, started, read or trusted."""
