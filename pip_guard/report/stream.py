"""Write to standard error, come what may."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def write(text: str) -> None:
    """Write text to standard error; a stream that is closed or full cannot keep a refusal from being one."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (BlockingIOError, ValueError):
        return
    except OSError:
        _lead_nowhere(sys.stderr)


def wants_colour(name: str = "stderr") -> bool:
    """Tell whether a standard stream is a terminal whose user has not asked for plain text (https://no-color.org)."""
    stream: TextIO | None = getattr(sys, name)
    if stream is None or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def _lead_nowhere(stream: TextIO) -> None:
    """Discard what a stream that is full still holds: the interpreter would try again, and end with a code of its own."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):  # there is none
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
