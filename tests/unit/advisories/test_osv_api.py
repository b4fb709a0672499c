"""Test what is asked of OSV's API, and what becomes of its answers."""

from __future__ import annotations

import json

import pytest

from pip_guard.advisories.interface import Release, UnansweredError
from pip_guard.advisories.osv_api import LARGEST_BATCH, MOST_PAGES, OsvApi
from tests.kit.osv import Json, make_record
from tests.unit.advisories.factories import DEMO, OTHER, Replies, batch, known

URL = "https://advisories.example/osv"
TIME = "2026-01-01T00:00:00Z"
VULNERABILITY = make_record(
    "GHSA-1", events=[{"introduced": "0"}, {"fixed": "1.5"}], summary="a bug", aliases=["CVE-1"]
)


def query(release: Release, **more: str) -> Json:
    return {"package": {"name": release.project, "ecosystem": "PyPI"}, "version": release.version, **more}


def details_at(identifier: str) -> str:
    return f"{URL}/v1/vulns/{identifier}"


def test_asks_about_all_releases_in_one_request() -> None:
    replies = Replies(batch({"MAL-1": TIME}, None))
    answers = OsvApi(URL, replies).find([DEMO, OTHER], {})
    assert answers == {DEMO: (known("MAL-1", detailed=False),), OTHER: ()}
    assert replies.asked == [(f"{URL}/v1/querybatch", {"queries": [query(DEMO), query(OTHER)]})]


def test_only_the_id_of_a_record_is_known_at_first() -> None:
    api = OsvApi(URL, Replies(batch({"GHSA-1": TIME, "MAL-1": TIME, "PYSEC-1": ""})))
    expected = (
        known("GHSA-1", detailed=False),
        known("MAL-1", detailed=False),
        known("PYSEC-1", modified="", detailed=False),
    )
    assert api.find([DEMO], {}) == {DEMO: expected}


def test_what_has_not_changed_is_known_from_before() -> None:
    before = {DEMO: (known("GHSA-1", summary="a bug"), known("GHSA-2", summary="old"), known("GHSA-3", detailed=False))}
    api = OsvApi(URL, Replies(batch({"GHSA-1": TIME, "GHSA-2": "2026-02-02T00:00:00Z", "GHSA-3": TIME})))
    assert api.find([DEMO], before)[DEMO] == (
        known("GHSA-1", summary="a bug"),
        known("GHSA-2", modified="2026-02-02T00:00:00Z", detailed=False),
        known("GHSA-3", detailed=False),
    )


def test_asks_for_the_pages_that_follow() -> None:
    first = {"results": [{"vulns": [{"id": "MAL-1"}], "next_page_token": "abc"}, {}]}
    replies = Replies(first, batch({"MAL-2": TIME}))
    answers = OsvApi(URL, replies).find([DEMO, OTHER], {})
    expected = (known("MAL-1", modified="", detailed=False), known("MAL-2", detailed=False))
    assert answers == {DEMO: expected, OTHER: ()}
    assert replies.asked[1:] == [(f"{URL}/v1/querybatch", {"queries": [query(DEMO, page_token="abc")]})]


def test_pages_without_an_end_are_no_answer() -> None:
    page = {"results": [{"vulns": [{"id": "MAL-1"}], "next_page_token": "again"}]}
    replies = Replies(*[page] * MOST_PAGES)
    with pytest.raises(UnansweredError, match="its answer has no end"):
        OsvApi(URL, replies).find([DEMO], {})
    assert replies.posts == []


