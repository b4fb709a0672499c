"""Describe wheels and installed distributions."""
