"""Fetch in threads what pip is about to ask for, and hand it over when pip asks.

pip sends one request at a time, so over a network it mostly waits. A request ahead of pip takes the same way as pip's own: through
`PipSession.send` with all rules, with the same cache, proxies, certificates and credentials. It asks nobody for a password, is
never repeated, and follows no redirect. Unless the answer is a complete 200 or 404, it is dropped, and pip asks by itself.
"""

from __future__ import annotations

import io
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from enum import Enum
from functools import partial
from typing import IO, TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from pip._vendor.requests import Request
from pip._vendor.requests.hooks import default_hooks
from pip._vendor.urllib3 import HTTPResponse
from pip._vendor.urllib3.util.retry import Retry

if TYPE_CHECKING:
    from pip._internal.network.session import PipSession
    from pip._vendor.requests import PreparedRequest, Response

CopyT = TypeVar("CopyT")

# Requests to one host that may be under way at the same time, including pip's own.
REQUESTS_PER_HOST = 8
# Seconds without a byte after which pip is left to ask by itself, at most; it may wait for longer.
TIMEOUT = 5.0
# Seconds to wait for a thread when the command ends.
_PATIENCE = 1.0
# Bytes of one body, and of all bodies that wait to be handed over. A larger body is handed over before it has been read.
LARGEST_BODY = 32 * 1024 * 1024
MOST_WAITING = 256 * 1024 * 1024
# Bytes of a file that are kept in memory before a temporary file is made.
_IN_MEMORY = 256 * 1024
_CHUNK = 256 * 1024
# The headers by which two requests for one URL can differ.
_DECIDING = ("Accept", "Accept-Encoding", "Authorization", "Cache-Control", "Range", "If-Range")
_SUCCESS = 200
# Of several indexes, most do not have a project.
_ABSENT = 404


class _State(Enum):
    """The state of a planned request."""

    QUEUED = "queued"
    SENT = "sent"
    ENDED = "ended"


class _Planned:
    """One request ahead of pip, and its response, if there is one to hand over."""

    def __init__(self, request: PreparedRequest, then: Callable[[bytes], None] | None) -> None:
        self.request = request
        self.then = then
        self.state = _State.QUEUED
        self.size = 0
        self.response: Response | None = None


class _Host:
    """The requests that wait for one host, and the threads that send them."""

    def __init__(self) -> None:
        self.queue: deque[_Planned] = deque()
        self.threads = 0
        self.slots = threading.BoundedSemaphore(REQUESTS_PER_HOST)


