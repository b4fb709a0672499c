"""Evaluate rules over the course of one command."""
