"""Compare the names of projects."""