class Ahead:
    """What one command fetches ahead of pip."""

    def __init__(self, session: PipSession) -> None:
        self._session = without_retries(session)
        self._planned: dict[str, _Planned] = {}
        self._hosts: dict[str, _Host] = {}
        self._threads: list[threading.Thread] = []
        self._changed = threading.Condition()
        self._waiting = 0
        self._wanted: _Planned | None = None
        self._closed = False

    def plan(self, url: str, headers: Mapping[str, str], then: Callable[[bytes], None] | None = None) -> None:
        """Have a URL fetched, unless it has been planned before.

        `then` is called, in a thread, with the decoded body, which is empty where there is no such page.
        """
        request = self._session.prepare_request(Request("GET", url, headers=dict(headers)))
        # NOTE: the hook that pip registers asks for a password.
        request.hooks = default_hooks()
        url = str(request.url)
        with self._changed:
            if self._closed or url in self._planned:
                return
            planned = self._planned[url] = _Planned(request, then)
            host = self._hosts.setdefault(urlsplit(url).netloc, _Host())
            host.queue.append(planned)
            if host.threads >= REQUESTS_PER_HOST:
                return
            host.threads += 1
            thread = threading.Thread(target=self._work, args=(host,), daemon=True)
            self._threads.append(thread)
            # NOTE: started while holding the lock, so that `close` never joins a thread that has not started.
            thread.start()

    def runs_here(self) -> bool:
        """Tell whether this is one of the threads that fetch ahead."""
        return threading.current_thread() in self._threads

    def take(self, request: PreparedRequest) -> Response | None:
        """Return the response to a request of pip if it was fetched ahead, and forget it; wait for one that is on its way."""
        with self._changed:
            planned = self._planned.get(str(request.url))
            if planned is None or request.method != "GET" or not _asks_the_same(planned.request, request):
                return None
            if planned.state is _State.QUEUED:
                # pip waits for this one, so it is next
                queue = self._hosts[urlsplit(str(request.url)).netloc].queue
                queue.remove(planned)
                queue.appendleft(planned)
            self._wanted = planned
            self._changed.notify_all()
            self._changed.wait_for(lambda: planned.state is _State.ENDED)
            self._wanted = None
            response, planned.response = planned.response, None
            self._waiting -= planned.size
            planned.size = 0
            self._changed.notify_all()
        return response

    @contextmanager
    def slot(self, url: str) -> Iterator[None]:
        """Wait until pip itself may send a request to the host of a URL, beside those that are under way."""
        host = self._hosts.get(urlsplit(url).netloc)
        if host is None:
            yield
            return
        with host.slots:
            yield

    def close(self) -> None:
        """Fetch nothing more, and drop what nobody has asked for."""
        with self._changed:
            self._closed = True
            for host in self._hosts.values():
                for planned in host.queue:
                    planned.state = _State.ENDED
                host.queue.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(_PATIENCE)
        for planned in self._planned.values():
            if planned.response is not None:
                planned.response.close()
        self._planned.clear()

    def _work(self, host: _Host) -> None:
        while True:
            with self._changed:
                if not host.queue:
                    host.threads -= 1
                    return
                planned = host.queue.popleft()
                planned.state = _State.SENT
                self._changed.wait_for(partial(self._has_room_for, planned))
            # Whatever goes wrong, pip asks by itself, and says what is wrong.
            with suppress(Exception), host.slots:
                body = self._fetch(planned)
                if planned.then is not None and body is not None:
                    planned.then(body)
            with self._changed:
                planned.state = _State.ENDED
                self._changed.notify_all()

    def _has_room_for(self, planned: _Planned) -> bool:
        return self._closed or self._waiting < MOST_WAITING or planned is self._wanted

    def _fetch(self, planned: _Planned) -> bytes | None:
        """Send a request, and keep the response if it is a whole one; returns its decoded body if somebody waits for that."""
        session = self._session
        settings = session.merge_environment_settings(str(planned.request.url), session.proxies, True, None, None)
        timeout = min(TIMEOUT, session.timeout or TIMEOUT)
        response = session.send(planned.request, timeout=timeout, allow_redirects=False, **settings)
        if response.status_code not in (_SUCCESS, _ABSENT):
            response.close()
            return None
        length = response.headers.get("Content-Length", "")
        if length.isdigit() and int(length) > LARGEST_BODY:
            planned.response = response
            return None
        with response.raw as raw:
            body = self._read(raw)
        if body is None:
            return None
        size = body.tell()
        body.seek(0)
        with self._changed:
            planned.size = size
            self._waiting += size
        headers = {name: value for name, value in raw.headers.items() if name.lower() != "transfer-encoding"}
        content = None
        if planned.then is not None:
            found = response.status_code == _SUCCESS
            content = HTTPResponse(io.BytesIO(body.read()), headers, _SUCCESS).data if found else b""
            body.seek(0)
        response.raw = HTTPResponse(body, headers, response.status_code, preload_content=False)
        planned.response = response
        return content

    def _read(self, raw: HTTPResponse) -> IO[bytes] | None:
        """Read a body as it was sent; returns None if it is too large, or if the command has ended."""
        # NOTE: this file has no name, so nothing is left of it however the process ends.
        body = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 -- pip reads it, and then it is gone
        with ExitStack() as dropped:
            dropped.enter_context(body)
            for chunk in raw.stream(_CHUNK, decode_content=False):
                body.write(chunk)
                if self._closed or body.tell() > LARGEST_BODY:
                    return None
            dropped.pop_all()
        return body


def without_retries(session: PipSession) -> PipSession:
    """Return a copy of pip's session that shares its connections and its cache, and sends nothing twice."""
    copy = copied(session)
    copies = {id(adapter): copied(adapter) for adapter in session.adapters.values()}
    for adapter in copies.values():
        vars(adapter)["max_retries"] = Retry(0, read=False)
    copy.adapters = type(session.adapters)()
    copy.adapters.update((prefix, copies[id(each)]) for prefix, each in session.adapters.items())
    return copy


def copied(original: CopyT) -> CopyT:
    """Return a copy of an object that shares all of its parts."""
    # NOTE: `copy.copy` would make an adapter's pools anew, and without pip's TLS context.
    made = object.__new__(type(original))
    made.__dict__.update(original.__dict__)
    return made


def _asks_the_same(one: PreparedRequest, other: PreparedRequest) -> bool:
    return all(one.headers.get(name) == other.headers.get(name) for name in _DECIDING)
