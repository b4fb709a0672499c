"""Measure which of the ways to start pip are guarded, on a machine of their own."""
