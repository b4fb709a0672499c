"""Read path files, by which a distribution adds folders to `sys.path`."""

from __future__ import annotations

import posixpath


def read_lines(content: bytes) -> list[str]:
    """Return the lines of a `.pth` or `.start` file without comments and blank ones, split as the most lenient Python does."""
    lines = content.decode("utf-8-sig", "replace").splitlines()
    return [line.rstrip() for line in lines if line.strip() and not line.startswith("#")]


def named_path(line: str) -> str:
    """Return the path that a line names, in normal form."""
    return posixpath.normpath(line.replace("\\", "/"))
