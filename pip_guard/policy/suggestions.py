"""Render remedies: the commands to run, and the lines to write into the policy."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence

from pip_guard.facts.violation import Allow, Approvable, Approve, PolicyLines, Remedy, Run
from pip_guard.policy.approval import is_insecure
from pip_guard.policy.model import Policy
from pip_guard.urls.compare import files_of_index
from pip_guard.urls.location import InvalidURL, Location, parse_location, split_vcs


def render_remedy(remedy: str | Remedy, rule: str, policy: Policy) -> str:
    """Return the text of a remedy for what a rule found."""
    if isinstance(remedy, str):
        return remedy
    return "\n".join(line for step in remedy if (line := _render(step, rule, policy)))


def _render(step: str | Allow | Approve | Run | PolicyLines, rule: str, policy: Policy) -> str:
    match step:
        case str():
            return step
        case Allow():
            return _allow(step, rule)
        case Approve():
            return lines_to_approve(step.places, policy)
        case Run():
            return f"pip-guard {shlex.join(step.arguments)}"
        case _:
            return step.lines


def _allow(step: Allow, rule: str) -> str:
    release = f"{step.project}=={step.version}" if step.version else step.project
    words = ["pip-guard", "guard", "allow", rule, *([release] if release else [])]
    if step.hash is not None:
        words += ["--hash", step.hash]
    if step.url is not None:
        words += ["--url", _place(step.url)]
    return f'{shlex.join(words)} --reason "..."'


def _place(url: str) -> str:
    """Return the place of a URL, without credentials and without the reference of a repository."""
    place = split_vcs(url)[1]
    try:
        return str(parse_location(place))
    except InvalidURL:
        return place


def approve(key: str, url: str, table: str = "indexes") -> Approve:
    """Return the step that adds one URL to a key of the policy."""
    return Approve((Approvable(key, url, table),))


def approve_index(url: str) -> Approve:
    """Return the step that approves an index and, where its URL tells where they are, its files."""
    files = files_of_index(url)
    return Approve((Approvable("approved", url), *([] if files is None else [Approvable("file-hosts", files)])))


def lines_to_approve(places: Sequence[Approvable], policy: Policy) -> str:
    """Return the lines that add places to those in the policy, or nothing for URLs that no policy should name."""
    lines = "".join(_line_to_approve(place, policy) for place in places)
    return f"In {policy.path or 'the policy'}:\n[{places[0].table}]{lines}" if lines else ""


def _line_to_approve(place: Approvable, policy: Policy) -> str:
    if place.key != "proxies" and is_insecure(place.url):
        return ""
    try:
        new = parse_location(place.url)
    except InvalidURL:
        return ""
    # the fields of the model are called like the keys of the policy
    present: tuple[Location, ...] = getattr(getattr(policy, place.table), place.key.replace("-", "_"))
    if new in present:
        return ""
    return f"\n{place.key} = {json.dumps([str(location) for location in (*present, new)], ensure_ascii=False)}"
