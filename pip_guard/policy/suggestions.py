"""Render remedies: the commands to run, and the lines to write into the policy."""

from __future__ import annotations

import json
import shlex

from pip_guard.facts.violation import Allow, Approvable, PolicyLines, Remedy, Run
from pip_guard.policy.approval import is_insecure
from pip_guard.policy.model import Indexes, Policy
from pip_guard.urls.location import InvalidURL, Location, parse_location, split_vcs


def render_remedy(remedy: str | Remedy, rule: str, policy: Policy) -> str:
    """Return the text of a remedy for what a rule found."""
    if isinstance(remedy, str):
        return remedy
    lines = (_render(step, rule, policy) for step in remedy)
    return "\n".join(line for line in lines if line is not None)


def _render(step: str | Allow | Approvable | Run | PolicyLines, rule: str, policy: Policy) -> str | None:
    match step:
        case str():
            return step
        case Allow():
            return _allow(step, rule)
        case Approvable():
            return lines_to_approve(step, policy)
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


def lines_to_approve(place: Approvable, policy: Policy) -> str | None:
    """Return the line that approves a place besides those approved already, or None for a URL that no policy should name."""
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
