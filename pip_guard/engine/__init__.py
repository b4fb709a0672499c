"""Evaluate rules while one command runs."""
