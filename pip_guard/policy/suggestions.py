"""Write the lines of a policy that would approve a place, so that nobody drops what is approved already."""

from __future__ import annotations

import json

from pip_guard.facts.violation import Approvable
from pip_guard.policy.approval import is_insecure
from pip_guard.policy.model import Indexes, Policy
from pip_guard.urls.location import InvalidURL, Location, parse_location


def lines_to_approve(place: Approvable, policy: Policy) -> str | None:
    """Return what to write, and where, or None for a URL that no policy should name."""
    if place.key != "proxies" and is_insecure(place.url):
        return None
    try:
        new = parse_location(place.url)
    except InvalidURL:
        return None
    values = [str(location) for location in _present(policy.indexes, place.key)]
    line = f"{place.key} = {json.dumps([*values, str(new)], ensure_ascii=False)}"
    return f"In {policy.path or 'the policy'}:\n[indexes]\n{line}"


def _present(indexes: Indexes, key: str) -> tuple[Location, ...]:
    match key:
        case "approved":
            return indexes.approved
        case "file-hosts":
            return indexes.file_hosts
        case _:
            return indexes.proxies
