"""Test how an advisory service is asked, with pip's own session."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from pip._internal.network.session import PipSession
from pip._vendor.requests import Response as Answer
from pip._vendor.requests.exceptions import ConnectionError as RequestsConnectionError
from pip._vendor.requests.exceptions import ConnectTimeout, ReadTimeout

from pip_guard import __version__
from pip_guard.advisories.interface import UnansweredError
from pip_guard.facts.requirements import SourceFacts
from pip_guard.pip_adapter.commands.guarded import GuardedCommand
from pip_guard.pip_adapter.network import advisory_session
from pip_guard.pip_adapter.network.advisory_session import AdvisorySession, asked_urls, asking
from tests.kit.authority import certificate_authority_file
from tests.kit.http_server import FaultKind, Response
from tests.kit.osv import FakeOsv, make_malware

QUESTION = b'{"queries": [{"package": {"name": "demo", "ecosystem": "PyPI"}, "version": "1.0"}]}'


@pytest.fixture(autouse=True)
def _without_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))


@pytest.fixture
def osv() -> Iterator[FakeOsv]:
    with FakeOsv() as started:
        started.add(make_malware(), "1.0")
        yield started


@pytest.fixture
def session() -> Iterator[AdvisorySession]:
    with PipSession() as made:
        made.verify = str(certificate_authority_file())
        yield AdvisorySession(made, believes=lambda proxy: True)


def ask(session: AdvisorySession, osv: FakeOsv) -> bytes:
    return session.post(f"{osv.url}/v1/querybatch", QUESTION)


def test_sends_a_question_and_gets_the_answer(session: AdvisorySession, osv: FakeOsv) -> None:
    assert b'"MAL-2026-1"' in ask(session, osv)
    assert b'"summary"' in session.get(f"{osv.url}/v1/vulns/MAL-2026-1")
    post, get = osv.requests
    assert (post.method, post.path, post.body) == ("POST", "/v1/querybatch", QUESTION)
    assert (get.method, get.path, get.body) == ("GET", "/v1/vulns/MAL-2026-1", b"")
    assert {request.user_agent for request in (post, get)} == {f"pip-guard/{__version__}"}
    assert {request.authorization for request in (post, get)} == {None}


def test_password_comes_from_netrc(session: AdvisorySession, osv: FakeOsv, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine localhost login me password secret\n")
    (tmp_path / "netrc").chmod(0o600)
    ask(session, osv)
    assert osv.requests[0].authorization == "Basic bWU6c2VjcmV0"


@pytest.mark.parametrize(
    ("status", "headers", "reason", "pause"),
    [
        pytest.param(429, {"Retry-After": "120"}, "it answered 429", 120, id="too-many-requests"),
        pytest.param(503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, "it answered 503", 60, id="until-a-date"),
        pytest.param(429, {}, "it answered 429", 60, id="without-a-time"),
        pytest.param(500, {"Retry-After": "120"}, "it answered 500", 0, id="broken"),
        pytest.param(401, {"WWW-Authenticate": "Basic"}, "it answered 401", 0, id="password-wanted"),
        pytest.param(404, {}, "it answered 404", 0, id="not-there"),
        pytest.param(204, {}, "it answered 204", 0, id="nothing"),
        pytest.param(
            302, {"Location": "https://elsewhere.example/"}, "it redirects to another place", 0, id="redirect"
        ),
    ],
)
def test_says_what_else_it_answered(
    session: AdvisorySession, osv: FakeOsv, status: int, headers: dict[str, str], reason: str, pause: float
) -> None:
    osv.replace = lambda request: Response(status=status, headers=headers)
    with pytest.raises(UnansweredError) as raised:
        ask(session, osv)
    assert (raised.value.reason, raised.value.retry_after) == (reason, pause)
    assert len(osv.requests) == 1


def test_broken_service_is_not_asked_again(session: AdvisorySession, osv: FakeOsv) -> None:
    osv.fail(FaultKind.SERVER_ERROR)
    with pytest.raises(UnansweredError):
        session.get(f"{osv.url}/v1/vulns/MAL-2026-1")
    assert len(osv.requests) == 1


@pytest.mark.parametrize("fault", [FaultKind.RESET, FaultKind.TRUNCATED])
def test_broken_connection_is_no_answer(session: AdvisorySession, osv: FakeOsv, fault: FaultKind) -> None:
    osv.fail(fault)
    with pytest.raises(UnansweredError):
        ask(session, osv)


def test_answer_of_any_size_is_not_read(
    session: AdvisorySession, osv: FakeOsv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advisory_session, "LARGEST_ANSWER", 1000)
    osv.always(200, b"x" * 1001)
    with pytest.raises(UnansweredError, match=r"^its answer is too large$"):
        ask(session, osv)


def test_answer_that_goes_on_and_on_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, 5.1])
    monkeypatch.setattr(time, "monotonic", lambda: next(times, 5.1))
    with pytest.raises(UnansweredError, match=r"^its answer takes too long$"):
        advisory_session._read(_response(b"{}"))


def _response(content: bytes) -> Answer:
    response = Answer()
    response.status_code = 200
    response.raw = io.BytesIO(content)
    return response


def test_late_answer_is_not_waited_for(session: AdvisorySession, osv: FakeOsv, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advisory_session, "READ_TIMEOUT", 0.1)
    osv.fail(FaultKind.SLOW, seconds=30)
    with pytest.raises(UnansweredError, match=r"^there was no answer within 0\.1 seconds$"):
        ask(session, osv)


def test_refused_connection_is_said_in_the_words_of_the_system(session: AdvisorySession) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(UnansweredError, match=r"^Connection refused$"):
            session.get(f"https://127.0.0.1:{closed.getsockname()[1]}/")


def test_certificate_of_another_authority_is_not_accepted(osv: FakeOsv) -> None:
    with PipSession() as strict, pytest.raises(UnansweredError, match="certificate verify failed"):
        ask(AdvisorySession(strict, believes=lambda proxy: True), osv)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        pytest.param(ConnectTimeout(), "there was no connection within 2 seconds", id="connect"),
        pytest.param(ReadTimeout(), "there was no answer within 5 seconds", id="read"),
        pytest.param(RequestsConnectionError(), "ConnectionError", id="no-text"),
        pytest.param(
            RequestsConnectionError("see https://me:secret@x.example."), "see https://me:****@x.example", id="secret"
        ),
    ],
)
def test_errors_are_said_in_words(error: RequestsConnectionError, reason: str) -> None:
    assert advisory_session._explain(error) == reason


def test_proxy_that_is_not_believed_is_not_asked(osv: FakeOsv, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "")
    proxies: list[str] = []

    def believes(proxy: str) -> bool:
        proxies.append(proxy)
        return False

    with PipSession() as made:
        session = AdvisorySession(made, believes=believes)
        with pytest.raises(
            UnansweredError, match=r"^the proxy http://me:\*\*\*\*@proxy\.example:3128 could answer in its place$"
        ):
            ask(session, osv)
    assert proxies == ["http://me:secret@proxy.example:3128"]


def test_proxy_that_cannot_be_used_is_named_as_the_reason(osv: FakeOsv, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    with PipSession() as made, pytest.raises(UnansweredError, match=r"^its proxy cannot be used$"):
        ask(AdvisorySession(made, believes=lambda proxy: True), osv)


def test_only_the_service_and_its_proxy_may_be_connected_to(
    session: AdvisorySession, osv: FakeOsv, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    original = socket.getaddrinfo

    def look_up(*arguments: object, **more: object) -> object:
        seen.append(asked_urls())
        return original(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    ask(session, osv)
    assert seen == [(f"{osv.url}/v1/querybatch",)]
    assert asked_urls() is None


# Whom a thread connects to


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
