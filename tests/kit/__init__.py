"""Distributions, an index, virtual environments and processes for the tests."""
