"""Decide whether an advisory affects a release, as https://ossf.github.io/osv-schema/#evaluation defines it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pip_guard.advisories.interface import Release
from pip_guard.advisories.records import Affected, Event, Record
from pip_guard.advisories.versions import canonical, lowest, parse
from pip_guard.facts.resolution import Advisory

if TYPE_CHECKING:
    from packaging.version import Version

_BEFORE_ALL = "0"
_INFINITY = "*"


def describe(record: Record, release: Release) -> Advisory:
    """Return what a record says about a release that it affects."""
    return Advisory(
        id=record.id,
        malicious=record.malicious,
        summary=record.summary,
        aliases=record.aliases,
        fixed=find_fixes(release.version, record.affected.get(release.project, ())),
    )


def is_affected(version: str, affected: Iterable[Affected]) -> bool:
    """Tell whether a version is affected."""
    spelling = canonical(version)
    return any(
        spelling in entry.versions or any(_is_in_range(version, events) for events in entry.ranges)
        for entry in affected
    )


def find_fixes(version: str, affected: Iterable[Affected]) -> tuple[str, ...]:
    """Return the versions above this one that fix the problem, lowest first."""
    wanted = parse(version)
    fixes = {
        fixed: parsed
        for entry in affected
        for events in entry.ranges
        for kind, fixed in events
        if kind == "fixed" and (parsed := parse(fixed)) is not None
    }
    return tuple(sorted((fixed for fixed in fixes if wanted is None or fixes[fixed] > wanted), key=fixes.__getitem__))


def _is_in_range(version: str, events: tuple[Event, ...]) -> bool:
    wanted = parse(version)
    if wanted is None:
        return True
    limits = [limit for kind, limit in events if kind == "limit"]
    if limits and not any(_is_before_limit(wanted, limit) for limit in limits):
        return False
    affected = False
    # NOTE: the sort is stable: of several events with the same version, the last in the record counts.
    for kind, parsed in sorted(_parse_events(events), key=lambda event: event[1]):
        match kind:
            case "introduced" if wanted >= parsed:
                affected = True
            case "fixed" if wanted >= parsed:
                affected = False
            case "last_affected" if wanted > parsed:
                affected = False
            case _:
                pass
    return affected


def _parse_events(events: tuple[Event, ...]) -> Iterable[tuple[str, Version]]:
    """Yield events with parsed versions; in doubt, a range begins at the first version and does not end."""
    for kind, text in events:
        if kind == "limit":
            continue
        parsed = parse(text)
        if kind == "introduced" and (parsed is None or text == _BEFORE_ALL):
            parsed = lowest()
        if parsed is not None:
            yield kind, parsed


def _is_before_limit(wanted: Version, limit: str) -> bool:
    parsed = None if limit == _INFINITY else parse(limit)
    return parsed is None or wanted < parsed
