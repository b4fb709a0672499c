"""Fetch index pages that pip itself does not need, to look up files that a URL or a lock file names.

Each page is requested once, with a timeout of two seconds in all, and without a prompt for a password. An index that does not answer
is not asked again. After a failure, the age of the file and the status of its project are unknown.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from pip._internal.exceptions import PipError
from pip._internal.index.collector import _get_simple_response, _make_index_content, parse_links
from pip._internal.models.link import Link
from pip._vendor.requests.exceptions import RequestException

from pip_guard.pip_adapter.network.ahead import copied, without_retries
from pip_guard.policy.approval import is_local

if TYPE_CHECKING:
    from pip._internal.index.collector import IndexContent
    from pip._internal.network.session import PipSession

# Seconds to wait for the pages of one project.
TIMEOUT = 2
# Bytes of a document. The provenance of a file has some 10 to 60 kB.
_LARGEST = 4 << 20
# The status codes of an index that would refuse every request; None if it did not respond.
_REFUSING = frozenset({None, 401, 403, 407, 429})


class AskedPage(NamedTuple):
    """A page of an index, and the files that it lists."""

    content: IndexContent
    links: list[Link]


class AskedPages:
    """The pages that one command has asked for, by their URLs."""

    def __init__(self) -> None:
        self._answers: dict[str, AskedPage | None] = {}
        self._silent: set[str] = set()
        self._here = threading.local()

    def runs_here(self) -> bool:
        """Tell whether this thread asks for a page."""
        return getattr(self._here, "asks", False)

    def ask(self, urls: Iterable[str], session: PipSession) -> Iterator[AskedPage]:
        """Yield the pages at these URLs that could be fetched and parsed."""
        urls = list(urls)
        deadline = time.monotonic() + TIMEOUT
        threads = {
            url: threading.Thread(target=self._answer, args=(url, session), daemon=True)
            for url in urls
            if url not in self._answers and _host(url) not in self._silent
        }
        for thread in threads.values():
            thread.start()
        for url, thread in threads.items():
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                self._silent.add(_host(url))
        for url in urls:
            # NOTE: an answer that arrives later is ignored, so that the outcome does not depend on timing.
            page = self._answers.setdefault(url, None)
            if page is not None:
                yield page

    def fetch(self, url: str, session: PipSession) -> Callable[[], bytes | None]:
        """Start to fetch a document, and return a function that waits for it; it returns None if nothing has come in time."""
        found: list[bytes] = []

        def run() -> None:
            self._here.asks = True
            with suppress(Exception):
                with _impatient(session).get(url, headers={"Accept": "application/json"}, stream=True) as response:
                    response.raise_for_status()
                    content = response.raw.read(_LARGEST + 1, decode_content=True)
                if len(content) <= _LARGEST:
                    found.append(content)

        thread = threading.Thread(target=run, daemon=True)
        deadline = time.monotonic() + TIMEOUT
        thread.start()

        def wait() -> bytes | None:
            thread.join(max(0.0, deadline - time.monotonic()))
            return found[0] if found else None

        return wait

    def _answer(self, url: str, session: PipSession) -> None:
        self._here.asks = True
        page = None
        # Whatever goes wrong, pip can do without the answer.
        with suppress(Exception):
            try:
                address = f"{url}index.html" if is_local(url) else url
                with _get_simple_response(address, _impatient(session)) as response:
                    content = _make_index_content(response)
                page = AskedPage(content, list(parse_links(content)))
            except (PipError, RequestException) as error:
                if getattr(getattr(error, "response", None), "status_code", None) in _REFUSING:
                    self._silent.add(_host(url))
        self._answers.setdefault(url, page)


def _impatient(session: PipSession) -> PipSession:
    """Return a copy of pip's session that waits a short while, tries once, and asks for no password."""
    copy = without_retries(session)
    copy.timeout = TIMEOUT
    copy.auth = copied(session.auth)
    vars(copy.auth)["prompting"] = False
    return copy


def _host(url: str) -> str:
    return urlsplit(url).netloc
