"""Test what is fetched ahead of pip, and what is left to pip."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import pytest
from pip._internal.network.session import PipSession
from pip._internal.network.utils import HEADERS
from pip._vendor.requests import PreparedRequest, Request, Response

from pip_guard.facts.fetch import FetchFacts
from pip_guard.pip_adapter.network import ahead as module
from pip_guard.pip_adapter.network import requests
from pip_guard.pip_adapter.network.ahead import Ahead
from pip_guard.pip_adapter.resolution.foresight import PAGE
from pip_guard.pip_adapter.session import Refusal
from pip_guard.policy.model import Policy
from tests.kit.http_server import FaultKind
from tests.kit.index import LocalIndex
from tests.kit.wheels import make_wheel
from tests.unit.pip_adapter.guarded_pip import QUIET, TRY, GuardedPip

if TYPE_CHECKING:
    from pip_guard.engine.session import GuardSession


@pytest.fixture
def index() -> Iterator[LocalIndex]:
    with LocalIndex(tls=False) as index:
        yield index


@pytest.fixture
def session() -> Iterator[PipSession]:
    with PipSession() as session:
        session.auth.prompting = True
        yield session


@pytest.fixture
def ahead(session: PipSession) -> Iterator[Ahead]:
    ahead = Ahead(session)
    yield ahead
    ahead.close()


def asked(session: PipSession, url: str, method: str = "GET", **headers: str) -> PreparedRequest:
    """Prepare a request as pip does."""
    return session.prepare_request(Request(method, url, headers={**HEADERS, **headers}))


def paths(index: LocalIndex) -> list[str]:
    return [request.path for request in index.requests]


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)


def body(response: Response | None) -> bytes:
    assert response is not None
    return b"".join(response.raw.stream(1000, decode_content=False))


def test_hands_over_what_was_fetched(ahead: Ahead, session: PipSession, index: LocalIndex) -> None:
    wheel = make_wheel("demo", files={"demo.py": "x = 1\n" * 100_000})
    url = index.publish(wheel)
    ahead.plan(url, HEADERS)
    ahead.plan(url, HEADERS)
    response = ahead.take(asked(session, url))
    assert body(response) == wheel.content
    assert response is not None
    assert (response.status_code, response.headers["Content-Length"]) == (200, str(len(wheel.content)))
    assert len(index.requests) == 1
    assert ahead.take(asked(session, url)) is None


def test_tells_what_a_page_says(ahead: Ahead, session: PipSession, index: LocalIndex) -> None:
    index.publish(make_wheel("demo"))
    bodies: list[bytes] = []
    here: list[bool] = []

    def note(content: bytes) -> None:
        bodies.append(content)
        here.append(ahead.runs_here())

    ahead.plan(f"{index.url}demo/", PAGE, note)
    response = ahead.take(session.prepare_request(Request("GET", f"{index.url}demo/", headers=PAGE)))
    assert response is not None
    assert bodies == [response.content]
    assert (here, ahead.runs_here()) == ([True], False)


def test_page_is_handed_over_whatever_is_made_of_it(ahead: Ahead, session: PipSession, index: LocalIndex) -> None:
    url = index.publish(make_wheel("demo"))
    ahead.plan(url, HEADERS, lambda content: [].pop())
    assert body(ahead.take(asked(session, url)))


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        pytest.param("HEAD", {}, id="method"),
        pytest.param("GET", {"Range": "bytes=1-"}, id="range"),
        pytest.param("GET", {"Cache-Control": "max-age=0"}, id="refresh"),
        pytest.param("GET", {"Authorization": "Basic x"}, id="user"),
    ],
)
def test_other_requests_are_left_to_pip(
    ahead: Ahead, session: PipSession, index: LocalIndex, method: str, headers: dict[str, str]
) -> None:
    url = index.publish(make_wheel("demo"))
    ahead.plan(url, HEADERS)
    assert ahead.take(asked(session, url, method, **headers)) is None


@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.TRUNCATED, FaultKind.SERVER_ERROR])
def test_broken_answer_is_left_to_pip(ahead: Ahead, session: PipSession, index: LocalIndex, kind: FaultKind) -> None:
    url = index.publish(make_wheel("demo"))
    index.fail(urlsplit(url).path, kind)
    ahead.plan(url, HEADERS)
    assert ahead.take(asked(session, url)) is None
    assert len(index.requests) == 1


def test_answer_that_does_not_come_is_left_to_pip(
    ahead: Ahead, session: PipSession, index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TIMEOUT", 0.1)
    url = index.publish(make_wheel("demo"))
    index.fail(urlsplit(url).path, FaultKind.SLOW, seconds=30)
    ahead.plan(url, HEADERS)
    assert ahead.take(asked(session, url)) is None


def test_nobody_is_asked_for_a_password(ahead: Ahead, session: PipSession, index: LocalIndex) -> None:
    url = index.publish(make_wheel("demo"))
    index.credentials = ("user", "secret")
    session.auth._prompt_for_password = lambda netloc: pytest.fail("it asked")  # type: ignore[method-assign]
    ahead.plan(url, HEADERS)
    assert ahead.take(asked(session, url)) is None
    assert len(index.requests) == 1


def test_redirect_is_left_to_pip(ahead: Ahead, session: PipSession, index: LocalIndex) -> None:
    url = index.publish(make_wheel("demo"))
    index.redirect("/moved", url)
    ahead.plan(f"{index.origin}/moved", HEADERS)
    assert ahead.take(asked(session, f"{index.origin}/moved")) is None
    assert paths(index) == ["/moved"]


def test_large_body_is_handed_over_before_it_is_read(
    ahead: Ahead, session: PipSession, index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGEST_BODY", 10)
    wheel = make_wheel("demo")
    url = index.publish(wheel)
    ahead.plan(url, HEADERS)
    assert body(ahead.take(asked(session, url))) == wheel.content
    assert len(index.requests) == 1


def test_what_pip_waits_for_comes_next(
    ahead: Ahead, session: PipSession, index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REQUESTS_PER_HOST", 1)
    one, two, three = (index.publish(make_wheel(name)) for name in ("one", "two", "three"))
    index.fail(urlsplit(one).path, FaultKind.SLOW, seconds=0.3)
    ahead.plan(one, HEADERS)
    wait_for(lambda: index.requests)
    for url in (two, three):
        ahead.plan(url, HEADERS)
    assert body(ahead.take(asked(session, three)))
    assert [path.rpartition("/")[2].partition("-")[0] for path in paths(index)][:2] == ["one", "three"]


def test_fetches_no_more_than_may_wait(
    ahead: Ahead, session: PipSession, index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 0)
    url = index.publish(make_wheel("demo"))
    ahead.plan(url, HEADERS)
    time.sleep(0.1)
    assert index.requests == []
    assert body(ahead.take(asked(session, url)))


def test_no_host_gets_more_than_eight_requests_at_a_time(
    ahead: Ahead, session: PipSession, index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = [index.publish(make_wheel(f"demo{number}")) for number in range(20)]
    under_way, most, lock = 0, 0, threading.Lock()
    send = Ahead._fetch

    def counted(self: Ahead, planned: module._Planned) -> bytes | None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.02)
        try:
            return send(self, planned)
        finally:
            with lock:
                under_way -= 1

    monkeypatch.setattr(Ahead, "_fetch", counted)
    for url in urls:
        ahead.plan(url, HEADERS)
    with ahead.slot(urls[0]), ahead.slot("https://elsewhere.example/"):
        pass
    assert all(body(ahead.take(asked(session, url))) for url in urls)
    assert 1 < most <= module.REQUESTS_PER_HOST


def test_end_drops_what_nobody_asked_for(
    session: PipSession, index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REQUESTS_PER_HOST", 1)
    monkeypatch.setattr(module, "_CHUNK", 10)
    one, two = (index.publish(make_wheel(name)) for name in ("one", "two"))
    ahead = Ahead(session)
    ahead.plan(one, HEADERS)
    wait_for(lambda: len(index.requests) == 1)
    index.fail(urlsplit(two).path, FaultKind.TRICKLING, seconds=0.05)
    ahead.plan(two, HEADERS)
    ahead.plan(f"{index.url}three/", PAGE)
    wait_for(lambda: len(index.requests) == 2)
    ahead.close()
    ahead.plan(f"{index.url}four/", PAGE)
    assert ahead.take(asked(session, one)) is None
    assert len(index.requests) == 2
    assert not any(thread.is_alive() for thread in ahead._threads)


# A whole command


def test_nothing_is_fetched_ahead_that_a_rule_refuses(pip: GuardedPip, local_index: LocalIndex) -> None:
    local_index.publish(make_wheel("demo"))
    pip.policy = Policy(severities=QUIET)
    pip.refused = (FetchFacts,)
    assert pip.run(*TRY, local_index.url, "demo") == 40
    assert local_index.requests == []


def test_thread_sends_nothing_that_a_rule_refuses(session: PipSession) -> None:
    judge = SimpleNamespace(would_pass=lambda *facts: False)
    state = requests.CommandState(cast("GuardSession", judge))
    state.ahead = cast("Ahead", SimpleNamespace(runs_here=lambda: True))
    with pytest.raises(Refusal):
        requests.send(
            state, lambda *_, **__: pytest.fail("it was sent"), session, asked(session, "https://index.example/")
        )


def test_proxy_of_what_is_fetched_ahead_is_judged(pip: GuardedPip, local_index: LocalIndex) -> None:
    pip.policy = Policy(severities=QUIET)
    pip.run(*TRY, "https://index.example/simple/", "--retries=0", f"--proxy={local_index.origin}", "demo")
    url = "https://index.example/simple/demo/"
    # by the thread, and by pip
    assert pip.facts(FetchFacts) == [FetchFacts(url=url, proxy=local_index.origin)] * 2
    assert pip.state.proxies == {local_index.origin}


def test_index_that_pip_ignores_is_not_asked(pip: GuardedPip) -> None:
    pip.policy = Policy(severities=QUIET)
    pip.run(*TRY, "http://index.example/simple/", "--retries=0", "demo")
    assert pip.facts(FetchFacts) == []
