"""End the process."""

from __future__ import annotations

import atexit
import os
import sys
import threading


def end_at_once(end: SystemExit) -> None:
    """End the process without taking the interpreter apart, which is a large part of bare pip's time.

    All that is seen of the end happens first: exit handlers run, and output is written. Returns, for the ordinary end, if
    anything of that fails, or if other threads are still at work.
    """
    others = [thread for thread in threading.enumerate() if thread is not threading.main_thread() and not thread.daemon]
    if others or not isinstance(end.code, (int, type(None))):
        return
    atexit._run_exitfuncs()  # noqa: SLF001 -- there is no public way to do what the interpreter does here
    # what follows cannot be measured: that has ended with the exit handlers
    if _flush():  # pragma: no cover
        os._exit(end.code or 0)


def _flush() -> bool:  # pragma: no cover
    """Write what is left of the output; return whether that was possible, for the ordinary end to say so if not."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        return False
    return True
