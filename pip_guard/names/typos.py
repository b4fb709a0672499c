"""Find the typos, and the lapses of memory, that turn one name into another."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Typo(Enum):
    """A way to get one letter wrong."""

    SWAPPED = "two neighbouring letters swapped"
    DOUBLED = "a letter doubled"
    BRUSHED = "an extra letter from a key beside the right one"
    EXTRA = "an extra letter"
    MISSING = "a letter missing"
    BESIDE = "a letter replaced by one from a key beside it"
    ALIKE = "a letter replaced by one that looks or sounds like it"
    ALIKE_BESIDE = "a letter replaced by one from a key beside it, which looks or sounds like it"
    REPLACED = "a letter replaced by another"
    DIGIT = "a digit added, left out or put for a letter"
    VERSION = "a digit at the end"


class Edit(NamedTuple):
    """A place where a name differs from what was meant."""

    at: int
    """Counted in what was meant."""
    written: str
    meant: str


_ALIKE = {
    "0": "o",
    "1": "il",
    "2": "z",
    "3": "e",
    "4": "a",
    "5": "s",
    "7": "t",
    "8": "b",
    "9": "g",
    "a": "eiou",
    "b": "p",
    "c": "ks",
    "d": "t",
    "e": "iou",
    "f": "v",
    "g": "jq",
    "i": "ouy",
    "k": "q",
    "m": "n",
    "o": "u",
    "s": "xz",
    "v": "w",
}
"""The letters that each is mistaken for, and that sort after it."""

_KEYS = {
    key: (4 * column + shift, row)
    for row, (shift, keys) in enumerate([(0, "1234567890"), (2, "qwertyuiop"), (3, "asdfghjkl"), (5, "zxcvbnm")])
    for column, key in enumerate(keys)
}
"""Where the keys are, in quarters of a key from the left, and in rows from the top."""


def find_edits(name: str, target: str) -> tuple[Edit, ...]:
    """Return the one or two edits that turn a target into a name; none if it takes more."""
    if edit := _find_edit(name, target):
        return (edit,)
    at = _count_common(name, target)
    rest, meant = name[at:], target[at:]
    for written, left in (2, 2), (1, 0), (0, 1), (1, 1):
        if written == 2 and rest[:2] != meant[1::-1]:
            continue
        if edit := _find_edit(rest[written:], meant[left:]):
            return Edit(at, rest[:written], meant[:left]), edit._replace(at=at + left + edit.at)
    return ()


def name_slip(edit: Edit, target: str) -> Typo | None:
    """Return what went wrong, or None if an edit makes an honest name, such as that of the next version."""
    at, written, meant = edit
    both = written + meant
    if "-" in both or (written and meant and both.isdigit()):
        return None
    if any(map(str.isdigit, both)) and not _are_alike(written, meant):
        ends_word = target[at + len(meant) :][:1] in {"", "-"}
        if ends_word and not written:
            return None
        return Typo.VERSION if ends_word and written.isdigit() else Typo.DIGIT
    if not written:
        return Typo.MISSING
    if not meant:
        around = target[max(0, at - 1) : at + 1]
        if written in around:
            return Typo.DOUBLED
        return Typo.BRUSHED if any(_are_beside(written, key) for key in around) else Typo.EXTRA
    if len(written) == 2:
        return Typo.SWAPPED
    if _are_alike(written, meant):
        return Typo.ALIKE_BESIDE if _are_beside(written, meant) else Typo.ALIKE
    return Typo.BESIDE if _are_beside(written, meant) else Typo.REPLACED


def _find_edit(name: str, target: str) -> Edit | None:
    """Return the only edit between two texts, or None if there is another number of them."""
    at = _count_common(name, target)
    rest, meant = name[at:], target[at:]
    if len(rest) > len(meant):
        return Edit(at, rest[0], "") if rest[1:] == meant else None
    if len(rest) < len(meant):
        return Edit(at, "", meant[0]) if rest == meant[1:] else None
    if rest and rest[1:] == meant[1:]:
        return Edit(at, rest[0], meant[0])
    if rest and rest[:2] == meant[1::-1] and rest[2:] == meant[2:]:
        return Edit(at, rest[:2], meant[:2])
    return None


def _count_common(name: str, target: str) -> int:
    """Return how many letters two texts begin with alike."""
    at = 0
    for written, meant in zip(name, target, strict=False):
        if written != meant:
            break
        at += 1
    return at


def _are_alike(written: str, meant: str) -> bool:
    first, second = sorted((written, meant))
    return bool(first) and second in _ALIKE.get(first, "")


def _are_beside(key: str, other: str) -> bool:
    if key not in _KEYS or other not in _KEYS:
        return False
    (x, row), (other_x, other_row) = _KEYS[key], _KEYS[other]
    return abs(x - other_x) <= 4 and abs(row - other_row) <= 1
