"""Test which source a policy leads to."""

from __future__ import annotations

from pathlib import Path

import pytest

from pip_guard.advisories.interface import Transport, UnansweredError
from pip_guard.advisories.local_export import LocalExport
from pip_guard.advisories.service import Service
from pip_guard.advisories.source import cache_folder, make_source
from pip_guard.facts.violation import Severity
from pip_guard.policy.model import Advisories
from pip_guard.urls.location import parse_location
from tests.unit.advisories.factories import DEMO, Replies


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def no_transport() -> Transport:
    raise AssertionError("nobody is asked")


def test_answers_are_kept_in_the_cache_folder_of_the_user(tmp_path: Path) -> None:
    assert Path(cache_folder()) == tmp_path / "cache" / "pip-guard" / "advisories"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        pytest.param("https://api.osv.dev", "https://api.osv.dev", id="host"),
        pytest.param("https://mirror.example/osv/", "https://mirror.example/osv", id="path"),
    ],
)
def test_url_is_that_of_a_service(url: str, name: str) -> None:
    source = make_source(Advisories(source=parse_location(url)), no_transport)
    assert isinstance(source, Service)
    assert source.name == name


def test_path_is_that_of_an_export(tmp_path: Path) -> None:
    source = make_source(Advisories(source=parse_location((tmp_path / "all.zip").as_uri())), no_transport)
    assert isinstance(source, LocalExport)
    assert source.name == str(tmp_path / "all.zip")


@pytest.mark.parametrize(
    ("unavailable", "asked"),
    [pytest.param(Severity.WARNING, 1, id="warning"), pytest.param(Severity.ERROR, 2, id="error")],
)
def test_busy_service_is_asked_again_only_where_the_answer_is_needed(unavailable: Severity, asked: int) -> None:
    replies = Replies(*[UnansweredError("it answered 429", retry_after=60)] * 2)
    source = make_source(Advisories(unavailable=unavailable), lambda: replies)
    for _ in range(2):
        with pytest.raises(UnansweredError):
            source.ask([DEMO], {}, lambda answers: None)
    assert len(replies.asked) == asked
