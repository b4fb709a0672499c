"""Judge whether a project name is a near miss of a popular one.

How near is near enough depends on what happened to the name, and where: people swap and double letters, but seldom miss
the first; a short name has more honest neighbours than a long one; and what is written by mistake rarely looks like
other names. Each of these adds to the logarithm of the odds that the name is a mistake.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Literal

from pip_guard.frozen import frozen
from pip_guard.names.import_names import MEANT_BY_PHANTOM, projects_by_import_name
from pip_guard.names.popular import KNOWN, POPULAR, PopularNames, popular_names
from pip_guard.names.typos import Edit, Typo, find_edits, name_slip


@frozen
class NearMiss:
    """A project name that was probably meant to be another."""

    name: str
    target: str
    """The project, or argument of pip, that was probably meant; empty where neither was."""
    confidence: Literal["sure", "likely"]
    reason: str
    """What is wrong with the name, in a few words."""


# Natural logarithms of odds. They were fitted, by logistic regression, to the names of removed malicious projects that
# imitate others and to those of honest projects. What was tuned is the share of each that is found, not single names.
_SURE = 0.0
_LIKELY = -1.5
_START = 4.4
_SLIPS = {
    Typo.SWAPPED: 1.9,
    Typo.DOUBLED: 2.2,
    Typo.BRUSHED: 0.6,
    Typo.EXTRA: -0.8,
    Typo.MISSING: -0.1,
    Typo.BESIDE: -0.4,
    Typo.ALIKE: -0.6,
    Typo.ALIKE_BESIDE: 0.2,
    Typo.REPLACED: -2.0,
    Typo.DIGIT: -1.5,
    Typo.VERSION: -3.2,
}
_AT_START = -2.3
_SECOND_SLIP = -2.7
_SECOND_SLIP_BY_LENGTH = 1.7
_LENGTH = 1.7
_SHORT = -1.7
_SMALL_FAMILY = 2.2
_RARER = -0.5
_FAMILIAR = -2.4

_SHORTEST = 4
_SHORTEST_WITH_TWO_SLIPS = 6
_LARGE_FAMILY = 30

_NAME = re.compile("[a-z0-9-]+")


def judge(name: str) -> NearMiss | None:
    """Return what a normalised project name was probably meant to be, or None if it may well be what it says."""
    names = popular_names()
    if _NAME.fullmatch(name) is None:
        return None
    if project := projects_by_import_name().get(name):
        return _likely(name, project, f"the name that {project} is imported by")
    if name in MEANT_BY_PHANTOM:
        return _likely(name, MEANT_BY_PHANTOM[name], "asked for by mistake, and the name of no project")
    mark = names.mark(name)
    if mark is not None and mark in POPULAR + KNOWN:
        return None
    if name.replace("-", "_") in sys.stdlib_module_names:
        return _likely(name, "", "the name of a module that comes with Python")
    if target := _reordered(names, name):
        return _likely(name, target, "the same words in another order")
    if mark is None:
        return near_miss(names, name)
    miss = near_miss(names, name, least=-math.inf)  # which is what the mark says
    return _likely(name, miss.target, miss.reason) if miss else None


def _likely(name: str, target: str, reason: str) -> NearMiss:
    return NearMiss(name=name, target=target, confidence="likely", reason=reason)


def _reordered(names: PopularNames, name: str) -> str | None:
    """Return the popular name of the same two or three words."""
    words = name.split("-")
    if len(words) not in (2, 3):
        return None
    orders = map("-".join, permutations(words))
    return next((order for order in orders if (names.mark(order) or KNOWN) in POPULAR), None)


def near_miss(names: PopularNames, name: str, *, least: float = _LIKELY) -> NearMiss | None:
    """Return the popular name that a name is the likeliest typo of, if the odds are at `least` so."""
    if len(name) < _SHORTEST:
        return None
    best = least
    miss = None
    for most, target, typos in sorted(_candidates(names, name, least=least), key=lambda each: (-each[0], each[1])):
        if most < best:
            break
        odds = most
        if most + _FAMILIAR < _SURE:  # else it is sure whatever that takes off
            odds += _FAMILIAR * _familiarity(names, name, target)
        if odds >= best:
            best = odds
            sure = odds >= _SURE and Typo.VERSION not in typos
            confidence: Literal["sure", "likely"] = "sure" if sure else "likely"
            miss = NearMiss(name=name, target=target, confidence=confidence, reason=_describe(typos))
    return miss


def _describe(typos: Sequence[Typo]) -> str:
    first, *others = typos
    return f"{first.value}, twice" if others == [first] else " and ".join(typo.value for typo in typos)


def _candidates(names: PopularNames, name: str, *, least: float) -> Iterator[tuple[float, str, list[Typo]]]:
    """Yield popular names that are one or two typos away, each with its odds if no other name looked like this one."""
    letters = set(name)
    reach = 2 if len(name) >= _SHORTEST_WITH_TWO_SLIPS else 1
    for target, mark in names.near(name, reach=reach):
        if len(letters.symmetric_difference(target)) > 2 * reach:  # a cheap way to see that it takes more
            continue
        edits = find_edits(name, target)
        typos = [typo for edit in edits if (typo := name_slip(edit, target))]
        if typos and len(typos) == len(edits):
            odds = _odds(names, name, target, edits, typos) + _RARER * POPULAR.index(mark)
            if odds >= least:
                yield odds, target, typos


def _odds(names: PopularNames, name: str, target: str, edits: Sequence[Edit], typos: Sequence[Typo]) -> float:
    words = zip(name.split("-"), target.split("-"), strict=True)
    length = math.log2(min(len(meant) for written, meant in words if written != meant) / 8)
    odds = _START + sum(_SLIPS[typo] for typo in typos) + _LENGTH * length + _SHORT * max(0, 6 - len(target))
    if len(typos) > 1:
        odds += _SECOND_SLIP + _SECOND_SLIP_BY_LENGTH * length
    if any(edit.at == 0 for edit in edits):
        odds += _AT_START
    family, dash, _ = target.partition("-")
    if dash and names.count(family + dash) < _LARGE_FAMILY:
        odds += _SMALL_FAMILY
    return odds


def _familiarity(names: PopularNames, name: str, target: str) -> float:
    """Return how much of a name that its target does not explain is found in other names, from 0 to 1.

    Looked at are the five letters that end with the first wrong one, and those that begin with the last.
    """
    meant = f"\n{target} "
    written = f"\n{name} "
    runs = [run for at in range(len(written) - 4) if (run := written[at : at + 5]) not in meant]
    return (names.has_letters(runs[0]) + names.has_letters(runs[-1])) / 2 if runs else 0.0
