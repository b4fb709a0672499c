"""Read a long list of exceptions fast, if it has the plain form in which they are written.

A parser of TOML in Python takes most of the time that a long policy costs. What this cannot read is left to that parser; what it
reads, it reads as that parser would.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date

from pip_guard.allowance import EXACT_RULES, Allowance
from pip_guard.names import normalize_name
from pip_guard.urls import InvalidURL, parse_location, split_vcs

_FIRST = re.compile(r"^\[\[exceptions\]\]$", re.MULTILINE)
# A basic string without escapes that is not blank; its characters are those that TOML allows there, but for quotes.
_TEXT = r'"((?=[^"]*[^\s"])[^"\\\x00-\x1f\x7f]+)"'
_ENTRY = re.compile(
    rf"""
      \[\[exceptions\]\]\n
      rule\ =\ "([a-z-]+)"\n
      (?: project\ =\ "([A-Za-z0-9._*?-]+)"\n )?
      (?: version\ =\ "((?:==|>=|<=|<|>|!=)\d+(?:\.\d+)*)"\n )?
      (?: hash\ =\ "(sha256:[0-9a-f]{{64}})"\n )?
      (?: url\ =\ {_TEXT}\n )?
      reason\ =\ {_TEXT}\n
      (?: expires\ =\ (\d{{4}}-\d\d-\d\d)\n )?
      (?: [ \t]* (?: \#[^\x00-\x08\n-\x1f\x7f]* )? \n )*
    """,
    re.VERBOSE | re.ASCII,
)


def find_exceptions(text: str) -> int:
    """Return where the first exception may begin: what stands before it is a document of its own, or there is none."""
    match = _FIRST.search(text)
    return len(text) if match is None else match.start()


def read_exceptions(text: str, start: int, *, rules: Collection[str], source: str) -> tuple[Allowance, ...] | None:
    """Return the exceptions that a text holds from a position on; None if anything there is not plain, or may be wrong."""
    found = []
    end = len(text)
    match_entry = _ENTRY.match
    try:
        while start < end:
            match = match_entry(text, start)
            if match is None:
                return None
            rule, project, version, hash_, url, reason, expires = match.groups()
            if rule not in rules or rule in EXACT_RULES:
                return None
            found.append(
                Allowance(
                    rule=rule,
                    project=project and normalize_name(project),
                    reason=reason,
                    version=version,
                    hash=hash_,
                    url=None if url is None else parse_location(split_vcs(url)[1]),
                    expires=None if expires is None else date.fromisoformat(expires),
                    source=source,
                )
            )
            start = match.end()
    except (ValueError, InvalidURL):  # no date, or no place, which is for the parser to say
        return None
    return tuple(found)
