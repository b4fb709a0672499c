"""Read pip's options, and where each value was set."""
