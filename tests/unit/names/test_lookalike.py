"""Test which project names are taken for near misses of others."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pip_guard.names import lookalike
from pip_guard.names.import_names import MEANT_BY_PHANTOM, projects_by_import_name
from pip_guard.names.lookalike import NearMiss, judge, near_miss
from pip_guard.names.popular import POPULAR, PopularNames, popular_names

LABELLED_NAMES = Path(os.environ.get("PIP_GUARD_NAMES") or Path(__file__).parents[4] / "shared" / "names")


@pytest.mark.parametrize(
    ("name", "target", "reason"),
    [
        pytest.param("sqlaclhemy", "sqlalchemy", "two neighbouring letters swapped", id="swapped"),
        pytest.param("jinnja2", "jinja2", "a letter doubled", id="doubled"),
        pytest.param("setuptoools", "setuptools", "a letter doubled", id="tripled"),
        pytest.param("charset-normalizr", "charset-normalizer", "a letter missing", id="missing"),
        pytest.param(
            "markupssafe",
            "markupsafe",
            "a letter doubled",
            id="doubled-at-a-joint",
        ),
        pytest.param(
            "importlib-metafata",
            "importlib-metadata",
            "a letter replaced by one from a key beside it",
            id="key-beside",
        ),
        pytest.param(
            "typing-extensiins",
            "typing-extensions",
            "a letter replaced by one from a key beside it, which looks or sounds like it",
            id="alike-and-beside",
        ),
        pytest.param(
            "typing-extensians",
            "typing-extensions",
            "a letter replaced by one that looks or sounds like it",
            id="alike",
        ),
        pytest.param(
            "google-api-corew", "google-api-core", "an extra letter from a key beside the right one", id="brushed"
        ),
        pytest.param("prompt-tookit", "prompt-toolkit", "a letter missing", id="missing-in-a-word"),
        pytest.param(
            "charsset-normlizer",
            "charset-normalizer",
            "a letter doubled and a letter missing",
            id="two-typos",
        ),
        pytest.param("markpusfae", "markupsafe", "two neighbouring letters swapped, twice", id="twice-the-same"),
        pytest.param("pytohn", "python", "two neighbouring letters swapped", id="of-what-is-no-project"),
    ],
)
def test_is_sure_of(name: str, target: str, reason: str) -> None:
    assert judge(name) == NearMiss(name=name, target=target, confidence="sure", reason=reason)


@pytest.mark.parametrize(
    ("name", "target", "reason"),
    [
        pytest.param("setuptools7", "setuptools", "a digit at the end", id="a-fork-or-a-typo"),
        pytest.param("djangos", "django", "an extra letter", id="perhaps-another-project"),
        pytest.param("ruff-pytest", "pytest-ruff", "the same words in another order", id="two-words"),
        pytest.param(
            "storage-google-cloud", "google-cloud-storage", "the same words in another order", id="three-words"
        ),
        pytest.param("yaml", "pyyaml", "the name that pyyaml is imported by", id="import-name"),
        pytest.param("sklearn", "scikit-learn", "the name that scikit-learn is imported by", id="deprecated-project"),
        pytest.param("bs4", "beautifulsoup4", "the name that beautifulsoup4 is imported by", id="empty-project"),
        pytest.param(
            "requirements-txt",
            "-r requirements.txt",
            "asked for by mistake, and the name of no project",
            id="option-left-out",
        ),
        pytest.param("python3", "", "asked for by mistake, and the name of no project", id="no-project"),
        pytest.param("concurrent", "", "the name of a module that comes with Python", id="standard-library"),
        pytest.param("tdqm", "tqdm", "two neighbouring letters swapped", id="popular-by-mistake"),
    ],
)
def test_finds_likely(name: str, target: str, reason: str) -> None:
    assert judge(name) == NearMiss(name=name, target=target, confidence="likely", reason=reason)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("requests", id="popular"),
        pytest.param("grequests", id="popular-and-near-another"),
        pytest.param("asyncio", id="popular-and-in-the-standard-library"),
        pytest.param("acme-internal-tool", id="like-no-other"),
        pytest.param("pytest-acme", id="of-a-large-family"),
        pytest.param("types-acme", id="stubs"),
        pytest.param("numpy2", id="next-version"),
        pytest.param("jinja3", id="another-version"),
        pytest.param("py-yaml", id="only-separators-differ"),
        pytest.param("ruff-for-pytest-and-mypy", id="more-than-three-words"),
        pytest.param("requests-and-more", id="word-added"),
        pytest.param("sxi", id="too-short"),
        pytest.param("six6", id="target-too-short"),
        pytest.param("", id="empty"),
        pytest.param("reqeests\udc80", id="no-name"),
        pytest.param("Reqeests", id="not-normalised"),
        pytest.param("-", id="separator"),
    ],
)
def test_finds_nothing_noop(name: str) -> None:
    assert judge(name) is None


@pytest.mark.parametrize(
    ("marks", "target"),
    [
        pytest.param({"learning": "3", "learnings": "8"}, "learning", id="more-popular"),
        pytest.param({"learning": "8", "learnngi": "8"}, "learning", id="likelier-typo"),
        pytest.param({"learning": "~"}, None, id="not-popular"),
        pytest.param({}, None, id="no-names"),
    ],
)
def test_takes_the_likeliest_target(marks: dict[str, str], target: str | None) -> None:
    lines = "".join(sorted(f"{name} {mark}\n" for name, mark in marks.items()))
    miss = near_miss(PopularNames(lines=f"\n{lines}".encode()), "learnign")
    assert (miss and miss.target) == target


def test_what_looks_like_other_names_is_no_slip() -> None:
    alone = near_miss(PopularNames(lines=b"\nlender 0\n"), "render")
    assert alone is not None
    assert near_miss(PopularNames(lines=b"\nlender 0\nrender-core 8\nsurrender 8\n"), "render") is None


def test_a_mark_without_a_target_is_no_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookalike, "popular_names", lambda: PopularNames(lines=b"\nlearning ?\n"))
    assert judge("learning") is None


def test_names_that_are_no_projects_stand_for_some() -> None:
    names = popular_names()
    projects = {*projects_by_import_name().values(), MEANT_BY_PHANTOM["opencv"], MEANT_BY_PHANTOM["pip3"]}
    assert {project for project in projects if (names.mark(project) or "~") not in POPULAR} == set()
    assert projects_by_import_name().keys().isdisjoint(MEANT_BY_PHANTOM)


def test_no_popular_name_is_refused_and_few_are_warned_of() -> None:
    lines = popular_names().lines.decode().partition("\n\n")[2].splitlines()
    popular = {name for name, mark in map(str.split, lines) if mark in POPULAR}
    alarms = {miss.name: miss.confidence for name in popular if (miss := judge(name))}
    assert set(alarms.values()) == {"likely"}
    # what else is popular by mistake has a mark that says so
    assert alarms.keys() <= projects_by_import_name().keys() | MEANT_BY_PHANTOM.keys()
    assert len(popular) > 15_000
    assert len(alarms) < 20


@given(name=st.text(max_size=80) | st.text("abcdefghijklmnopqrstuvwxyz0123456789-", max_size=80))
def test_never_raises(name: str) -> None:
    miss = judge(name)
    assert miss is None or miss.name == name


def test_is_loaded_without_the_names() -> None:
    code = "import pip_guard.names.lookalike, pip_guard.names.popular as p; assert p.popular_names.cache_info().currsize == 0"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_takes_no_time() -> None:
    """What takes 1 ms here may take far longer on a busy machine; a search that went wrong takes 100 times as long."""
    judge("requests")
    spent = []
    for _ in range(20):
        start = time.perf_counter()
        judge("pytest-acmex")
        spent.append(time.perf_counter() - start)
    assert min(spent) < 0.02


@pytest.mark.slow
@pytest.mark.skipif(not LABELLED_NAMES.is_dir(), reason="the labelled names are not here")
def test_keeps_what_it_finds_in_labelled_names() -> None:
    typos = _read("typos.tsv")
    legitimate = _read("legitimate.tsv")
    independent = [row[0] for row in typos if row[4] == "independent" and row[2] != "0"]
    campaigns = [row[0] for row in typos if row[4] == "campaign" and row[2] != "0"]
    assert _shares(independent) >= (65, 80)
    assert _shares(campaigns) >= (84, 91)
    for kind, refused, warned in [("popular", 0.01, 0.2), ("once-popular", 0.3, 1.15), ("pytest-plugin", 0.2, 1.5)]:
        shares = _shares([row[0] for row in legitimate if row[3] == kind])
        assert shares[0] <= refused, kind
        assert shares[1] <= warned, kind


def _read(name: str) -> list[list[str]]:
    lines = (LABELLED_NAMES / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def _shares(names: list[str]) -> tuple[float, float]:
    """Return which share of names is refused, and which refused or warned of, in per cent."""
    results = [miss.confidence for name in names if (miss := judge(name))]
    refused, warned = results.count("sure"), results.count("likely")
    return 100 * refused / len(names), 100 * (refused + warned) / len(names)
