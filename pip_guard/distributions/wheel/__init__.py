"""Read a wheel file: what it says of itself, what pip would install from it, and whether it is what its RECORD says."""
