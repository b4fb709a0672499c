"""Read the long parts of a policy fast, where they have the plain form in which they are written.

A parser of TOML in Python takes most of the time that a long policy costs. What this cannot read is left to that parser; what it
reads, it reads as that parser would.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date

from pip_guard.frozen import frozen, make
from pip_guard.names.normalize import normalize_name
from pip_guard.policy.exceptions import EXACT_RULES, PolicyException
from pip_guard.urls.location import InvalidURL, Location, parse_index, parse_location, split_vcs

# What introduces the two parts; it stays in the text that is left for the parser, where it must come to nothing.
EXCEPTION = "[[exceptions]]\n"
TIES = "[indexes.projects]\n"
# A basic string without escapes; its characters are those that TOML allows there, but for quotes.
_TEXT = r'"([^"\\\x00-\x1f\x7f]+)"'
_NAME = r"[A-Za-z0-9._*?-]+"
# What may stand on a line without a statement; its characters are those that TOML allows in a comment.
_NOTHING = r"[ \t]*(?:\#[^\x00-\x08\n-\x1f\x7f]*)?"
_VALUES = {
    "rule": r'"([a-z-]+)"',
    "project": rf'"({_NAME})"',
    "version": r'"((?:==|>=|<=|<|>|!=)\d+(?:\.\d+)*)"',
    "hash": r'"(sha256:[0-9a-f]{64})"',
    "url": _TEXT,
    "reason": _TEXT,
    "expires": r"(\d{4}-\d\d-\d\d)",
}
# The keys in any order, each once: a group that has matched already must not match again.
_KEYS = "|".join(
    rf"(?({group})(?!)|{key}[ \t]*=[ \t]*{value})" for group, (key, value) in enumerate(_VALUES.items(), 1)
)
_ENTRY = rf"{re.escape(EXCEPTION)}(?:(?:{_KEYS})\n)+(?:{_NOTHING}\n)*"
_TIE = rf'^(?:(?:"({_NAME})"|([A-Za-z0-9_-]+))[ \t]*=[ \t]*{_TEXT})?{_NOTHING}$'


@frozen
class Plain:
    """What could be read, and the text that is left: with the headers of both parts, and without what they held."""

    text: str
    exceptions: tuple[PolicyException, ...] = ()
    ties: Mapping[str, Location] | None = None
    # The texts that stand before the parts; they must be whole, for the parts to be any.
    before: tuple[str, ...] = ()


def take_plain(text: str, *, rules: Collection[str], source: str) -> Plain:
    """Take the exceptions and the ties of projects out of the text of a policy; what is not plain there is left in it."""
    text = text.replace("\r\n", "\n")
    if not text.endswith("\n"):
        text += "\n"
    before = []
    exceptions: tuple[PolicyException, ...] = ()
    start = _find(EXCEPTION, text)
    if start is not None:
        exceptions, end = _read_exceptions(text, start, rules, source)
        if exceptions:
            before.append(text[:start])
            text = text[:start] + EXCEPTION + text[end:]
    ties = None
    start = _find(TIES, text)
    if start is not None:
        ties, end = _read_ties(text, start + len(TIES))
        if ties is not None:
            before.append(text[:start])
            text = text[:start] + TIES + text[end:]
    return Plain(text=text, exceptions=exceptions, ties=ties, before=tuple(before))


def _find(header: str, text: str) -> int | None:
    """Return where a line is the given one."""
    if text.startswith(header):
        return 0
    position = text.find("\n" + header)
    return None if position < 0 else position + 1


def _is_end(text: str, position: int) -> bool:
    """Tell whether what stands before is complete: there is no more, or another table begins."""
    return position == len(text) or text[position] == "["


def _read_exceptions(
    text: str, start: int, rules: Collection[str], source: str
) -> tuple[tuple[PolicyException, ...], int]:
    """Return the exceptions that stand behind one another, and where they end; none if one may be wrong."""
    found = []
    match_entry = re.compile(_ENTRY, re.ASCII).match
    known: dict[str, bool] = {}
    try:
        while match := match_entry(text, start):
            rule, project, version, hash_, url, reason, expires = match.groups()
            if rule not in known:
                known[rule] = rule in rules and rule not in EXACT_RULES
            if not known[rule] or reason is None or reason.isspace():
                return (), start
            values: dict[str, object] = {
                "rule": rule,
                "project": project and normalize_name(project),
                "reason": reason,
                "version": version,
                "hash": hash_,
                "url": url and parse_location(split_vcs(url)[1]),
                "expires": expires and date.fromisoformat(expires),
                "source": source,
            }
            found.append(make(PolicyException, values))
            start = match.end()
    except (ValueError, InvalidURL):  # no date, or no place, which is for the parser to say
        return (), start
    return (tuple(found), start) if _is_end(text, start) else ((), start)


def _read_ties(text: str, start: int) -> tuple[Mapping[str, Location] | None, int]:
    """Return which index each project or pattern is tied to, and where the table ends; None if a line may be wrong."""
    end = text.find("\n[", start - 1) + 1 or len(text)
    lines = re.compile(_TIE, re.ASCII | re.MULTILINE).findall(text, start, end - 1)
    ties = [(quoted or bare, url) for quoted, bare, url in lines if url]
    # Every line is one of them, or says nothing; and no name is given twice.
    if len(lines) != text.count("\n", start, end) or len({name for name, _ in ties}) != len(ties):
        return None, start
    try:
        places = {url: parse_index(url) for url in {url for _, url in ties}}
    except InvalidURL:  # which is for the parser to say
        return None, start
    return {normalize_name(name): places[url] for name, url in ties}, end
