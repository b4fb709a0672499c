"""Find out which index a candidate comes from, and which others offer the project."""

from __future__ import annotations

import os
from collections.abc import Iterable, Set
from urllib.parse import unquote

from pip._internal.index.package_finder import LinkEvaluator, LinkType, PackageFinder
from pip._internal.models.link import Link
from pip._internal.req.req_install import InstallRequirement
from pip._internal.utils.urls import url_to_path
from pip._vendor.packaging.utils import canonicalize_name

from pip_guard.frozen import frozen
from pip_guard.names.normalize import normalize_name
from pip_guard.policy.approval import is_local
from pip_guard.urls.compare import is_below
from pip_guard.urls.location import InvalidURL, parse_index
from pip_guard.urls.redaction import redact


@frozen
class Listing:
    """Where pip found a link: it was requested by URL (`direct`), or a page of an index or a find-links folder lists it."""

    direct: bool = False
    index: str | None = None
    offering: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()


DIRECT = Listing(direct=True)


class Offers:
    """The pages that list files of each project, even files that do not suit this interpreter."""

    def __init__(self) -> None:
        self._pages: dict[str, set[str]] = {}

    def note(self, evaluator: LinkEvaluator, link: Link, verdict: LinkType) -> None:
        """Remember the page of a link that pip has evaluated."""
        page = link.comes_from
        project = evaluator.project_name
        known = self._pages.setdefault(project, set())
        if isinstance(page, str) and page not in known and _is_file_of(project, link, verdict):
            known.add(page)

    def pages(self, project: str) -> Set[str]:
        """Return the pages that list files of a (normalised) project."""
        return {page for name, pages in self._pages.items() if normalize_name(name) == project for page in pages}


def find_listing(
    requirement: InstallRequirement,
    link: Link,
    finder: PackageFinder,
    *,
    offers: Offers,
    failed_requests: Iterable[str],
) -> Listing:
    """Describe where pip found a link that it is about to prepare."""
    page = link.comes_from
    if not isinstance(page, str):
        # NOTE: pip keeps no page for the files of a local find-links folder, and none for what is asked for directly.
        if requirement.original_link is not None or not link.is_file:
            return DIRECT
        return Listing() if _is_named(link.file_path, finder) else Listing(index=link.url)
    indexes = finder.index_urls
    index = index_of(page, indexes)
    if index is None and page.lower().startswith("file:") and _is_named(url_to_path(page), finder):
        # A remote file that a local page lists does not belong to the place that was named.
        return Listing() if link.is_file else DIRECT
    if index is None:
        # a find-links page on the network, or a page of no named place
        return Listing(direct="://" not in page, index=page)
    if len(indexes) < 2 or requirement.name is None:
        return Listing(index=redact(index))
    project = canonicalize_name(requirement.name)
    return Listing(
        index=redact(index),
        offering=_indexes_of(offers.pages(project), indexes),
        silent=silent_indexes(failed_requests, project, indexes),
    )


def _is_file_of(project: str, link: Link, verdict: LinkType) -> bool:
    """Tell whether a link is a file of the project, even one that is hidden or for another platform."""
    if verdict in (LinkType.candidate, LinkType.different_project):
        return verdict is LinkType.candidate
    return normalize_name(link.egg_fragment or link.filename).startswith(f"{normalize_name(project)}-")


def silent_indexes(failed_requests: Iterable[str], project: str, indexes: list[str]) -> frozenset[str]:
    """Return the indexes that did not answer when they were asked for the page of a (normalised) project."""
    return _indexes_of([url for url in failed_requests if url.rstrip("/").endswith(f"/{project}")], indexes)


def _indexes_of(pages: Iterable[str], indexes: list[str]) -> frozenset[str]:
    found = (index_of(page, indexes) for page in pages)
    return frozenset(redact(index) for index in found if index is not None)


def index_of(page: str, indexes: list[str]) -> str | None:
    """Return the index that a page belongs to, the most specific one where one lies below another.

    Of several spellings of one index it is always the first.
    """
    matching = [index for index in indexes if _lists(index, page)]
    return matching[0] if len(matching) == 1 else max(matching, key=_depth, default=None)


def _lists(index: str, page: str) -> bool:
    """Tell whether a page belongs to an index; its address holds no credentials, and is spelled in the normal way."""
    if page.startswith(index.rstrip("/") + "/"):
        return True
    try:
        return is_below(page, [parse_index(index)])
    except InvalidURL:
        return False


def _depth(index: str) -> int:
    try:
        return len(parse_index(index).path)
    except InvalidURL:
        return index.count("/")


def _is_named(path: str, finder: PackageFinder) -> bool:
    """Tell whether find-links names a local file, or the folder that it is in."""
    # NOTE: pip takes `https://host/links/` for a folder, if one of that path exists below the working directory.
    named = {os.path.realpath(local_path(value)) for value in finder.find_links if is_local(value)}
    return not named.isdisjoint({os.path.realpath(path), os.path.realpath(os.path.dirname(path))})


def local_path(value: str) -> str:
    """Return the path that a path or a file URL stands for."""
    return url_to_path(value) if value.lower().startswith("file:") else value


def link_hashes(link: Link) -> frozenset[str]:
    """Return the hash that a link states, as ``sha256:...``, or nothing."""
    return frozenset() if link.hash_name is None else frozenset({f"{link.hash_name}:{link.hash}"})


def project_of(page: str) -> str:
    """Return the (normalised) project that a page of an index is about, according to its address."""
    return normalize_name(unquote(page.rstrip("/").rpartition("/")[2]))
