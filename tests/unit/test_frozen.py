"""Test the classes whose objects do not change."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import ClassVar

import pytest

from pip_guard.frozen import frozen, replace, uncompared


@frozen
class Point:
    """A place."""

    kind: ClassVar[str] = "place"

    x: int
    y: int = 0

    def moved(self) -> Point:
        return replace(self, x=self.x + 1)


@frozen
class Other:
    x: int
    y: int = 0
    tags: Mapping[str, int] = MappingProxyType({})


def test_has_what_it_was_given_and_defaults() -> None:
    point = Point(x=1)
    assert (point.x, point.y, point.kind) == (1, 0, "place")
    assert repr(point) == "Point(x=1, y=0)"
    assert Point.__doc__ == "A place."


@frozen
class Single:
    x: int

    __eq__ = object.__eq__
    __hash__ = object.__hash__


def test_keeps_what_the_class_says_of_being_equal() -> None:
    one = Single(x=1)
    assert {one: "one"}.get(one) == "one"
    assert {one: "one"}.get(Single(x=1)) is None


def test_equals_what_has_the_same_values_and_class() -> None:
    assert Point(x=1) == Point(x=1, y=0)
    assert hash(Point(x=1)) == hash(Point(x=1, y=0))
    assert Point(x=1) != Point(x=2)
    others: list[object] = [Other(x=1), (1, 0)]
    assert Point(x=1) not in others


def test_gives_changed_copies() -> None:
    point = Point(x=1, y=5)
    assert point.moved() == Point(x=2, y=5)
    assert point == Point(x=1, y=5)


def test_changes_what_is_there_and_nothing_else() -> None:
    # what is ignored here is what a type checker says to it
    with pytest.raises(AttributeError):
        replace(object(), x=1)  # type: ignore[type-var]
    with pytest.raises(TypeError, match="does not know"):
        replace(Point(x=1), z=1)  # type: ignore[call-arg]


def test_matches_by_name() -> None:
    match Point(x=1, y=5):
        case Point(x=1, y=y):
            assert y == 5
        case _:  # pragma: no cover
            raise AssertionError


@pytest.mark.parametrize(
    ("values", "message"),
    [
        pytest.param({}, r"Point\(\) lacks \['x'\] and does not know \[\]", id="missing"),
        pytest.param({"x": 1, "z": 2}, r"Point\(\) lacks \[\] and does not know \['z'\]", id="unknown"),
        pytest.param({"x": 1, "kind": ""}, r"Point\(\) lacks \[\] and does not know \['kind'\]", id="class-variable"),
    ],
)
def test_refuses_other_values(values: dict[str, int], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Point(**values)
    with pytest.raises(TypeError, match="positional"):
        Point(1)  # type: ignore[call-arg]


def test_does_not_change() -> None:
    point = Point(x=1)
    with pytest.raises(AttributeError, match="Point is frozen: x cannot be changed"):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="Point is frozen: x cannot be deleted"):
        del point.x
    assert point.x == 1


def test_is_no_key_if_a_value_is_none() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Other(x=1, tags={"a": 1}))


def test_does_not_compare_what_stands_aside() -> None:
    @frozen
    class Entry:
        name: str
        source: str = uncompared(default="here")

    assert Entry(name="a").source == "here"
    assert Entry(name="a") == Entry(name="a", source="there")
    assert hash(Entry(name="a")) == hash(Entry(name="a", source="there"))
    assert repr(Entry(name="a")).endswith("Entry(name='a', source='here')")


def test_copies_no_more_than_fields() -> None:
    @frozen
    class Square:
        side: int

        @cached_property
        def area(self) -> int:
            return self.side**2

    square = Square(side=2)
    assert square.area == 4
    assert replace(square, side=3).area == 9
