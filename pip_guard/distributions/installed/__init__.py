"""Read what is installed in an environment."""
