"""Read the age, the releases and the provenance of projects from the pages of indexes."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin

from pip._internal.index.collector import IndexContent
from pip._internal.index.package_finder import _extract_version_from_fragment
from pip._internal.models.link import Link
from pip._vendor.packaging.version import InvalidVersion, Version

from pip_guard.facts.candidate import CandidateFacts
from pip_guard.facts.resolution import ListedFile, ProjectHistoryFacts, ProvenanceFacts
from pip_guard.facts.violation import Severity
from pip_guard.pip_adapter.index.listings import link_hashes
from pip_guard.pip_adapter.index.project_status import is_json
from pip_guard.pip_adapter.index.upload_times import in_utc
from pip_guard.policy.approval import is_exempt_from_age

if TYPE_CHECKING:
    from pip_guard.engine.session import GuardSession

NEW_PROJECT = "new-project"
LOST_PROVENANCE = "lost-provenance"
# NOTE: in JSON these bytes can only be a key, because the quotes inside of strings are escaped.
_PROVENANCE = rb'"provenance"\s*:\s*"'
_PROVENANCE_KEY = re.compile(rb'"provenance"\s*:\s*\Z')
# How many bytes before a value may be its key, with white space.
_KEY = 40
# The versions in platform tags: `manylinux_2_28_x86_64`, `manylinux2014_x86_64` and `macosx_11_0_arm64`.
_TAG_VERSION = r"(?<=linux|acosx)(?:_?\d+)+(?=_)"


class _Page(NamedTuple):
    """The files on a page, and the content of the page if it is JSON with provenance keys."""

    links: list[Link]
    content: bytes | None


class ProjectPages:
    """The pages that one command has read, by their URLs."""

    def __init__(self, session: GuardSession) -> None:
        self._session = session
        self._pages: dict[str, _Page] = {}

    def note(self, page: IndexContent, links: list[Link]) -> None:
        """Remember a page and its links, which pip keeps in memory anyway."""
        names_provenance = is_json(page) and re.search(_PROVENANCE, page.content)
        self._pages[page.url] = _Page(links, page.content if names_provenance else None)

    def history(
        self, facts: CandidateFacts, link: Link, version: str, *, installed: bool, now: datetime
    ) -> Iterator[ProjectHistoryFacts]:
        """Describe a project that may be new, if the page of its index has upload times."""
        policy = self._session.policy
        if facts.project is None or policy.severity(NEW_PROJECT, Severity.WARNING) is Severity.OFF:
            return
        url, page = self._page_of(facts.project, link)
        settled = now - policy.releases.project_age(releases=1)
        uploads = []
        for other in page.links:
            if other.upload_time is not None:
                uploads.append(in_utc(other.upload_time))
                # NOTE: pages list the oldest files first, and some list thousands: most are settled by the first.
                if uploads[-1] <= settled:
                    return
        if uploads and not is_exempt_from_age(url, policy):
            yield ProjectHistoryFacts(
                project=facts.project,
                version=version,
                origin=facts.origin,
                hashes=facts.hashes,
                first_upload=min(uploads),
                releases=len(_versions(facts.project, page.links)),
                installed=installed,
                now=now,
            )

    def provenance(self, facts: CandidateFacts, link: Link, now: datetime) -> Iterator[ProvenanceFacts]:
        """Describe a file without provenance if other files of its project have some."""
        if facts.project is None or self._session.policy.severity(LOST_PROVENANCE, Severity.ERROR) is Severity.OFF:
            return
        _, page = self._page_of(facts.project, link)
        if page.content is None or _names_provenance_of(link.filename, page.content):
            return
        attested = {file["filename"] for file in json.loads(page.content)["files"] if file.get("provenance")}
        listed = [_listed_file(facts.project, other, attested, now) for other in page.links]
        files = tuple(file for file in listed if file is not None)
        for file in files:
            if file.filename == link.filename:
                yield ProvenanceFacts(
                    project=facts.project,
                    file=file,
                    files=files,
                    origin=facts.origin,
                    now=now,
                    hashes=facts.hashes,
                )

    def provenance_of(self, project: str, link: Link) -> tuple[str, str | None]:
        """Return the page that lists a file, and the URL of the provenance that it names, or None; a name alone is not that file."""
        address, page = self._page_of(project, link)
        if address != str(link.comes_from) and not any(_is_same(link, other) for other in page.links):
            return address, None
        for file in () if page.content is None else json.loads(page.content)["files"]:
            if file["filename"] == link.filename and isinstance(file.get("provenance"), str):
                return address, urljoin(address, file["provenance"])
        return address, None

    def _page_of(self, project: str, link: Link) -> tuple[str, _Page]:
        """Return the page that lists a file; a file from a URL or a lock file is looked up by its name."""
        url = str(link.comes_from)
        if url in self._pages:
            return url, self._pages[url]
        for url, page in self._pages.items():
            if url.rstrip("/").endswith(f"/{project}") and any(other.filename == link.filename for other in page.links):
                return url, page
        return str(link.comes_from), _Page([], None)


def _is_same(link: Link, listed: Link) -> bool:
    """Tell whether a link leads to the file that a page lists: to its URL, or to one with its hash."""
    same_url = link.url_without_fragment == listed.url_without_fragment
    return same_url or not link_hashes(link).isdisjoint(link_hashes(listed))


def _versions(project: str, links: Iterable[Link]) -> set[str]:
    """Return the versions in the file names of a (normalised) project."""
    found = (_extract_version_from_fragment(link.splitext()[0], project) for link in links)
    return {version.partition("-")[0] for version in found if version}


def _names_provenance_of(filename: str, content: bytes) -> bool:
    """Tell whether a page has the provenance URL that PyPI gives a file, without parsing the page again."""
    end = content.rfind(b'/%b/provenance"' % filename.encode())
    start = content.rfind(b'"', 0, max(end, 0))
    # NOTE: a pattern that is searched from the start takes twenty times as long
    return (
        start >= 0
        and b"\\" not in content[start:end]
        and _PROVENANCE_KEY.search(content[max(start - _KEY, 0) : start]) is not None
    )


def _listed_file(project: str, link: Link, attested: Container[str], now: datetime) -> ListedFile | None:
    """Describe a file of a (normalised) project, or return None if its name has no version."""
    found = _extract_version_from_fragment(link.splitext()[0], project)
    try:
        version = Version(found.partition("-")[0] if found else "")
    except InvalidVersion:
        return None
    tags = link.splitext()[0].rpartition("-")[2].split(".") if link.is_wheel else ["sdist"]
    return ListedFile(
        filename=link.filename,
        version=str(version),
        uploaded=now if link.upload_time is None else in_utc(link.upload_time),
        attested=link.filename in attested,
        is_prerelease=version.is_prerelease,
        line=(version.epoch, version.major),
        platform=".".join(sorted({re.sub(_TAG_VERSION, "", tag) for tag in tags})),
        yanked=link.is_yanked,
    )