def test_many_releases_are_asked_about_in_batches() -> None:
    releases = [Release(f"project-{number}", "1") for number in range(LARGEST_BATCH + 1)]
    replies = Replies(batch(*[None] * LARGEST_BATCH), batch({"MAL-1": TIME}))
    answers = OsvApi(URL, replies).find(releases, {})
    assert [len(asked["queries"]) for _, asked in replies.asked] == [LARGEST_BATCH, 1]
    assert answers[releases[-1]] == (known("MAL-1", detailed=False),)
    assert len(answers) == len(releases)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(b"", "its answer is not JSON", id="empty"),
        pytest.param(b"<html>", "its answer is not JSON", id="page"),
        pytest.param(b"[" * 100_000, "its answer is not JSON", id="too-deep"),
        pytest.param([], "its answer is not that of an OSV service", id="list"),
        pytest.param({}, "its answer is not that of an OSV service", id="nothing"),
        pytest.param({"results": {}}, "its answer is not that of an OSV service", id="object"),
        pytest.param({"results": []}, "its answer is not that of an OSV service", id="too-few"),
        pytest.param({"results": [{}, {}]}, "its answer is not that of an OSV service", id="too-many"),
        pytest.param({"results": [None]}, "its answer is not that of an OSV service", id="null"),
        pytest.param({"results": [{"vulns": 5}]}, "its answer is not that of an OSV service", id="number"),
        pytest.param({"results": [{"vulns": [5]}]}, "its answer is not that of an OSV service", id="number-as-record"),
        pytest.param({"results": [{"vulns": [{}]}]}, "its answer is not that of an OSV service", id="no-id"),
        pytest.param({"results": [{"vulns": [{"id": "a/b"}]}]}, "its answer is not that of an OSV service", id="path"),
        pytest.param(UnansweredError("it answered 500"), "it answered 500", id="refused"),
    ],
)
def test_says_why_an_answer_is_none(answer: object, reason: str) -> None:
    with pytest.raises(UnansweredError, match=f"^{reason}$"):
        OsvApi(URL, Replies(answer)).find([DEMO], {})


def test_adds_what_records_say_once_for_each_record() -> None:
    replies = Replies(gets={details_at("GHSA-1"): VULNERABILITY})
    answers = {DEMO: (known("GHSA-1", detailed=False), known("MAL-1")), OTHER: (known("GHSA-1", detailed=False),)}
    detailed = OsvApi(URL, replies).add_details(answers, has_time=lambda: True)
    assert detailed == {
        DEMO: (known("GHSA-1", summary="a bug", aliases=("CVE-1",), fixed=("1.5",)), known("MAL-1")),
        OTHER: (known("GHSA-1", summary="a bug", aliases=("CVE-1",)),),
    }
    assert replies.asked == [(details_at("GHSA-1"), None)]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(UnansweredError("it answered 404"), id="none"),
        pytest.param(b"{", id="broken"),
        pytest.param(make_record("GHSA-2"), id="another"),
    ],
)
def test_record_that_cannot_be_had_is_known_by_its_id(answer: object) -> None:
    answers = {DEMO: (known("GHSA-1", detailed=False),)}
    api = OsvApi(URL, Replies(gets={details_at("GHSA-1"): answer}))
    assert api.add_details(answers, has_time=lambda: True) == answers


@pytest.mark.parametrize("identifier", ["GHSA-1", "MAL-1"])
def test_withdrawn_record_is_none(identifier: str) -> None:
    api = OsvApi(URL, Replies(gets={details_at(identifier): make_record(identifier, withdrawn=True)}))
    assert api.add_details({DEMO: (known(identifier, detailed=False),)}, has_time=lambda: True) == {DEMO: ()}


def test_details_that_make_it_malware_count() -> None:
    api = OsvApi(
        URL, Replies(gets={details_at("GHSA-1"): json.dumps({**VULNERABILITY, "aliases": ["MAL-1"]}).encode()})
    )
    ((found,),) = api.add_details({DEMO: (known("GHSA-1", detailed=False),)}, has_time=lambda: True).values()
    assert found.advisory.malicious


def test_no_details_are_asked_for_when_time_is_up() -> None:
    left = iter([True, False, False])
    answers = {DEMO: tuple(known(f"GHSA-{number}", detailed=False) for number in (1, 2, 3))}
    replies = Replies(gets={details_at("GHSA-1"): VULNERABILITY})
    detailed = OsvApi(URL, replies).add_details(answers, has_time=lambda: next(left))
    assert [one.detailed for one in detailed[DEMO]] == [True, False, False]
    assert len(replies.asked) == 1
