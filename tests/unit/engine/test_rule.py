"""Test what a verdict means."""

from __future__ import annotations

import pytest

from pip_guard.engine.rule import Verdict
from pip_guard.facts.violation import Severity
from tests.unit.factories import make_finding, make_verdict, make_warning


@pytest.mark.parametrize(
    ("verdict", "refused"),
    [
        pytest.param(make_verdict(), False, id="nothing-found"),
        pytest.param(make_verdict(make_warning()), False, id="warning"),
        pytest.param(make_verdict(make_finding()), True, id="error"),
        pytest.param(make_verdict(make_warning(), make_finding()), True, id="error-after-warning"),
        pytest.param(make_verdict(excused=(make_finding(),)), False, id="excused-error"),
        pytest.param(make_verdict(make_finding(severity=Severity.OFF)), False, id="off"),
    ],
)
def test_verdict_refuses_if_a_finding_is_an_error(verdict: Verdict, refused: bool) -> None:
    assert verdict.refused is refused
