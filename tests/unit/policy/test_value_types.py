"""Test how the values of a policy are read, and shown as they are read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pip_guard.policy.keys import KEYS, AnyKey
from pip_guard.policy.table import Problem, Table
from pip_guard.policy.value_types import DURATIONS, PLACES
from pip_guard.urls.location import parse_location


def read(key: AnyKey, plain: object) -> tuple[object, list[Problem]]:
    problems: list[Problem] = []
    table = Table({key.path[-1]: plain}, problems=problems)
    return key.kind.read(table, key.path[-1]), problems


@pytest.mark.parametrize("key", [pytest.param(key, id=key.name) for key in KEYS.values() if key.default is not None])
def test_default_is_read_as_it_is_shown(key: AnyKey) -> None:
    assert read(key, key.kind.plain(key.default)) == (key.default, [])


@pytest.mark.parametrize(
    ("duration", "shown"),
    [
        pytest.param(timedelta(), "P0D", id="none"),
        pytest.param(timedelta(days=3), "P3D", id="days"),
        pytest.param(timedelta(hours=12), "PT12H", id="hours"),
        pytest.param(timedelta(minutes=61), "PT1H1M", id="hours-and-minutes"),
        pytest.param(timedelta(days=1, minutes=5), "P1DT5M", id="days-and-minutes"),
        pytest.param(timedelta(weeks=9999), "P9999W", id="largest"),
        pytest.param(timedelta(weeks=2000, days=1), "P2000W1D", id="weeks-and-days"),
    ],
)
def test_duration_is_shown_in_the_shortest_form(duration: timedelta, shown: str) -> None:
    assert DURATIONS.plain(duration) == shown


@given(st.integers(0, 9999 * 7 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)))
def test_duration_is_read_as_it_is_shown(duration: timedelta) -> None:
    problems: list[Problem] = []
    assert DURATIONS.read(Table({"x": DURATIONS.plain(duration)}, problems=problems), "x") == duration
    assert problems == []


def test_places_are_shown_as_urls() -> None:
    assert PLACES.plain((parse_location("https://a.example"),)) == ["https://a.example/"]
