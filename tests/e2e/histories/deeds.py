"""What a command has said and done, as far as it can be told from outside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from tests.kit.run import Completed
from tests.kit.twins import Outcome

# What says that a release has come: its metadata in a folder of installed ones, or a file of it.
ARRIVAL = re.compile(r"(?:.*/)?([\w.]+)-(\d+\.\d+)(?:\.dist-info/METADATA|-[^/]*\.whl|\.tar\.gz)")
ASKED_FOR = re.compile(r"/simple/([^/]+)/")
ASKED_FILE = re.compile(r"/files/([\w.]+)-(\d+\.\d+)(?:-[^/]*\.whl|\.tar\.gz)(?:\.metadata)?")
REUSED = re.compile(r"^ +Using cached ([\w.]+)-(\d+\.\d+)-[^/\s]*\.whl$", re.MULTILINE)
HELD_BACK = re.compile(r"^note: \S+ \S+ is held back until .*\n?", re.MULTILINE)
REFUSAL = re.compile(r"^error: ([a-z-]+)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed:
    """What a command has said and done."""

    ended: Completed
    told: Outcome
    changes: Mapping[str, str | None]
    marks: frozenset[str]
    requests: tuple[str, ...]
    rogue_requests: tuple[str, ...]
    leftovers: tuple[str, ...]

    @property
    def effects(self) -> tuple[int, str, Mapping[str, str | None]]:
        """What has to be the same for pip-guard as for pip; what it warns of comes on top."""
        return self.told.code, self.told.stdout, self.changes

    @property
    def arrived(self) -> frozenset[str]:
        """The releases that have come."""
        return keys(ARRIVAL.fullmatch(path) for path, file in self.changes.items() if file is not None)

    @property
    def asked(self) -> frozenset[str]:
        """The releases whose files the approved index was asked for."""
        return keys(map(ASKED_FILE.fullmatch, self.requests))

    @property
    def reused(self) -> frozenset[str]:
        """The releases that were taken from the cache; a wheel among them may have been built by an earlier command."""
        return keys(REUSED.finditer(self.ended.stdout))

    @property
    def asked_twice(self) -> frozenset[str]:
        """The projects that both indexes were asked for."""
        ours, theirs = (
            {found[1] for path in paths if (found := ASKED_FOR.fullmatch(path))}
            for paths in (self.requests, self.rogue_requests)
        )
        return frozenset(ours & theirs)

    @property
    def refusals(self) -> tuple[str, ...]:
        """The rules that refused."""
        return tuple(REFUSAL.findall(self.ended.stderr))

    def __str__(self) -> str:
        return f"{self.ended}\nchanged: {sorted(self.changes)}\narrived: {sorted(self.arrived)}"


def without_notes(text: str) -> str:
    """Leave out what pip-guard says of releases that are held back."""
    return HELD_BACK.sub("", text)


def keys(found: Iterable[re.Match[str] | None]) -> frozenset[str]:
    """Return the releases that names and versions are about."""
    return frozenset(f"{canonicalize_name(match[1])}=={match[2]}" for match in found if match)
