"""Normalise, match and compare the names of projects."""
