"""Read a wheel file: what it says of itself, what pip would install from it, and whether it is what its RECORD says."""

from pip_guard.wheel_archive.contents import Member, PlacedFile, Scheme, WheelContents
from pip_guard.wheel_archive.reader import read_wheel

__all__ = ["Member", "PlacedFile", "Scheme", "WheelContents", "read_wheel"]
