"""Tell whether the policy approves a URL."""

from __future__ import annotations

import os
import re
from pathlib import Path

from pip_guard.policy.model import Advisories, Policy
from pip_guard.urls.compare import has_same_origin, index_is_approved, is_below, is_loopback
from pip_guard.urls.location import InvalidURL, parse_location, split_vcs

# Transports without encryption and authentication, those of version control systems included.
INSECURE = frozenset({"http", "ftp", "git", "svn", "static-http"})
# At least two characters: a single one is a Windows drive.
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


def is_local(value: str) -> bool:
    """Tell whether a value is a path or a file URL."""
    return value.lower().startswith("file:") or _SCHEME.match(value) is None


def is_approved_index(url: str, policy: Policy) -> bool:
    """Tell whether an index or a find-links page is approved."""
    return index_is_approved(url, policy.indexes.approved)


def is_approved_page(url: str, policy: Policy) -> bool:
    """Tell whether a page that lists files is, or is below, an approved index or find-links page."""
    return is_below(url, policy.indexes.approved)


def is_exempt_from_age(url: str, policy: Policy) -> bool:
    """Tell whether the files on a page are exempt from the minimum age."""
    return is_below(url, policy.releases.exempt_indexes)


def is_exempt_from_advisories(url: str, policy: Policy) -> bool:
    """Tell whether the projects on a page are never looked up in any advisory source."""
    return is_below(url, policy.advisories.exempt_indexes)


def is_kept_from_advisories(url: str, policy: Policy) -> bool:
    """Tell whether the projects on a page are not looked up because the policy does not declare them public.

    This only concerns the public service: a service or an export that the policy names may see every name.
    """
    advisories = policy.advisories
    return advisories.source == Advisories().source and not is_below(url, advisories.public_indexes)


def is_approved_folder(value: str, policy: Policy) -> bool:
    """Tell whether a local folder, given as a path or a file URL, is or is below an approved one."""
    return is_below(folder_url(value), policy.indexes.approved)


def folder_url(value: str) -> str:
    """Return the URL of a local folder that is given as a path or a file URL."""
    return value if value.lower().startswith("file:") else Path(os.path.abspath(value)).as_uri()


def is_approved_file(url: str, policy: Policy) -> bool:
    """Tell whether a file is below an approved URL."""
    return is_below(url, (*policy.indexes.file_hosts, *policy.indexes.approved))


def is_approved_repository(url: str, policy: Policy) -> bool:
    """Tell whether a repository is below an approved place, or below the place of an exception that consents to build it.

    Unless the policy locks the places, consent to build a repository is consent to its place.
    """
    if not policy.places_locked:
        return True
    consented = (entry.url for entry in policy.exceptions if entry.rule == "vcs-requirement" and entry.url is not None)
    return is_below(split_vcs(url)[1], (*policy.indexes.file_hosts, *policy.indexes.approved, *consented))


def is_approved_host(url: str, policy: Policy) -> bool:
    """Tell whether a URL has the host and port of an approved one."""
    try:
        location = parse_location(url)
    except InvalidURL:
        return False
    return any(has_same_origin(location, place) for place in (*policy.indexes.file_hosts, *policy.indexes.approved))


def is_insecure(url: str) -> bool:
    """Tell whether a URL would be requested without TLS from another machine."""
    system, place = split_vcs(url)
    try:
        location = parse_location(place)
    except InvalidURL:  # an index or a file is not approved then; a repository may be anywhere
        return system is not None
    return location.scheme in INSECURE and not is_loopback(location)


def is_approved_proxy(url: str, policy: Policy) -> bool:
    """Tell whether the policy approves a proxy; one without a scheme is http, as for pip."""
    try:
        location = parse_location(url if "://" in url else f"http://{url}")
    except InvalidURL:
        return False
    return any(has_same_origin(location, proxy) for proxy in policy.indexes.proxies)
