"""Read the status of projects from the pages of an index (PEP 792), which pip ignores.

https://packaging.python.org/en/latest/specifications/project-status-markers/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple

from pip._internal.index.collector import IndexContent
from pip._internal.models.link import Link

from pip_guard.facts.resolution import ProjectStatus
from pip_guard.pip_adapter.index.listings import project_of

# NOTE: pages can be large, and are parsed by pip already. In a JSON document these bytes can only be a key, or a string of
# exactly this text, because the quotes inside of strings are escaped.
_KEY = b'"project-status"'
_OBJECT = re.compile(rb'"project-status"\s*:\s*(?=\{)')
_LONGEST_OBJECT = 64 * 1024
_META = b"pypi:project-status"
_FIRST_LINK = re.compile(rb"<a\s", re.IGNORECASE)
_JSON_TYPE = "application/vnd.pypi.simple.v1+json"


class StatedStatus(NamedTuple):
    """The status of a project, and the reason that its index gives, if any."""

    status: ProjectStatus
    reason: str


class ProjectStates:
    """The project statuses on the pages that one command has read."""

    def __init__(self) -> None:
        self._pages: dict[str, StatedStatus] = {}

    def note(self, page: IndexContent) -> None:
        """Remember the status on a page."""
        state = _read_json(page.content) if is_json(page) else _read_html(page.content)
        if state is not None:
            self._pages[page.url] = state

    def of_link(self, link: Link, project: str) -> StatedStatus | None:
        """Return the status of the project whose page lists a link.

        A file that a lock file or a URL names is on no page: for it, any index may say that its (normalised) project is not active.
        """
        if isinstance(link.comes_from, str) and "://" in link.comes_from:
            return self._pages.get(link.comes_from)
        states = self.of_project(project)
        return next((state for state in states if state.status is not ProjectStatus.ACTIVE), None)

    def of_project(self, project: str) -> Iterator[StatedStatus]:
        """Return the statuses that indexes give a (normalised) project."""
        for url, state in self._pages.items():
            if project_of(url) == project:
                yield state


def is_json(page: IndexContent) -> bool:
    """Tell whether a page is in the JSON form of the simple API (PEP 691)."""
    return page.content_type.lower().startswith(_JSON_TYPE)


def _read_json(content: bytes) -> StatedStatus | None:
    found = _OBJECT.search(content) if _KEY in content else None
    if found is None:
        return None
    text = content[found.end() : found.end() + _LONGEST_OBJECT].decode("utf-8", "replace")
    try:
        value, _ = json.JSONDecoder().raw_decode(text)
    except ValueError:
        return None
    return _state(value.get("status"), value.get("reason"))


def _read_html(content: bytes) -> StatedStatus | None:
    if _META not in content:
        return None
    first = _FIRST_LINK.search(content)
    head = _Head()
    head.feed(content[: first.start() if first else len(content)].decode("utf-8", "replace"))
    return _state(head.meta.get("pypi:project-status"), head.meta.get("pypi:project-status-reason"))


def _state(status: object, reason: object) -> StatedStatus | None:
    # An unknown state, perhaps of a later specification, is ignored.
    known = {known.value: known for known in ProjectStatus}
    if not isinstance(status, str) or status not in known:
        return None
    return StatedStatus(known[status], reason if isinstance(reason, str) else "")


class _Head(HTMLParser):
    """Reads the meta elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember a meta element."""
        attributes = dict(attrs)
        if tag == "meta" and attributes.get("name"):
            self.meta.setdefault(str(attributes["name"]), attributes.get("content") or "")
