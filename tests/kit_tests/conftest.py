"""Fixtures for the tests of the kit, which need pip alone."""

from __future__ import annotations

import shutil
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPResponse
from ssl import create_default_context
from urllib.error import HTTPError

import pytest

from tests.kit.folders import new_folder
from tests.kit.index import LocalIndex
from tests.kit.workspace import Workspace

Fetch = Callable[..., "Fetched"]


class Fetched:
    """An answer of an index."""

    def __init__(self, response: HTTPResponse | HTTPError) -> None:
        self.status = response.status
        self.content_type = response.headers["Content-Type"]
        self.content_range = response.headers["Content-Range"]
        self.body = response.read()
        self.text = self.body.decode(errors="replace")


@pytest.fixture
def workspace(index: LocalIndex) -> Iterator[Workspace]:
    """Make a place to run pip, without pip-guard."""
    folder = new_folder("workspace-")
    yield Workspace(folder, index, with_guard=False)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def fetch(index: LocalIndex) -> Fetch:
    """Fetch a URL in this process; a status that is an error is an answer too."""
    context = create_default_context(cafile=str(index.ca_path))
    handlers = urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    opener = urllib.request.build_opener(*handlers)

    def fetch(url: str, headers: Mapping[str, str] | None = None, *, body: bytes | None = None) -> Fetched:
        request = urllib.request.Request(url, headers=dict(headers or {}), data=body)
        try:
            with opener.open(request, timeout=10) as response:
                return Fetched(response)
        except HTTPError as error:
            with error:
                return Fetched(error)

    return fetch
