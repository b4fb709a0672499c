"""Write to standard error, even if it is closed or full."""

from __future__ import annotations

import os
import sys
from typing import TextIO

# pip's option, and the values that switch it on.
PIP_NO_COLOR = "PIP_NO_COLOR"
PIP_TRUE = frozenset({"1", "true", "t", "yes", "y", "on"})


def write(text: str) -> None:
    """Write text to standard error and to pip's log file. A stream that is closed or full does not turn a refusal into an error."""
    _log(text)
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
    """Tell whether to use colours on a standard stream: it is a terminal, and neither NO_COLOR (https://no-color.org) nor pip is set otherwise."""
    stream: TextIO | None = getattr(sys, name)
    if stream is None or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    if os.environ.get(PIP_NO_COLOR, "").lower() in PIP_TRUE or "--no-color" in sys.argv:
        return False
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def _log(text: str) -> None:
    """Write text to the file that ``--log`` names, which pip has opened, without colours."""
    if (logging := sys.modules.get("logging")) is None:  # neither is pip loaded, then
        return
    import re

    plain = re.sub(r"\x1b\[[0-9;]*m", "", text).rstrip("\n")
    record = logging.LogRecord(__name__, logging.INFO, __file__, 0, "%s", (plain,), None)
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.FileHandler):
            handler.handle(record)


def columns() -> int:
    """Return the width of the terminal on standard error, from COLUMNS or the terminal itself; 0 if unknown, or if there is none."""
    try:
        if sys.stderr is None or not sys.stderr.isatty():
            return 0
        given = os.environ.get("COLUMNS", "")
        return int(given) if given.isdecimal() else os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError):  # closed, or not told
        return 0


def _lead_nowhere(stream: TextIO) -> None:
    """Discard what a full stream still buffers: the interpreter would try to flush it at exit, and change the exit code."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):  # there is none
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
