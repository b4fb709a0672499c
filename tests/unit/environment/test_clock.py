"""Test times in the zone of this machine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest

from pip_guard.environment.clock import in_local_time, local_now

NOON = datetime(2026, 1, 2, 12, tzinfo=timezone.utc)


@pytest.fixture
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone cannot be set")
@pytest.mark.parametrize(
    ("zone", "offset"),
    [
        pytest.param("UTC-2", timedelta(hours=2), id="two-hours"),
        pytest.param("UTC+30", timedelta(), id="more-than-a-day"),
        pytest.param("nowhere", timedelta(), id="unknown"),
    ],
    indirect=["zone"],
)
@pytest.mark.usefixtures("zone")
def test_is_that_of_the_zone(offset: timedelta) -> None:
    assert in_local_time(NOON) == NOON
    assert in_local_time(NOON).utcoffset() == local_now().utcoffset() == offset
