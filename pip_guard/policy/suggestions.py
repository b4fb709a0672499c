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

# What stands for the lines of a policy where several refusals need some.
_BELOW = "The lines to add are below, with the others."
_TOGETHER = "These lines approve all of the above; leave out what you do not trust."


def render_remedy(remedy: str | Remedy, rule: str, policy: Policy) -> str:
    """Return the text of a remedy for what a rule found."""
    if isinstance(remedy, str):
        return remedy
    return "\n".join(line for step in remedy if (line := _render(step, rule, policy)))


def gather_approvals(remedies: Sequence[str | Remedy], policy: Policy) -> list[str | Remedy]:
    """Have the last of several remedies that approve places approve all of them: lines written one by one would undo each other."""
    approvals = [_approvals(remedy, policy) for remedy in remedies]
    gathered = list(remedies)
    for table in {step.places[0].table for steps in approvals for step in steps}:
        # NOTE: a remedy has one step a table
        steps = {i: step for i, own in enumerate(approvals) for step in own if step.places[0].table == table}
        if len(steps) < 2:
            continue
        together = Approve(tuple(dict.fromkeys(place for step in steps.values() for place in step.places)))
        for position, step in steps.items():
            instead: Remedy = (_TOGETHER, together) if position == max(steps) else (_BELOW,)
            gathered[position] = tuple(
                new for each in gathered[position] for new in (instead if each is step else (each,))
            )
    return gathered


def _approvals(remedy: str | Remedy, policy: Policy) -> list[Approve]:
    """Return the steps of a remedy that come to lines of a policy."""
    steps = () if isinstance(remedy, str) else remedy
    return [step for step in steps if isinstance(step, Approve) and lines_to_approve(step.places, policy)]


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
    """Return the lines that add places of one table to those in the policy, or nothing for URLs that no policy should name."""
    table = places[0].table
    lines = ""
    for key in dict.fromkeys(place.key for place in places):
        # the fields of the model are called like the keys of the policy
        present: tuple[Location, ...] = getattr(getattr(policy, table), key.replace("-", "_"))
        named = (_location(place) for place in places if place.key == key)
        new = [str(location) for location in dict.fromkeys(named) if location is not None and location not in present]
        if new:
            lines += f"\n{key} = {json.dumps([*map(str, present), *new], ensure_ascii=False)}"
    return f"In {policy.path or 'the policy'}:\n[{table}]{lines}" if lines else ""


def _location(place: Approvable) -> Location | None:
    """Return the place that a policy may name, if any."""
    if place.key != "proxies" and is_insecure(place.url):
        return None
    try:
        return parse_location(place.url)
    except InvalidURL:
        return None
