"""A drop-in pip that refuses dangerous installs."""

__version__ = "0.1.0"
