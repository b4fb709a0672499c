"""Run pip so that it refuses to do the dangerous thing."""

__version__ = "0.1.0"
