"""Judge whether a project name is a near miss of a popular one.

How near is near enough depends on what happened to the name, and where: people swap and double letters, but seldom miss
the first; a short name has more honest neighbours than a long one; and what is written by mistake rarely looks like a
name. Each of these counts as the natural logarithm of its odds, so that they add up. The weights were fitted to removed
malicious projects that imitated others, and to honest projects that nobody downloads much.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from pip_guard.import_names import PROJECTS_BY_IMPORT_NAME
from pip_guard.popular_names import KNOWN, POPULAR, PopularNames, popular_names


class Slip(Enum):
    """A way to get a letter wrong."""

    SWAPPED = "two neighbouring letters swapped"
    DOUBLED = "a letter doubled"
    MISSING = "a letter missing"
    BRUSHED = "an extra letter, from a key beside the right one"
    EXTRA = "an extra letter"
    BESIDE = "a letter replaced by one from a key beside it"
    ALIKE = "a letter replaced by one that looks or sounds like it"
    REPLACED = "a letter replaced by another"
    DIGIT = "a digit added, left out or exchanged"


@dataclass(frozen=True, kw_only=True, slots=True)
class NearMiss:
    """A project name that was probably meant to be another."""

    name: str
    target: str
    """The project that was probably meant; empty where no project was."""
    confidence: Literal["sure", "likely"]
    reason: str
    """What is wrong with the name, in a few words."""


_SURE = 0.0
_LIKELY = -1.5

_START = 0.0
_WEIGHTS = {
    Slip.SWAPPED: 1.45,
    Slip.DOUBLED: 1.87,
    Slip.MISSING: 0.0,
    Slip.BRUSHED: 0.34,
    Slip.EXTRA: -0.64,
    Slip.BESIDE: -0.31,
    Slip.ALIKE: -0.62,
    Slip.REPLACED: -1.81,
    Slip.DIGIT: -1.65,
}
_AT_START = -1.75
_AT_END = -0.3
_SECOND_SLIP = -2.3
_SECOND_SLIP_BY_LENGTH = 1.4
_LENGTH = 1.7
_SHORT = -1.1
_LONE = 0.8
_PLACE = -0.55
_FAMILIAR = -1.0

_SHORTEST = 4
_SHORTEST_WITH_TWO_SLIPS = 6
_LARGE_FAMILY = 30

_NAME = re.compile("[a-z0-9-]+")
_KEYS = {
    key: (4 * column + shift, row)
    for row, (shift, keys) in enumerate(((0, "1234567890"), (2, "qwertyuiop"), (3, "asdfghjkl"), (5, "zxcvbnm")))
    for column, key in enumerate(keys)
}
_ALIKE = frozenset(
    "ae ai ao au bp ck cs ea ei eo eu fv gj iy io iu kq mn oa oe ou sx sz td ui vw 0o 1i 1l 2z 3e 4a 5s 7t 8b 9g gq".split()
)


def judge(name: str, *, requested: bool = True) -> NearMiss | None:
    """Return what a normalised project name was probably meant to be, or None if it may well be what it says.

    People mistype. A dependency is likelier to be a name that its author knows and few others do, so for what nobody
    `requested` only what would be sure is returned, and as likely.
    """
    miss = _judge(popular_names(), name)
    if requested or miss is None:
        return miss
    if miss.confidence == "likely":
        return None
    return NearMiss(name=name, target=miss.target, confidence="likely", reason=miss.reason)


def score_name(name: str) -> Literal["refuse", "warn"] | None:
    """Return what happens by default to a normalised project name that is asked for."""
    miss = judge(name)
    if miss is None:
        return None
    return "refuse" if miss.confidence == "sure" else "warn"


def _judge(names: PopularNames, name: str) -> NearMiss | None:
    if _NAME.fullmatch(name) is None:
        return None
    if project := PROJECTS_BY_IMPORT_NAME.get(name):
        reason = f"the name that {project} is imported by"
        return NearMiss(name=name, target=project, confidence="likely", reason=reason)
    mark = names.mark(name)
    if mark is not None and mark in POPULAR + KNOWN:
        return None
    if name.replace("-", "_") in sys.stdlib_module_names:
        return NearMiss(name=name, target="", confidence="likely", reason="the name of a module that comes with Python")
    return near_miss(names, name, sure=mark is None)


def near_miss(names: PopularNames, name: str, *, sure: bool = True) -> NearMiss | None:
    """Return the popular name that a name is likeliest to be a slip for, if it is likely enough; be sure only if allowed."""
    if len(name) < _SHORTEST:
        return None
    best, found = _LIKELY, None
    reach = 2 if len(name) >= _SHORTEST_WITH_TWO_SLIPS else 1
    ranked = []
    for target, mark in names.near(name, reach=reach):
        slips = _slips(name, target)
        if slips:
            odds = _odds(names, name, target, slips) + _PLACE * POPULAR.index(mark)
            if odds >= best:
                ranked.append((odds, target, slips))
    for odds, target, slips in sorted(ranked, key=lambda x:-x[0]):
        if odds >= best:
            odds += _FAMILIAR * _familiarity(names, name, target)
            if odds >= best:
                best, found = odds, (target, slips)
    if found is None:
        return None
    target, slips = found
    return NearMiss(
        name=name,
        target=target,
        confidence="sure" if sure and best >= _SURE else "likely",
        reason=" and ".join(slip.value for _, slip in slips),
    )


def _slips(name: str, target: str) -> tuple[tuple[int, Slip], ...]:
    """Return the one or two slips, each with its place, that turn a target into a name; none if there are others."""
    if edit := _edit(name, target):
        edits = (edit,)
    else:
        at = _common(name, target)
        rest, meant = name[at:], target[at:]
        for written, left in ((2, 2), (1, 0), (0, 1), (1, 1)):
            if written == 2 and rest[:2] != meant[1::-1]:
                continue
            if edit := _edit(rest[written:], meant[left:]):
                edits = ((at, rest[:written], meant[:left]), (at + left + edit[0], *edit[1:]))
                break
        else:
            return ()
    slips = []
    for at, written, meant in edits:
        slip = _slip(target, at, written, meant)
        if slip is None:
            return ()
        slips.append((at, slip))
    return tuple(slips)


def _common(name: str, target: str) -> int:
    at = 0
    for written, meant in zip(name, target):
        if written != meant:
            break
        at += 1
    return at


def _edit(name: str, target: str) -> tuple[int, str, str] | None:
    """Return the single edit between two texts: its place, what is written there and what was meant."""
    at = _common(name, target)
    rest, meant = name[at:], target[at:]
    match len(rest) - len(meant):
        case 1 if rest[1:] == meant:
            return at, rest[0], ""
        case -1 if rest == meant[1:]:
            return at, "", meant[0]
        case 0 if rest and rest[1:] == meant[1:]:
            return at, rest[0], meant[0]
        case 0 if rest and rest[:2] == meant[1::-1] and rest[2:] == meant[2:]:
            return at, rest[:2], meant[:2]
    return None


def _slip(target: str, at: int, written: str, meant: str) -> Slip | None:
    """Name an edit; None if it is one that nobody makes by mistake, or that cannot be told from another version."""
    both = written + meant
    if "-" in both or (meant and both.isdigit()):
        return None
    if len(written) == 2:
        return Slip.DIGIT if any(map(str.isdigit, written)) else Slip.SWAPPED
    around = target[max(0, at - 1) : at + (1 if not meant else 0)]
    if "".join(sorted(both)) in _ALIKE and written and meant:
        return Slip.ALIKE
    if any(map(str.isdigit, both)):
        return Slip.DIGIT
    if not written:
        return Slip.MISSING
    if not meant:
        if written in around:
            return Slip.DOUBLED
        return Slip.BRUSHED if any(_beside(written, key) for key in around) else Slip.EXTRA
    if _beside(written, meant):
        return Slip.BESIDE
    return Slip.REPLACED


def _beside(key: str, other: str) -> bool:
    if key not in _KEYS or other not in _KEYS:
        return False
    (x, y), (u, v) = _KEYS[key], _KEYS[other]
    return abs(x - u) <= 4 and abs(y - v) <= 1


def _odds(names, name, target, slips):
    odds = _START
    for f, v in _features(names, name, target, slips):
        odds += v * (_WEIGHTS[f] if isinstance(f, Slip) else globals()[f])
    return odds


def _features(names: PopularNames, name: str, target: str, slips: tuple[tuple[int, Slip], ...]):
    for at, slip in slips:
        yield slip, 1
        if at == 0:
            yield "_AT_START", 1
        if at >= len(target) - (slip not in (Slip.EXTRA, Slip.BRUSHED, Slip.DOUBLED)) and slip is not Slip.SWAPPED:
            yield "_AT_END", 1
    word = min(len(meant) for written, meant in zip(name.split("-"), target.split("-")) if written != meant)
    length = math.log2(word / 8)
    yield "_LENGTH", length
    if len(slips) > 1:
        yield "_SECOND_SLIP", 1
        yield "_SECOND_SLIP_BY_LENGTH", length
    yield "_SHORT", max(0, 6 - len(target))
    head, dash, _ = target.partition("-")
    if dash and names.count(head + dash) < _LARGE_FAMILY:
        yield "_LONE", 1


def _familiarity(names: PopularNames, name: str, target: str) -> float:
    """Return which part of the runs of five letters that a name does not share with its target other names have, too."""
    runs = set(_runs(name)) - set(_runs(target))
    return sum(map(names.occurs, runs)) / len(runs) if runs else 0.0


def _runs(name: str) -> Iterator[str]:
    bounded = f"\n{name} "
    return (bounded[at : at + 5] for at in range(len(bounded) - 4))
