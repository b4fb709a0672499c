"""Test that an index holds what the records say, and nothing that is damaged."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pip_guard.advisories.export_index import ExportIndex, build_index, open_index
from pip_guard.advisories.records import InvalidRecordError, Record, parse_record
from pip_guard.names.normalize import normalize_name
from tests.kit.osv import Json, make_malware, make_record

projects = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,4}[a-z0-9])?", fullmatch=True).map(normalize_name)


def parse(record: Json) -> Record:
    return parse_record(json.dumps(record).encode())


def index_of(*records: Json) -> ExportIndex:
    return open_index(build_index(map(parse, records), "state"))


def test_holds_what_the_records_say() -> None:
    record = make_record(
        "PYSEC-2026-1",
        versions=["1.0", "1.1"],
        events=[{"introduced": "0"}, {"fixed": "1.2"}],
        summary="Überlauf\t\u2028 \ud800",
        aliases=["CVE-2026-1"],
    )
    index = index_of(record, make_malware("MAL-1", "bad"))
    assert index.find("demo") == (parse(record),)
    assert [found.id for found in index.find("bad")] == ["MAL-1"]
    assert index.fingerprint == "state"


def test_record_about_two_projects_is_found_under_both() -> None:
    record = make_record("GHSA-1", "one")
    record["affected"].append(make_record("GHSA-1", "two")["affected"][0])
    index = index_of(record)
    assert [found.affected.keys() for name in ("one", "two") for found in index.find(name)] == [{"one"}, {"two"}]


def test_withdrawn_record_is_not_found_but_is_news() -> None:
    withdrawn = {**make_malware("MAL-2", withdrawn=True), "modified": "2026-05-02T00:00:00Z"}
    index = index_of({**make_malware("MAL-1"), "modified": "2026-05-01T00:00:00Z"}, withdrawn)
    assert [record.id for record in index.find("demo")] == ["MAL-1"]
    assert index.newest == "2026-05-02T00:00:00Z"


@pytest.mark.parametrize("records", [[], [make_record("GHSA-1", ecosystem="npm")]])
def test_index_of_nothing_finds_nothing(records: list[Json]) -> None:
    index = index_of(*records)
    assert index.find("demo") == ()
    assert index.newest == ""


@given(st.sets(projects), projects)
def test_finds_every_project_and_no_other(names: set[str], other: str) -> None:
    index = index_of(*(make_malware(f"MAL-{name}", name) for name in names))
    for name in {*names, other, f"{other}0", "-", "zzzzzzz"}:
        assert [record.id for record in index.find(name)] == ([f"MAL-{name}"] if name in names else [])


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda content: b"", id="empty"),
        pytest.param(lambda content: content[:-1], id="end-is-missing"),
        pytest.param(lambda content: content + b"more", id="more-at-the-end"),
        pytest.param(lambda content: content[1:], id="no-header"),
        pytest.param(lambda content: b"[]\n" + content, id="other-header"),
        pytest.param(lambda content: content.replace(b'"format": 2', b'"format": 1'), id="other-format"),
    ],
)
def test_index_that_is_not_whole_is_none(damage: object) -> None:
    content = build_index([parse(make_malware())], "state")
    assert callable(damage)
    with pytest.raises(InvalidRecordError):
        open_index(damage(content))


@pytest.mark.parametrize(
    "line", [b'[["MAL', b"5", b"[5]", b"[[]]", b'[["MAL-1","",[],"",5]]', b'[["MAL-1","",5,"",[]]]']
)
def test_damaged_line_is_no_answer(line: bytes) -> None:
    body = b"demo\t" + line + b"\n"
    header = {"format": 2, "fingerprint": "state", "newest": "", "damage": "", "size": len(body)}
    index = open_index(json.dumps(header).encode() + b"\n" + body)
    with pytest.raises(InvalidRecordError):
        index.find("demo")
