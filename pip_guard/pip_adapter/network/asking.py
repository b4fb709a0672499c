"""Know which thread asks an advisory service, and whom it may connect to for that."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_thread = threading.local()


@contextmanager
def asking(*urls: str) -> Iterator[None]:
    """Let this thread, in this context, connect to the hosts of these URLs alone."""
    _thread.urls = urls
    try:
        yield
    finally:
        del _thread.urls


def asked_urls() -> tuple[str, ...] | None:
    """Return the URLs to whose hosts this thread may connect, or None if it asks no advisory service."""
    urls: tuple[str, ...] | None = getattr(_thread, "urls", None)
    return urls
