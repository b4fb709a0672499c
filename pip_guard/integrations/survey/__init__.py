"""Find what starts pip on this machine, and whether it is guarded."""
