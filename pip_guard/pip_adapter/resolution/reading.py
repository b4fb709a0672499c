"""Read wheels before they are judged: downloaded ones in a thread, each as soon as it is there, while pip fetches the next."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from logging import getLogger
from queue import SimpleQueue
from typing import TYPE_CHECKING

from pip._internal.utils.misc import format_size

if TYPE_CHECKING:
    from pip._internal.models.link import Link

    from pip_guard.distributions.wheel.contents import WheelContents

# pip's own logger, so that its options decide what is shown.
logger = getLogger("pip._internal.operations.prepare")
# Bytes of a wheel up to which it is read in a thread: Ctrl-C waits for what is being read, and less than a second for this.
LARGEST = 32 * 1024 * 1024
# Seconds of silence after which the terminal shows what is being read.
PATIENCE = 1.0


class _Reading:
    """A wheel that the thread is to read, and what it has found."""

    def __init__(self, path: str, filename: str) -> None:
        self.path = path
        self.filename = filename
        self.ended = threading.Event()
        self.identity: tuple[int, ...] | None = None
        self.contents: WheelContents | None = None


class WheelReader:
    """The wheels of one command."""

    def __init__(self) -> None:
        self._readings: dict[tuple[str, str], _Reading] = {}
        self._queue: SimpleQueue[_Reading] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def follow(
        self,
        download: Callable[[Iterable[Link], str], Iterable[tuple[Link, tuple[str, str]]]],
        links: Iterable[Link],
        location: str,
    ) -> Iterator[tuple[Link, tuple[str, str]]]:
        """Let pip download files, and begin to read each wheel that has arrived."""
        for link, (path, content_type) in download(links, location):
            if link.is_wheel and os.path.getsize(path) <= LARGEST:
                self._begin(path, link.filename)
            yield link, (path, content_type)

    def read(self, path: str, filename: str) -> WheelContents:
        """Return what is in a wheel file that goes by a name. Raises `OSError` if it is no file."""
        from pip_guard.distributions.wheel.reader import read_wheel

        reading = self._readings.pop((path, filename), None)
        if reading is not None:
            reading.ended.wait()
            # NOTE: what was read counts only for the very file that pip is about to unpack.
            if reading.contents is not None and reading.identity == _identity(path):
                return reading.contents
        with _telling(path, filename):
            return read_wheel(path, filename)

    def _begin(self, path: str, filename: str) -> None:
        # NOTE: loaded here, so that the thread imports nothing while pip forbids it.
        import pip_guard.distributions.wheel.reader  # noqa: F401

        reading = self._readings[path, filename] = _Reading(path, filename)
        self._queue.put(reading)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, daemon=True)
            self._thread.start()

    def _work(self) -> None:
        from pip_guard.distributions.wheel.reader import read_wheel

        while True:
            reading = self._queue.get()
            # Whatever goes wrong, it goes wrong again where the wheel is needed.
            with suppress(Exception):
                reading.identity = _identity(reading.path)
                reading.contents = read_wheel(reading.path, reading.filename)
            reading.ended.set()


def _identity(path: str) -> tuple[int, ...]:
    """Return what changes when a file is written to or replaced."""
    status = os.stat(path)
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


@contextmanager
def _telling(path: str, filename: str) -> Iterator[None]:
    """Show on a terminal which wheel is being read, if that takes long."""
    size = os.path.getsize(path)
    if size <= LARGEST or sys.stdout is None or not sys.stdout.isatty():
        yield
        return
    line = "Checking the contents of %s (%s)", filename, format_size(size)
    timer = threading.Timer(PATIENCE, logger.info, line)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
