"""Read from the pages of indexes since when a project has had files, and how many releases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from pip._internal.index.package_finder import _extract_version_from_fragment
from pip._internal.models.link import Link

from pip_guard.facts.candidate import CandidateFacts
from pip_guard.facts.resolution import ProjectHistoryFacts
from pip_guard.facts.violation import Severity
from pip_guard.policy.approval import is_exempt_from_age

if TYPE_CHECKING:
    from pip_guard.engine.session import GuardSession

RULE = "new-project"


class ProjectPages:
    """The files that the pages read by one command list, by the address of the page."""

    def __init__(self, session: GuardSession) -> None:
        self._session = session
        self._pages: dict[str, list[Link]] = {}

    def note(self, url: str, links: list[Link]) -> None:
        """Remember what a page lists; pip keeps these links as well."""
        self._pages[url] = links

    def history(
        self, facts: CandidateFacts, link: Link, version: str, *, installed: bool, now: datetime
    ) -> Iterator[ProjectHistoryFacts]:
        """Describe a project that may be new, from the page that lists one of its files, if that gives upload times."""
        policy = self._session.policy
        if facts.project is None or policy.severity(RULE, Severity.WARNING) is Severity.OFF:
            return
        url, links = self._page_of(facts.project, link)
        settled = now - policy.releases.project_age(releases=1)
        uploads = []
        for other in links:
            if other.upload_time is not None:
                uploads.append(_in_utc(other.upload_time))
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
                releases=len(_versions(facts.project, links)),
                installed=installed,
                now=now,
            )

    def _page_of(self, project: str, link: Link) -> tuple[str, list[Link]]:
        """Return the page that lists a file, found by the file's name where a lock file or the user gave its address."""
        page = str(link.comes_from)
        if page in self._pages:
            return page, self._pages[page]
        for url, links in self._pages.items():
            if url.rstrip("/").endswith(f"/{project}") and any(other.filename == link.filename for other in links):
                return url, links
        return page, []


def _in_utc(moment: datetime) -> datetime:
    # NOTE: an index has to mean UTC where it names no zone (PEP 700).
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)


def _versions(project: str, links: Iterable[Link]) -> set[str]:
    """Return the versions of the files of a (normalised) project; a file whose name gives none is not counted."""
    found = (_extract_version_from_fragment(link.splitext()[0], project) for link in links)
    return {version.partition("-")[0] for version in found if version}
