"""Test that a thread is known by whom it asks."""

from __future__ import annotations

import threading

from pip_guard.pip_adapter.asking import asked_urls, asking


def test_only_the_thread_that_asks_is_known_by_it() -> None:
    seen: list[object] = []
    with asking("https://one.example", "http://proxy.example:3128"):
        thread = threading.Thread(target=lambda: seen.append(asked_urls()))
        thread.start()
        thread.join()
        seen.append(asked_urls())
    seen.append(asked_urls())
    assert seen == [None, ("https://one.example", "http://proxy.example:3128"), None]
