"""Look for garbage rarely, and end the process without tearing down the interpreter."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading

# Loading pip makes many objects (70,000 for a small installation) and hardly any garbage: collecting as often as by default, every
# 700 objects, would take 25 ms.
GC_THRESHOLD = 100_000
# The number of new objects after which garbage is looked for once those that loading pip has made are set aside.
GC_THRESHOLD_AFTERWARDS = 5_000


def collect_rarely() -> None:
    """Look for garbage less often than by default."""
    gc.set_threshold(GC_THRESHOLD, *gc.get_threshold()[1:])


def set_loaded_aside() -> None:
    """Look for garbage only among what is made from now on, which is little beside what loading pip has made: saves 25 ms."""
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD_AFTERWARDS, *gc.get_threshold()[1:])


def end_at_once(end: SystemExit) -> None:
    """End the process without tearing down the interpreter, which takes a large part of bare pip's time.

    Exit handlers run and output is flushed first. Returns, for an ordinary exit, if that fails or if other threads still run.
    """
    others = [thread for thread in threading.enumerate() if thread is not threading.main_thread() and not thread.daemon]
    if others or not isinstance(end.code, (int, type(None))):
        return
    atexit._run_exitfuncs()  # noqa: SLF001 -- there is no public function for it
    # coverage cannot see what follows: it ended with the exit handlers
    if _flush():  # pragma: no cover
        os._exit(end.code or 0)


def _flush() -> bool:  # pragma: no cover
    """Flush the output; return whether that worked, so that an ordinary exit can report it otherwise."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        return False
    return True
