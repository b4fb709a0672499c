"""Test that a local export is indexed once, and again when it changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from pip_guard.advisories import export, local_export
from pip_guard.advisories.interface import Answers, Release, UnansweredError
from pip_guard.advisories.local_export import LocalExport
from pip_guard.advisories.records import Record
from pip_guard.environment.files import PrivateCache
from tests.kit.osv import make_malware, make_record, write_export
from tests.unit.advisories.factories import DEMO, NO_MEMORY, OTHER, Clock, known

NOON = datetime(2026, 5, 1, 12, tzinfo=timezone.utc)
MODIFIED = "2026-05-01T12:00:00Z"
RECORDS = (
    make_malware("MAL-1", modified=NOON - timedelta(days=3)),
    make_record("GHSA-1", "other", events=[{"introduced": "0"}, {"fixed": "2.5"}], summary="bug", modified=NOON),
    make_record("GHSA-2", "other", versions=["1.0"], modified=NOON),
)


def ask(local: LocalExport, *releases: Release) -> Answers:
    published: list[Answers] = []
    assert local.remember(releases) == NO_MEMORY
    local.ask(releases, {}, published.append)
    (answers,) = published
    return answers


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count how often an export is read."""
    read: list[str] = []

    def read_export(path: str, damage: list[str]) -> Iterator[Record]:
        read.append(path)
        return export.read_export(path, damage)

    monkeypatch.setattr(local_export, "read_export", read_export)
    return read


@pytest.mark.parametrize("name", ["all.zip", "records"])
def test_answers_from_the_export(tmp_path: Path, name: str) -> None:
    path = write_export(tmp_path / name, *RECORDS)
    local = LocalExport(str(path), PrivateCache(str(tmp_path / "kept")))
    assert ask(local, DEMO, OTHER, Release("third", "1")) == {
        DEMO: (known("MAL-1", modified="2026-04-28T12:00:00Z"),),
        OTHER: (known("GHSA-1", summary="bug", fixed=("2.5",), modified=MODIFIED),),
        Release("third", "1"): (),
    }


def test_knows_how_old_it_is(tmp_path: Path) -> None:
    path = write_export(tmp_path / "all.zip", *RECORDS)
    clock = Clock((NOON + timedelta(days=2)).timestamp())
    local = LocalExport(str(path), PrivateCache(str(tmp_path / "kept")), clock=clock)
    assert (local.name, local.timeout, local.age) == (str(path), None, None)
    ask(local, DEMO)
    assert local.age == timedelta(days=2)


def test_export_is_read_once(tmp_path: Path, builds: list[str]) -> None:
    path = write_export(tmp_path / "all.zip", *RECORDS)
    for _ in range(3):
        assert ask(LocalExport(str(path), PrivateCache(str(tmp_path / "kept"))), DEMO)[DEMO]
    assert len(builds) == 1


def test_changed_export_is_read_again(tmp_path: Path, builds: list[str]) -> None:
    path = write_export(tmp_path / "records", RECORDS[0])
    local = LocalExport(str(path), PrivateCache(str(tmp_path / "kept")))
    assert ask(local, OTHER) == {OTHER: ()}
    write_export(path, RECORDS[1])
    assert len(ask(local, OTHER)[OTHER]) == 1
    assert len(builds) == 2


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda content: b"", id="empty"),
        pytest.param(lambda content: content[:-5], id="end-is-missing"),
        pytest.param(lambda content: content.replace(b'["MAL-1"', b'["MAL-1 '), id="line-is-damaged"),
    ],
)
def test_damaged_index_is_made_again(tmp_path: Path, damage: object) -> None:
    path = write_export(tmp_path / "all.zip", *RECORDS)
    local = LocalExport(str(path), PrivateCache(str(tmp_path / "kept")))
    answers = ask(local, DEMO)
    (index,) = (tmp_path / "kept").iterdir()
    whole = index.read_bytes()
    assert callable(damage)
    index.write_bytes(damage(whole))
    assert ask(local, DEMO) == answers
    assert index.read_bytes() == whole


def test_answers_without_a_place_to_keep_the_index(tmp_path: Path, builds: list[str]) -> None:
    path = write_export(tmp_path / "all.zip", *RECORDS)
    (tmp_path / "file").touch()
    local = LocalExport(str(path), PrivateCache(str(tmp_path / "file" / "kept")))
    assert ask(local, DEMO)[DEMO]
    assert ask(local, DEMO)[DEMO]
    assert len(builds) == 2


def test_export_without_records_about_pypi_cannot_be_asked(tmp_path: Path) -> None:
    path = write_export(tmp_path / "all.zip", make_record("GHSA-1", ecosystem="npm"))
    for _ in range(2):
        with pytest.raises(UnansweredError, match=r"^it has no record about PyPI$"):
            ask(LocalExport(str(path), PrivateCache(str(tmp_path / "kept"))), DEMO)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        pytest.param(["GHSA-3"], "GHSA-3.json in it is not an OSV record", id="one"),
        pytest.param(
            ["GHSA-3", "GHSA-4"],
            "GHSA-3.json in it is not an OSV record, and 1 more of its records cannot be read",
            id="several",
        ),
    ],
)
def test_what_can_be_read_counts_and_the_rest_is_told(
    tmp_path: Path, builds: list[str], broken: list[str], reason: str
) -> None:
    path = write_export(tmp_path / "records", *RECORDS)
    for name in broken:
        (path / f"{name}.json").write_text("{}", encoding="utf-8")
    for _ in range(2):
        published: list[Answers] = []
        with pytest.raises(UnansweredError) as caught:
            LocalExport(str(path), PrivateCache(str(tmp_path / "kept"))).ask([DEMO], {}, published.append)
        assert caught.value.reason == reason
        assert published == [{DEMO: (known("MAL-1", modified="2026-04-28T12:00:00Z"),)}]
    assert len(builds) == 1


def test_export_that_is_all_damage_says_so(tmp_path: Path) -> None:
    path = tmp_path / "records"
    path.mkdir()
    (path / "MAL-1.json").write_text("{", encoding="utf-8")
    with pytest.raises(UnansweredError, match=r"^MAL-1\.json in it is not JSON$"):
        ask(LocalExport(str(path), PrivateCache(str(tmp_path / "kept"))), DEMO)


def test_export_that_is_not_there_cannot_be_asked(tmp_path: Path) -> None:
    local = LocalExport(str(tmp_path / "all.zip"), PrivateCache(str(tmp_path / "kept")))
    with pytest.raises(UnansweredError, match=r"^it cannot be read: "):
        ask(local, DEMO)
