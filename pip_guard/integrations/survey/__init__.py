"""Find what starts pip on a machine, without running any of it."""
