"""Build images of the documented Containerfiles, and attack them from inside."""
