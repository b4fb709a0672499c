"""Find out which index a candidate comes from, and which others offer the project."""

from __future__ import annotations

import os
from collections.abc import Iterable

from pip._internal.index.package_finder import PackageFinder
from pip._internal.models.link import Link
from pip._internal.req.req_install import InstallRequirement
from pip._internal.utils.urls import url_to_path
from pip._vendor.packaging.utils import canonicalize_name

from pip_guard.approval import is_local
from pip_guard.pip_adapter.candidates import DIRECT, Listing


def find_listing(
    requirement: InstallRequirement, link: Link, finder: PackageFinder, failed_requests: Iterable[str]
) -> Listing:
    """Describe how pip came to a link that it is about to prepare."""
    page = link.comes_from
    if not isinstance(page, str):
        # NOTE: pip keeps no page for the files of a local find-links folder, and none for what is asked for directly.
        if requirement.original_link is not None or not link.is_file:
            return DIRECT
        return Listing() if _is_in_find_links(link, finder) else Listing(index=link.url)
    indexes = finder.index_urls
    index = _index_of(page, indexes)
    if index is None and _is_local_page(page, finder):
        # What a page of this machine lists elsewhere is no part of the place that was named.
        return Listing() if link.is_file else DIRECT
    if index is None:
        return Listing() if _is_find_links(page, finder) else Listing(direct=not _is_page(page), index=page)
    if len(indexes) < 2 or requirement.name is None:
        return Listing(index=index)
    offers = finder.find_all_candidates(_project(requirement))
    pages = [offer.link.comes_from for offer in offers if isinstance(offer.link.comes_from, str)]
    return Listing(
        index=index,
        offering=_indexes_of(pages, indexes),
        silent=_indexes_of([url for url in failed_requests if _is_page_of(url, _project(requirement))], indexes),
    )


def _indexes_of(pages: Iterable[str], indexes: list[str]) -> frozenset[str]:
    found = (_index_of(page, indexes) for page in pages)
    return frozenset(index for index in found if index is not None)


def _index_of(page: str, indexes: list[str]) -> str | None:
    """Return the index that a page belongs to, the most specific one where one lies below another."""
    matching = [index for index in indexes if page.startswith(index.rstrip("/") + "/")]
    return max(matching, key=len, default=None)


def _is_find_links(page: str, finder: PackageFinder) -> bool:
    return any(page == link or page.startswith(link.rstrip("/") + "/") for link in finder.find_links)


def _is_local_page(page: str, finder: PackageFinder) -> bool:
    """Tell whether a page lies on this machine, and find-links names it, or the folder that it is in."""
    return page.lower().startswith("file:") and _is_named(url_to_path(page), finder)


def _is_in_find_links(link: Link, finder: PackageFinder) -> bool:
    """Tell whether find-links names a local file, or the folder that it is in."""
    return _is_named(link.file_path, finder)


def _is_named(path: str, finder: PackageFinder) -> bool:
    # NOTE: pip takes `https://host/links/` for a folder, if one of that path exists below the working directory.
    named = {os.path.realpath(_local_path(value)) for value in finder.find_links if is_local(value)}
    return not named.isdisjoint({os.path.realpath(path), os.path.realpath(os.path.dirname(path))})


def _local_path(value: str) -> str:
    return url_to_path(value) if value.lower().startswith("file:") else value


def _is_page(page: str) -> bool:
    return "://" in page


def _is_page_of(url: str, project: str) -> bool:
    return url.rstrip("/").endswith(f"/{project}")


def _project(requirement: InstallRequirement) -> str:
    return canonicalize_name(str(requirement.name))
