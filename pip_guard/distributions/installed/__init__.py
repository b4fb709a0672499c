"""Inspect installed distributions. None of their files is run, imported or trusted."""
