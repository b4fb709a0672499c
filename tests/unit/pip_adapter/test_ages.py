"""Test how old a file is taken for that is asked for by its address, or by a lock file."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from pip._internal.index.package_finder import LinkType
from pip._internal.models.link import Link

from pip_guard.facts import YoungFile
from pip_guard.pip_adapter import ages as module
from pip_guard.pip_adapter.ages import Ages
from pip_guard.policy import Policy

NAME = "demo-1.0-py3-none-any.whl"
NOW = datetime.now(timezone.utc)
OLD, YOUNG = NOW - timedelta(days=400), NOW - timedelta(hours=1)


class Finder:
    """Stands in for pip's finder: a lock file keeps it from asking the index."""

    def __init__(self, *offers: Link, locked: Link | None = None) -> None:
        self._offers = [SimpleNamespace(link=link) for link in offers]
        self._locked_links = {} if locked is None else {"demo": locked}
        self._all_candidates: dict[str, Any] = {}

    def find_all_candidates(self, project: str) -> list[Any]:
        if project not in self._all_candidates:
            locked = self._locked_links.get(project)
            self._all_candidates[project] = self._offers if locked is None else [SimpleNamespace(link=locked)]
        return list(self._all_candidates[project])


@pytest.fixture(autouse=True)
def _policy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "get_gate", lambda: SimpleNamespace(policy=Policy()))


def link(uploaded: datetime | None = None, *, page: str = "https://pypi.example/simple/demo/") -> Link:
    return Link(f"https://files.example/{NAME}", comes_from=page, upload_time=uploaded)


def locked(claimed: datetime | None) -> Link:
    return link(claimed, page="pylock.toml")


@pytest.mark.parametrize(
    ("claimed", "offers", "uploaded"),
    [
        pytest.param(None, [link(OLD)], OLD, id="index-knows"),
        pytest.param(OLD, [link(YOUNG)], YOUNG, id="index-contradicts"),
        pytest.param(YOUNG, [link(OLD)], OLD, id="index-excuses"),
        pytest.param(OLD, [], None, id="claim-alone"),
        pytest.param(YOUNG, [], YOUNG, id="claim-against-the-file"),
        pytest.param(None, [], None, id="nothing"),
    ],
)
def test_index_says_how_old_a_locked_file_is(
    claimed: datetime | None, offers: list[Link], uploaded: datetime | None
) -> None:
    wanted = locked(claimed)
    finder: Any = Finder(*offers, locked=wanted)
    before = finder.find_all_candidates("demo")
    assert Ages().uploaded(wanted, "demo", finder) == uploaded
    assert finder.find_all_candidates("demo") == before
    assert finder._locked_links == {"demo": wanted}


def test_index_is_asked_before_the_lock_is() -> None:
    wanted = locked(OLD)
    finder: Any = Finder(link(YOUNG), locked=wanted)
    assert Ages().uploaded(wanted, "demo", finder) == YOUNG
    assert finder._all_candidates == {}


def test_knows_the_age_of_what_was_kept_from_pip() -> None:
    ages = Ages()
    ages.young["demo"] = [YoungFile(filename=NAME, version="1.0", uploaded=YOUNG)]
    finder: Any = Finder()
    assert ages.uploaded(link(), "demo", finder) == YOUNG


def test_no_claim_of_a_lock_file_keeps_a_file_from_pip() -> None:
    def evaluate(evaluator: Any, link: Link) -> tuple[LinkType, str]:
        late = evaluator._uploaded_prior_to is not None
        return (LinkType.upload_too_late, "") if late else (LinkType.candidate, "1.0")

    wanted = locked(YOUNG)
    ages = Ages()
    evaluator: Any = SimpleNamespace(_uploaded_prior_to=OLD, project_name="demo")
    ages.lock([wanted])
    assert ages.evaluate(evaluate, evaluator, wanted)[0] is LinkType.upload_too_late
    ages._cutoff = OLD
    assert ages.evaluate(evaluate, evaluator, wanted) == (LinkType.candidate, "1.0")
    assert evaluator._uploaded_prior_to == OLD
    assert ages.young == {}


@pytest.mark.parametrize("cutoff", [None, YOUNG])
def test_time_without_a_zone_is_one_in_utc(cutoff: datetime | None) -> None:
    ages = Ages()
    ages._cutoff = cutoff
    naive = link(OLD.replace(tzinfo=None))
    evaluator: Any = SimpleNamespace(project_name="demo")
    assert ages.evaluate(lambda _, given: (LinkType.candidate, str(given.upload_time)), evaluator, naive) == (
        LinkType.candidate,
        str(OLD),
    )
