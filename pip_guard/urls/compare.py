"""Compare the places that URLs name."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import PurePath

from pip_guard.frozen import replace
from pip_guard.urls.host import IPV4
from pip_guard.urls.location import InvalidURL, Location, parse_index, parse_location

# The folders in which indexes keep their pages, and the files of indexes that keep them on another host.
_SIMPLE = (("simple",), ("+simple",))
_FILES_ELSEWHERE = {
    "https://pypi.org/simple": "https://files.pythonhosted.org/",
    "https://test.pypi.org/simple": "https://test-files.pythonhosted.org/",
}


def index_is_approved(url: str, approved: Iterable[Location]) -> bool:
    """Tell whether an index is approved; a local one is compared by its real path."""
    try:
        index = _resolve_links(parse_index(url))
    except InvalidURL:
        return False
    return any(index == _resolve_links(other) for other in approved)


def is_below(url: str, prefixes: Iterable[Location]) -> bool:
    """Tell whether a URL equals one of the prefixes, or is below one, segment by segment."""
    try:
        place = _resolve_links(parse_location(url))
    except InvalidURL:
        return False
    return any(contains(_resolve_links(prefix), place) for prefix in prefixes)


def has_same_origin(one: Location, other: Location) -> bool:
    """Tell whether credentials for one location may be sent to another (RFC 6454)."""
    return not one.is_local and _origin(one) == _origin(other)


def is_loopback(location: Location) -> bool:
    """Tell whether a request to a location certainly stays on this machine.

    NOTE: RFC 6761 reserves every name below "localhost", but not every resolver follows it, so those do not count.
    """
    host = location.host
    return host in ("localhost", "::1") or (host.startswith("127.") and IPV4.fullmatch(host) is not None)


def folder_of(url: str) -> str:
    """Return the URL of a file's folder, without query and fragment."""
    path = url.partition("#")[0].partition("?")[0]
    scheme, slashes, rest = path.partition("://")
    folder = rest.rpartition("/")[0]
    return f"{scheme}{slashes}{folder or rest}/"


def top_folder_of(url: str) -> str:
    """Return the URL of the top folder above a file, in which an index keeps its files; of an unusable URL, the folder of the file."""
    try:
        location = parse_location(url)
    except InvalidURL:
        return folder_of(url)
    return str(replace(location, path=location.path[:-1][:1]))


def index_of_page(url: str) -> str:
    """Return the index of a project's page, or the URL itself where it does not look like one."""
    above = folder_of(url.rstrip("/"))
    try:
        return above if parse_location(above).path[-1:] in _SIMPLE else url
    except InvalidURL:
        return url


def files_of_index(url: str) -> str | None:
    """Return where an index keeps its files: beside the folder ``simple``; None where its URL does not tell."""
    try:
        location = parse_location(url)
    except InvalidURL:
        return None
    if location.path[-1:] not in _SIMPLE:
        return None
    return _FILES_ELSEWHERE.get(str(location)) or str(replace(location, path=location.path[:-1]))


def _resolve_links(location: Location) -> Location:
    if not location.is_local:
        return location
    real = os.path.normcase(os.path.realpath(location.local_path))
    return replace(location, path=PurePath(real).parts)


def contains(prefix: Location, place: Location) -> bool:
    """Tell whether a location equals a prefix, or is below it, segment by segment; links are not followed."""
    return _origin(prefix) == _origin(place) and place.path[: len(prefix.path)] == prefix.path


def _origin(location: Location) -> tuple[str, str, int | None]:
    return location.scheme, location.host, location.port
