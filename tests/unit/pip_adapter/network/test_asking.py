"""Test that a thread is known by whom it asks, and connects to nobody else."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from pip_guard.facts.requirements import SourceFacts
from pip_guard.pip_adapter.commands.guarded import GuardedCommand
from pip_guard.pip_adapter.network.asking import asked_urls, asking


def test_only_the_thread_that_asks_is_known_by_it() -> None:
    seen: list[object] = []
    with asking("https://one.example", "http://proxy.example:3128"):
        thread = threading.Thread(target=lambda: seen.append(asked_urls()))
        thread.start()
        thread.join()
        seen.append(asked_urls())
    seen.append(asked_urls())
    assert seen == [None, ("https://one.example", "http://proxy.example:3128"), None]


@pytest.mark.parametrize(
    ("host", "port", "permitted"),
    [
        pytest.param("osv.example", 443, True, id="service"),
        pytest.param("proxy.example", 3128, True, id="proxy"),
        pytest.param("osv.example", 80, False, id="other-port"),
        pytest.param("evil.osv.example", 443, False, id="other-host"),
        pytest.param("osv.example", None, False, id="no-port"),
    ],
)
def test_thread_that_asks_connects_to_the_service_or_its_proxy(host: str, port: int | None, permitted: bool) -> None:
    command = SimpleNamespace(sources=SourceFacts())
    refused = False
    with asking("https://osv.example/v1/querybatch", "me:secret@proxy.example:3128"):
        try:
            GuardedCommand.may_connect(command, host, port)  # type: ignore[arg-type]
        except PermissionError:
            refused = True
    assert refused is not permitted
