"""Test what is read from records, and what is no record."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pip_guard.advisories.records import Affected, InvalidRecordError, Record, is_id, parse_json, parse_record
from tests.kit.osv import Json, make_malware, make_record

MODIFIED = "2026-05-01T10:00:00.123456Z"


def parse(record: object) -> Record:
    return parse_record(json.dumps(record).encode())


def changed(**fields: object) -> Json:
    return {**make_record("PYSEC-2026-1"), "modified": MODIFIED, **fields}


def about(**fields: object) -> Json:
    return changed(affected=[{"package": {"ecosystem": "PyPI", "name": "demo"}, **fields}])


def test_reads_a_record() -> None:
    record = make_record(
        "PYSEC-2026-1",
        "Demo.Project",
        versions=["1.0", "1.1.0", "2.0rc1"],
        events=[{"introduced": "0"}, {"fixed": "1.2"}],
        summary="Something  is\nwrong",
        aliases=["CVE-2026-1", "GHSA-aaaa-bbbb-cccc"],
    )
    assert parse({**record, "modified": MODIFIED}) == Record(
        id="PYSEC-2026-1",
        modified=MODIFIED,
        aliases=("CVE-2026-1", "GHSA-aaaa-bbbb-cccc"),
        summary="Something is wrong",
        affected={
            "demo-project": (
                Affected(ranges=((("introduced", "0"), ("fixed", "1.2")),), versions=frozenset({"1", "1.1", "2rc1"})),
            )
        },
    )


def test_reads_the_least_that_is_a_record() -> None:
    record = parse({"id": "MAL-2026-1", "modified": "2026-05-01T10:00:00Z"})
    assert record == Record(id="MAL-2026-1", modified="2026-05-01T10:00:00Z", affected={})


@pytest.mark.parametrize(
    ("record", "malicious"),
    [
        pytest.param(make_malware(), True, id="report-about-malware"),
        pytest.param(make_record("PYSEC-2026-1", aliases=["CVE-2026-1"]), False, id="vulnerability"),
        pytest.param(make_record("GHSA-1", aliases=["CVE-2026-1", "MAL-2026-1"]), True, id="alias-of-such-a-report"),
        pytest.param(make_record("NORMAL-2026-1"), False, id="similar-id"),
    ],
)
def test_tells_malware_from_mistakes(record: Json, malicious: bool) -> None:
    assert parse(record).malicious is malicious


@pytest.mark.parametrize(
    ("record", "withdrawn"),
    [
        pytest.param(make_record("GHSA-1"), False, id="stands"),
        pytest.param(make_record("GHSA-1", withdrawn=True), True, id="withdrawn"),
        pytest.param(changed(withdrawn=None), False, id="null"),
    ],
)
def test_knows_what_was_withdrawn(record: Json, withdrawn: bool) -> None:
    assert parse(record).withdrawn is withdrawn


@pytest.mark.parametrize(
    ("record", "affected"),
    [
        pytest.param(make_record("GHSA-1", ecosystem="npm"), {}, id="other-ecosystem"),
        pytest.param(make_record("GHSA-1", ecosystem="Root:PyPI"), {}, id="similar-ecosystem"),
        pytest.param(changed(affected=None), {}, id="null"),
        pytest.param(changed(affected=[{"versions": ["1"]}]), {}, id="no-project"),
        pytest.param(make_record("GHSA-1", "a\tb"), {}, id="no-name-of-a-project"),
        pytest.param(make_record("GHSA-1", "A__b"), {"a-b": (Affected(),)}, id="normalised-name"),
        pytest.param(
            about(ranges=[{"type": "GIT", "events": [{"introduced": "0"}]}]), {"demo": (Affected(),)}, id="commits"
        ),
        pytest.param(
            about(ranges=[{"type": "ECOSYSTEM", "events": [{"introduced": "1", "note": 5}]}]),
            {"demo": (Affected(ranges=((("introduced", "1"),),)),)},
            id="unknown-kind-of-event",
        ),
        pytest.param(
            changed(affected=[{"package": {"ecosystem": "PyPI", "name": name}} for name in ("a", "A", "b")]),
            {"a": (Affected(), Affected()), "b": (Affected(),)},
            id="more-than-one-entry",
        ),
    ],
)
def test_reads_what_is_affected(record: Json, affected: dict[str, tuple[Affected, ...]]) -> None:
    assert parse(record).affected == affected


@pytest.mark.parametrize(
    ("summary", "shown"),
    [
        pytest.param("x" * 120, "x" * 120, id="as-long-as-it-should-be"),
        pytest.param("x" * 121, "x" * 117 + "...", id="too-long"),
        pytest.param(None, "", id="null"),
        pytest.param(5, "", id="no-text"),
    ],
)
def test_summary_is_one_short_line(summary: object, shown: str) -> None:
    assert parse(changed(summary=summary)).summary == shown


def test_aliases_that_are_no_ids_are_left_out() -> None:
    assert parse(changed(aliases=["CVE-2026-1", "\x1b[31m", ""])).aliases == ("CVE-2026-1",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "is not JSON", id="empty"),
        pytest.param(b"{", "is not JSON", id="half"),
        pytest.param(b"\xff\xfe\x00", "is not JSON", id="no-text"),
        pytest.param(b"[" * 100_000, "is not JSON", id="too-deep"),
        pytest.param([], "is not an OSV record", id="list"),
        pytest.param({}, "is not an OSV record", id="no-id"),
        pytest.param(changed(id=5), "is not an OSV record", id="number-as-id"),
        pytest.param(changed(id="../../x"), "is not an OSV record", id="path-as-id"),
        pytest.param(changed(id="A" * 129), "is not an OSV record", id="long-id"),
        pytest.param({"id": "GHSA-1"}, "does not say when it was modified", id="no-time"),
        pytest.param(changed(modified="yesterday"), "does not say when it was modified", id="other-time"),
        pytest.param(changed(modified=5), "does not say when it was modified", id="number-as-time"),
        pytest.param(
            changed(affected={}) | {"affected": {"a": 1}}, "has affected of another type", id="affected-object"
        ),
        pytest.param(changed(affected=["demo"]), "has affected of another type", id="affected-text"),
        pytest.param(changed(aliases=[5]), "has aliases of another type", id="alias-number"),
        pytest.param(about(versions=[1.0]), "has versions of another type", id="version-number"),
        pytest.param(about(ranges="all"), "has ranges of another type", id="ranges-text"),
        pytest.param(about(ranges=[{"events": 5}]), "has events of another type", id="events-number"),
        pytest.param(about(ranges=[{"events": [{"fixed": 2}]}]), "has a range without versions", id="event-number"),
        pytest.param(about(package={"ecosystem": "PyPI"}), "does not name the project", id="no-name"),
    ],
)
def test_says_why_something_is_no_record(content: object, reason: str) -> None:
    with pytest.raises(InvalidRecordError, match=reason):
        parse_record(content if isinstance(content, bytes) else json.dumps(content).encode())


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_any_document_is_a_record_or_invalid(value: object) -> None:
    document = {**make_record("GHSA-1"), "affected": value, "aliases": value, "summary": value}
    with suppress(InvalidRecordError):
        assert parse(document).id == "GHSA-1"


@given(st.binary())
def test_any_bytes_are_json_or_invalid(content: bytes) -> None:
    with suppress(InvalidRecordError):
        parse_json(content)


@pytest.mark.parametrize("value", [None, 5, "", "-1", " MAL-1", "MAL-1\n", "a/b", "x" * 129])
def test_is_no_id(value: object) -> None:
    assert not is_id(value)
