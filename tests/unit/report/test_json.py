"""Test what programs read."""

from __future__ import annotations

import json

import pytest

from pip_guard.engine.rule import Verdict
from pip_guard.errors import GuardError
from pip_guard.frozen import replace
from pip_guard.report.json import JsonReport, describe, write_error
from tests.unit.factories import (
    REQUIREMENTS,
    make_finding,
    make_held_back,
    make_verdict,
    make_violation,
    make_warning,
)

DOCS = "https://pip-guard-shim.readthedocs.io/en/stable/rules/bad-thing.html"
PLAIN = {
    "rule": "bad-thing",
    "severity": "error",
    "would_refuse": False,
    "message": "pip would do a bad thing.",
    "origin": None,
    "project": None,
    "version": None,
    "notes": [],
    "remedy": "Do a good thing.",
    "docs": DOCS,
}


def test_describes_everything_that_is_known_of_a_finding() -> None:
    finding = make_warning(
        would_refuse=True,
        notes=("An exception expired.",),
        violation=make_violation(origin=REQUIREMENTS, project="demo", version="1.0", hashes=frozenset({"sha256:0"})),
    )
    assert describe(finding) == {
        "rule": "bad-thing",
        "severity": "warning",
        "would_refuse": True,
        "message": "pip would do a bad thing.",
        "origin": "required by line 4 of requirements.txt",
        "project": "demo",
        "version": "1.0",
        "notes": ["An exception expired."],
        "remedy": "Do a good thing.",
        "docs": DOCS,
    }


def test_describes_a_finding_of_which_nothing_else_is_known() -> None:
    assert describe(make_finding()) == PLAIN


@pytest.mark.parametrize(
    ("warnings", "refusal", "expected"),
    [
        pytest.param([], None, {"verdict": "allowed", "findings": []}, id="allowed"),
        pytest.param([], make_verdict(make_finding()), {"verdict": "refused", "findings": [PLAIN]}, id="refused"),
        pytest.param(
            [make_verdict(make_warning(rule="a"), make_warning(rule="b")), make_verdict(make_warning(rule="c"))],
            None,
            {"verdict": "allowed", "findings": ["a", "b", "c"]},
            id="warnings",
        ),
        pytest.param(
            [make_verdict(make_warning(rule="a"))],
            make_verdict(make_finding(rule="b"), excused=(make_finding(rule="x"),)),
            {"verdict": "refused", "findings": ["a", "b"]},
            id="warnings-before-the-refusal",
        ),
        pytest.param(
            [make_verdict(make_warning(rule="a"), make_warning(rule="b", would_refuse=True))],
            None,
            {"verdict": "allowed", "would_have_refused": True, "findings": ["a", "b"]},
            id="only-observed",
        ),
        pytest.param(
            [make_verdict(make_warning(rule="a", would_refuse=True), advice="Ask #python-help.")],
            None,
            {
                "verdict": "allowed",
                "would_have_refused": True,
                "findings": ["a"],
                "advisory_message": "Ask #python-help.",
            },
            id="message-of-the-policy-where-it-only-observes",
        ),
        pytest.param(
            [],
            replace(make_verdict(make_finding()), advice="Ask #python-help."),
            {"verdict": "refused", "findings": [PLAIN], "advisory_message": "Ask #python-help."},
            id="message-of-the-policy",
        ),
    ],
)
def test_writes_one_object_when_the_command_ends(
    capsys: pytest.CaptureFixture[str], warnings: list[Verdict], refusal: Verdict | None, expected: dict[str, object]
) -> None:
    report = JsonReport()
    for verdict in warnings:
        report.warn(verdict)
    assert capsys.readouterr() == ("", "")
    report.hold_back(make_held_back(), quiet=True)
    report.end(refusal, ("only-binary", "x=y"))
    stdout, stderr = capsys.readouterr()
    content = json.loads(stderr)
    if expected["findings"] != [PLAIN]:
        content["findings"] = [finding["rule"] for finding in content["findings"]]
    assert content == {
        "schema": 1,
        "enforced": ["only-binary", "x=y"],
        "held_back": [
            {"project": "ruff", "version": "0.17.6", "until": "2026-12-19T12:00:00Z", "chosen": "0.16.0", "fixes": []}
        ],
        "would_have_refused": False,
        "advisory_message": None,
        **expected,
    }
    assert (stdout, stderr.count("\n"), stderr[-1]) == ("", 1, "\n")


def test_writes_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    write_error(GuardError("It is\nso.", hint="Do this."))
    error = '"error": {"message": "It is\\nso.", "hint": "Do this."}'
    assert capsys.readouterr() == (
        "",
        f'{{"schema": 1, "verdict": "error", "findings": [], "enforced": [], {error}}}\n',
    )


def test_writes_ascii_without_control_characters_and_credentials(capsys: pytest.CaptureFixture[str]) -> None:
    message = "pip would fetch https://me:secret@host.example/\x1b[2J\u202e\udc80.whl."
    JsonReport().end(make_verdict(make_finding(violation=make_violation(message))), ())
    stderr = capsys.readouterr().err
    assert stderr.isascii()
    assert stderr.rstrip("\n").isprintable()
    assert json.loads(stderr)["findings"] == [
        {**PLAIN, "message": "pip would fetch https://me:****@host.example/\x1b[2J\u202e\udc80.whl."}
    ]
