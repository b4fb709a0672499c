"""Judge a folder of real wheels by the rules about wheels: what genuine projects bring is no finding.

PIP_GUARD_TEST_WHEELS=/opt/pypi python -m pytest -m manual tests/e2e/test_real_wheels.py
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest

from pip_guard.distributions.describe import Wheel, describe_wheels
from pip_guard.distributions.wheel.reader import read_wheel
from pip_guard.engine.evaluate import evaluate
from pip_guard.facts.origin import Origin, OriginKind
from pip_guard.policy.model import Policy
from pip_guard.rules import ALL_RULES

FOLDER = os.environ.get("PIP_GUARD_TEST_WHEELS", "")
ORIGIN = Origin(kind=OriginKind.ARGUMENT, text="the command line")
# meson brings a policy for polkit, with which it asks for root's rights to install; cmeel imports a module whenever Python starts.
EXPECTED = {"cmeel", "meson"}
# They bring the same modules.
ALTERNATIVES = {"opencv-python-headless", "pygame-ce"}

pytestmark = [
    pytest.mark.manual,
    pytest.mark.skipif(not FOLDER, reason="PIP_GUARD_TEST_WHEELS names no folder"),
]


def find_wheels() -> Sequence[Path]:
    """Return each file once, however many links lead to it."""
    return sorted({path.resolve() for path in Path(FOLDER).rglob("*.whl") if path.is_file()})


def read(path: Path) -> Wheel:
    return Wheel(contents=read_wheel(str(path), path.name), origin=ORIGIN)


def judge(wheels: Sequence[Wheel]) -> Iterator[tuple[str, str]]:
    verdict = evaluate(describe_wheels(wheels, None), Policy(), ALL_RULES, date(2026, 12, 1))
    for finding in verdict.findings:
        yield finding.violation.project or finding.rule, f"{finding.rule}: {finding.violation.message}"


def test_finds_nothing_in_genuine_wheels() -> None:
    found = [each for path in find_wheels() for each in judge([read(path)])]
    assert {project for project, _ in found} <= EXPECTED, "\n".join(message for _, message in found)


def test_only_those_that_write_over_each_other_conflict() -> None:
    newest: dict[str, Wheel] = {}
    for path in find_wheels():
        wheel = read(path)
        newest[wheel.project] = wheel
    found = list(judge(list(newest.values())))
    assert {project for project, _ in found} <= EXPECTED | ALTERNATIVES, "\n".join(message for _, message in found)
