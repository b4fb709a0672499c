"""Ask an advisory service, and nobody else, with pip's own session: through its proxy and with its certificates.

The rules do not judge these requests, because the policy itself names the service. So nothing else may be contacted:
redirects are not followed, and the thread that asks can connect to the service or its proxy only.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pip._vendor.requests import Request, Session
from pip._vendor.requests.exceptions import ConnectTimeout, ProxyError, RequestException, Timeout
from pip._vendor.requests.utils import select_proxy

from pip_guard import __version__
from pip_guard.advisories.interface import UnansweredError
from pip_guard.urls.redaction import redact

if TYPE_CHECKING:
    from pip._vendor.requests import Response

# Seconds.
CONNECT_TIMEOUT = 2
READ_TIMEOUT = 5
# Enough for a thousand releases with a thousand advisories each.
LARGEST_ANSWER = 32 * 1024 * 1024
CHUNK = 64 * 1024
HEADERS = {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": f"pip-guard/{__version__}"}
# The status codes of a service that is overloaded.
BUSY = frozenset({429, 503})
# Seconds, where such a service gives a date or no time.
USUAL_PAUSE = 60.0

_thread = threading.local()


@contextmanager
def asking(*urls: str) -> Iterator[None]:
    """Let this thread, in this context, connect only to the hosts of these URLs."""
    _thread.urls = urls
    try:
        yield
    finally:
        del _thread.urls


def asked_urls() -> tuple[str, ...] | None:
    """Return the URLs to whose hosts this thread may connect, or None if it asks no advisory service."""
    urls: tuple[str, ...] | None = getattr(_thread, "urls", None)
    return urls


class AdvisorySession:
    """A session for one service; `believes` says whether a proxy is one that may see, and could forge, its answers."""

    def __init__(self, session: Session, *, believes: Callable[[str], bool]) -> None:
        # NOTE: pip would ask for a password at the terminal; without its authentication, requests looks into .netrc.
        session.auth = None
        self._session = session
        self._believes = believes

    def post(self, url: str, body: bytes) -> bytes:
        """Send a JSON document, and return the body of the answer. Raises `UnansweredError`."""
        return self._exchange("POST", url, body)

    def get(self, url: str) -> bytes:
        """Return the body of a document. Raises `UnansweredError`."""
        return self._exchange("GET", url, None)

    def _exchange(self, method: str, url: str, body: bytes | None) -> bytes:
        try:
            request = self._session.prepare_request(Request(method, url, data=body, headers=HEADERS))
            settings = self._session.merge_environment_settings(url, {}, True, None, None)
            proxy = select_proxy(url, settings["proxies"])
            if proxy is not None and not self._believes(proxy):
                raise UnansweredError(f"the proxy {redact(proxy)} could answer in its place")
            timeout = (CONNECT_TIMEOUT, READ_TIMEOUT)
            with asking(*filter(None, (url, proxy))):
                # NOTE: not the session's own method, which is the one that lets the rules judge pip's requests.
                response = Session.send(self._session, request, timeout=timeout, allow_redirects=False, **settings)
            with response:
                return _read(response)
        except RequestException as error:
            raise UnansweredError(_explain(error)) from None


def _read(response: Response) -> bytes:
    if response.status_code in BUSY:
        wanted = response.headers.get("Retry-After", "")
        pause = float(wanted) if wanted.isdecimal() else USUAL_PAUSE
        raise UnansweredError(f"it answered {response.status_code}", retry_after=pause)
    if response.is_redirect:
        raise UnansweredError("it redirects to another place")
    if response.status_code != 200:
        raise UnansweredError(f"it answered {response.status_code}")
    until = time.monotonic() + READ_TIMEOUT
    content = bytearray()
    for chunk in response.iter_content(CHUNK):
        content += chunk
        if len(content) > LARGEST_ANSWER:
            raise UnansweredError("its answer is too large")
        if time.monotonic() > until:
            raise UnansweredError("its answer takes too long")
    return bytes(content)


def _explain(error: RequestException) -> str:
    match error:
        case ConnectTimeout():
            return f"there was no connection within {CONNECT_TIMEOUT} seconds"
        case Timeout():
            return f"there was no answer within {READ_TIMEOUT} seconds"
        case ProxyError():
            return "its proxy cannot be used"
        case _:
            return _innermost(error)


def _innermost(error: BaseException) -> str:
    """Return what the operating system, or the library at the bottom, says of an error."""
    cause = error
    while (deeper := cause.__cause__ or cause.__context__) is not None:
        cause = deeper
    text = getattr(cause, "strerror", None) or str(cause)
    return redact(str(text)).rstrip(".") or type(cause).__name__
