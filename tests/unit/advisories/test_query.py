"""Test how long a command waits for an answer, and what it does without one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pip_guard.advisories.interface import Answers, CachedAnswers, Known, Release, UnansweredError
from pip_guard.advisories.query import AdvisoryQuery, QueriedRelease, merge_aliases
from pip_guard.facts.resolution import Advisory, AdvisoryFacts, ExportFacts, SourceFailedFacts
from tests.unit.advisories.factories import DEMO, OTHER, StubSource, known, make_advisory
from tests.unit.factories import ARGUMENT, REQUIREMENTS

DIGEST = frozenset({"sha256:" + "a" * 64})
SUBJECTS = (
    QueriedRelease("demo", "1.0", REQUIREMENTS, DIGEST),
    QueriedRelease("other", "2.0+cpu", ARGUMENT),
)
MALWARE = {DEMO: (known("MAL-1"),), OTHER: ()}
DEMO_FACTS = AdvisoryFacts(
    project="demo", version="1.0", origin=REQUIREMENTS, advisories=(make_advisory("MAL-1"),), hashes=DIGEST
)


def collect(source: StubSource) -> tuple[object, ...]:
    query = AdvisoryQuery(SUBJECTS, source)
    query.start()
    return query.collect()


def unanswered(reason: str, *releases: str, kept: timedelta | None = None) -> SourceFailedFacts:
    return SourceFailedFacts(source="https://advisories.example", reason=reason, releases=releases, kept=kept)


def fail(error: BaseException) -> Callable[[Callable[[Answers], None]], None]:
    def ask(publish: Callable[[Answers], None]) -> None:
        raise error

    return ask


def test_describes_what_has_advisories() -> None:
    assert collect(StubSource(lambda publish: publish(MALWARE))) == (DEMO_FACTS,)


def test_local_version_is_described_but_not_asked_for() -> None:
    source = StubSource(lambda publish: publish({OTHER: (known("GHSA-1"),)}))
    (facts,) = collect(source)
    assert isinstance(facts, AdvisoryFacts)
    assert (facts.version, source.asked) == ("2.0+cpu", [DEMO, OTHER])


def test_nobody_is_asked_for_what_is_remembered() -> None:
    source = StubSource(memory=CachedAnswers(fresh=MALWARE, stale={}, age=None))
    assert collect(source) == (DEMO_FACTS,)
    assert source.asked == []


def test_only_the_rest_is_asked_for() -> None:
    memory = CachedAnswers(fresh={DEMO: MALWARE[DEMO]}, stale={}, age=None)
    source = StubSource(lambda publish: publish({OTHER: ()}), memory=memory)
    assert collect(source) == (DEMO_FACTS,)
    assert source.asked == [OTHER]


def test_asking_goes_on_beside_the_command() -> None:
    answered = threading.Event()

    def ask(publish: Callable[[Answers], None]) -> None:
        answered.wait(30)
        publish(MALWARE)

    query = AdvisoryQuery(SUBJECTS, StubSource(ask))
    query.start()
    answered.set()
    assert query.collect() == (DEMO_FACTS,)


def test_more_detailed_answer_counts() -> None:
    def ask(publish: Callable[[Answers], None]) -> None:
        publish({DEMO: (known("GHSA-1", detailed=False),)})
        publish({DEMO: (known("GHSA-1", summary="a bug"),)})

    (facts,) = collect(StubSource(ask))
    assert isinstance(facts, AdvisoryFacts)
    assert facts.advisories == (make_advisory("GHSA-1", summary="a bug"),)


def test_answer_without_details_is_enough_when_time_is_up() -> None:
    published, end = threading.Event(), threading.Event()

    def ask(publish: Callable[[Answers], None]) -> None:
        publish(MALWARE)
        published.set()
        end.wait(30)

    query = AdvisoryQuery(SUBJECTS, StubSource(ask, timeout=0.0))
    query.start()
    published.wait(30)
    assert query.collect() == (DEMO_FACTS,)
    end.set()


def test_does_not_wait_longer_than_the_source_may_take() -> None:
    end = threading.Event()

    def ask(publish: Callable[[Answers], None]) -> None:
        end.wait(30)

    facts = collect(StubSource(ask, timeout=0.0))
    assert facts == (unanswered("it did not answer within 0 seconds", "demo 1.0", "other 2.0"),)
    end.set()


def test_waits_for_a_source_that_may_take_any_time() -> None:
    assert collect(StubSource(lambda publish: publish(MALWARE), timeout=None)) == (DEMO_FACTS,)


def test_says_what_could_not_be_asked() -> None:
    source = StubSource(fail(UnansweredError("it answered 500")))
    assert collect(source) == (unanswered("it answered 500", "demo 1.0", "other 2.0"),)


def test_what_was_published_counts_beside_the_complaint() -> None:
    def ask(publish: Callable[[Answers], None]) -> None:
        publish(MALWARE)
        raise UnansweredError("a record in it is not JSON")

    complaint = unanswered("a record in it is not JSON", "demo 1.0", "other 2.0")
    assert collect(StubSource(ask)) == (DEMO_FACTS, complaint)


def test_what_it_said_before_counts_when_it_cannot_be_asked() -> None:
    memory = CachedAnswers(fresh={OTHER: ()}, stale={DEMO: MALWARE[DEMO]}, age=timedelta(hours=5))
    facts = collect(StubSource(fail(UnansweredError("it answered 500")), memory=memory))
    assert facts == (DEMO_FACTS, unanswered("it answered 500", "demo 1.0", kept=timedelta(hours=5)))


def test_new_answer_takes_the_place_of_the_old() -> None:
    memory = CachedAnswers(fresh={}, stale=MALWARE, age=timedelta(hours=5))
    assert collect(StubSource(lambda publish: publish({DEMO: (), OTHER: ()}), memory=memory)) == ()


def test_defect_is_raised_where_the_command_runs() -> None:
    with pytest.raises(ZeroDivisionError):
        collect(StubSource(fail(ZeroDivisionError())))


def test_age_of_a_local_source_is_told() -> None:
    source = StubSource(lambda publish: publish(MALWARE), age=timedelta(days=2))
    assert collect(source) == (DEMO_FACTS, ExportFacts(source=source.name, age=timedelta(days=2)))


@pytest.mark.parametrize(
    ("advisories", "merged"),
    [
        pytest.param([], [], id="none"),
        pytest.param(
            [make_advisory("PYSEC-1"), make_advisory("GHSA-1")],
            [make_advisory("PYSEC-1"), make_advisory("GHSA-1")],
            id="different-ones",
        ),
        pytest.param(
            [
                make_advisory("GHSA-1", aliases=("CVE-1", "PYSEC-1"), summary="a bug"),
                make_advisory("PYSEC-1", fixed=("2",)),
            ],
            [make_advisory("PYSEC-1", aliases=("GHSA-1", "CVE-1"), summary="a bug", fixed=("2",))],
            id="one-names-the-other",
        ),
        pytest.param(
            [make_advisory("GHSA-1", aliases=("CVE-1",)), make_advisory("X-1", aliases=("CVE-1",))],
            [make_advisory("GHSA-1", aliases=("CVE-1", "X-1"))],
            id="both-name-a-third",
        ),
        pytest.param(
            [make_advisory("A-1"), make_advisory("C-1"), make_advisory("B-1", aliases=("A-1", "C-1"))],
            [make_advisory("A-1", aliases=("B-1", "C-1"))],
            id="third-brings-them-together",
        ),
        pytest.param(
            [make_advisory("GHSA-1", summary="steals", aliases=("MAL-1",)), make_advisory("MAL-1")],
            [make_advisory("MAL-1", summary="steals", aliases=("GHSA-1",))],
            id="malware",
        ),
    ],
)
def test_one_advisory_has_many_names(advisories: list[Advisory], merged: list[Advisory]) -> None:
    assert list(merge_aliases(advisories)) == merged


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sets(st.sampled_from("abcdefgh"))), max_size=8))
def test_no_two_advisories_share_a_name_and_no_name_is_lost(pairs: list[tuple[str, set[str]]]) -> None:
    advisories = [make_advisory(name, aliases=tuple(aliases)) for name, aliases in pairs]
    merged = merge_aliases(advisories)
    names = [name for advisory in merged for name in (advisory.id, *advisory.aliases)]
    assert len(names) == len(set(names))
    assert set(names) == {name for advisory in advisories for name in (advisory.id, *advisory.aliases)}


def test_known_advisories_of_a_release_are_merged() -> None:
    both: tuple[Known, ...] = (known("GHSA-1", aliases=("PYSEC-1",)), known("PYSEC-1"))
    (facts,) = collect(StubSource(lambda publish: publish({Release("demo", "1.0"): both})))
    assert isinstance(facts, AdvisoryFacts)
    assert [advisory.id for advisory in facts.advisories] == ["PYSEC-1"]
