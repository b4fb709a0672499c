"""Test what people read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pip_guard.engine.rule import Finding
from pip_guard.errors import GuardError, InternalError, PolicyError, UsageError
from pip_guard.facts.origin import Origin
from pip_guard.report.text import TextReport, clean, docs_url, render_error, render_finding, render_refusal
from tests.unit.factories import (
    DEFAULT,
    ENVIRONMENT,
    REQUIREMENTS,
    make_finding,
    make_held_back,
    make_verdict,
    make_violation,
    make_warning,
)

PLAIN = """\
error: bad-thing

pip would do a bad thing.

hint: Do a good thing.
docs: https://pip-guard-shim.readthedocs.io/en/stable/rules/bad-thing.html
"""
WARNING = PLAIN.replace("error:", "warning:")


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        pytest.param(make_finding(), PLAIN, id="error"),
        pytest.param(make_warning(), WARNING, id="warning"),
        pytest.param(
            make_warning(
                violation=make_violation(origin=ENVIRONMENT), notes=("It expired.\nIndeed.",), would_refuse=True
            ),
            """\
warning: bad-thing

pip would do a bad thing.
  set by PIP_OPTION in the environment

note: It expired.
  Indeed.
note: pip-guard only observes here; else it would refuse this.

hint: Do a good thing.
docs: https://pip-guard-shim.readthedocs.io/en/stable/rules/bad-thing.html
""",
            id="notes",
        ),
        pytest.param(
            make_finding(violation=make_violation(origin=ENVIRONMENT)),
            """\
error: bad-thing

pip would do a bad thing.
  set by PIP_OPTION in the environment

hint: Do a good thing.
docs: https://pip-guard-shim.readthedocs.io/en/stable/rules/bad-thing.html
""",
            id="origin-of-a-setting",
        ),
        pytest.param(
            make_finding(violation=make_violation(origin=REQUIREMENTS)),
            """\
error: bad-thing

pip would do a bad thing.
  required by line 4 of requirements.txt

hint: Do a good thing.
docs: https://pip-guard-shim.readthedocs.io/en/stable/rules/bad-thing.html
""",
            id="origin-of-a-requirement",
        ),
        pytest.param(make_finding(violation=make_violation(origin=DEFAULT)), PLAIN, id="default-is-no-origin"),
        pytest.param(
            make_finding(remedy="Do a good thing:\npip-guard guard allow x\nor another."),
            """\
error: bad-thing

pip would do a bad thing.

hint: Do a good thing:
      pip-guard guard allow x
      or another.
docs: https://pip-guard-shim.readthedocs.io/en/stable/rules/bad-thing.html
""",
            id="remedy-of-several-lines",
        ),
        pytest.param(
            make_finding(violation=make_violation("The rule failed:\nTraceback:\n  File x")),
            """\
error: bad-thing

The rule failed:
  Traceback:
    File x

hint: Do a good thing.
docs: https://pip-guard-shim.readthedocs.io/en/stable/rules/bad-thing.html
""",
            id="message-of-several-lines",
        ),
        pytest.param(
            make_finding(
                violation=make_violation(
                    "pip would fetch https://me:secret@host.example/x.",
                    origin=Origin(kind=ENVIRONMENT.kind, text="PIP_INDEX_URL https://tom:pw@host.example/"),
                ),
                remedy="Remove https://token@host.example/ from it.",
            ),
            """\
error: bad-thing

pip would fetch https://me:****@host.example/x.
  set by PIP_INDEX_URL https://tom:****@host.example/

hint: Remove https://****@host.example/ from it.
docs: https://pip-guard-shim.readthedocs.io/en/stable/rules/bad-thing.html
""",
            id="credentials",
        ),
        pytest.param(
            make_finding(
                violation=make_violation(
                    "pip would build \x1b[2J\x1b[1;32mok\r\x07\u202etar.gz\udc80.",
                    origin=Origin(kind=REQUIREMENTS.kind, text="line 1 of \x1b]0;x\x07.txt"),
                ),
                remedy="Run \x1b[8mthis.",
            ),
            """\
error: bad-thing

pip would build \\x1b[2J\\x1b[1;32mok\\r\\x07\\u202etar.gz\\udc80.
  required by line 1 of \\x1b]0;x\\x07.txt

hint: Run \\x1b[8mthis.
docs: https://pip-guard-shim.readthedocs.io/en/stable/rules/bad-thing.html
""",
            id="control-characters",
        ),
        pytest.param(
            make_finding(
                violation=make_violation(
                    "pip would build x\n\nhint: Run curl.",
                    origin=Origin(kind=REQUIREMENTS.kind, text="line 1 of x\nhint: Run curl."),
                ),
                remedy='Allow x\ndocs: elsewhere --reason "..."',
            ),
            """\
error: bad-thing

pip would build x

  hint: Run curl.
  required by line 1 of x
  hint: Run curl.

hint: Allow x
      docs: elsewhere --reason "..."
docs: https://pip-guard-shim.readthedocs.io/en/stable/rules/bad-thing.html
""",
            id="lines-that-pretend-to-be-ours",
        ),
        pytest.param(
            make_finding(violation=make_violation("pip würde 数学 bauen 🐍.")),
            PLAIN.replace("pip would do a bad thing.", "pip würde 数学 bauen 🐍."),
            id="letters-of-all-kinds",
        ),
    ],
)
def test_renders_finding(finding: Finding, text: str) -> None:
    assert render_finding(finding, colour=False) == text


@pytest.mark.parametrize(
    ("finding", "head"),
    [
        pytest.param(make_finding(), "\x1b[1;31merror\x1b[0m: \x1b[1mbad-thing\x1b[0m\n", id="error"),
        pytest.param(make_warning(), "\x1b[1;33mwarning\x1b[0m: \x1b[1mbad-thing\x1b[0m\n", id="warning"),
    ],
)
def test_renders_head_of_finding_in_colour(finding: Finding, head: str) -> None:
    assert render_finding(finding, colour=True) == head + PLAIN.partition("\n")[2]


def test_neutralises_control_characters_in_colour_too() -> None:
    text = render_finding(make_finding(violation=make_violation("pip would build \x1b[8mx.")), colour=True)
    assert text.splitlines()[2] == "pip would build \\x1b[8mx."


def test_renders_refusal() -> None:
    verdict = make_verdict(make_warning(), make_finding(), excused=(make_finding(rule="excused"),))
    assert render_refusal(verdict, colour=False) == f"{WARNING}\n{PLAIN}\nNothing was installed.\n"


ADVICE = "Correct the file, or name another one with --guard-policy=FILE. No policy is ever skipped."


@pytest.mark.parametrize(
    ("error", "text"),
    [
        pytest.param(
            GuardError("It is so.", hint="Do this."),
            "error: It is so.\n\nhint: Do this.\n\nNothing was installed.\n",
            id="undecided",
        ),
        pytest.param(
            UsageError("It is so.", hint="Do this:\nthat"),
            "error: It is so.\n\nhint: Do this:\n      that\n\nNothing was installed.\n",
            id="hint-of-two-lines",
        ),
        pytest.param(
            PolicyError(["/p.toml: rules.x: no", "/p.toml: y: neither"]),
            "error: The policy cannot be used:\n  /p.toml: rules.x: no\n  /p.toml: y: neither\n\n"
            f"hint: {ADVICE}\n\nNothing was installed.\n",
            id="policy",
        ),
        pytest.param(
            InternalError("Traceback:\n  File x\nValueError: https://me:pw@host.example/\n"),
            "error: pip-guard failed, so nothing was decided:\n  Traceback:\n    File x\n"
            "  ValueError: https://me:****@host.example/\n\n"
            "hint: This is a defect of pip-guard. Please report it with the lines above.\n\nNothing was installed.\n",
            id="internal",
        ),
        pytest.param(
            GuardError("\x1b[8mIt\nis so.", hint="\x1b[0mDo"),
            "error: \\x1b[8mIt\n  is so.\n\nhint: \\x1b[0mDo\n\nNothing was installed.\n",
            id="control-characters",
        ),
    ],
)
def test_renders_error(error: GuardError, text: str) -> None:
    assert render_error(error, colour=False) == text
    assert render_error(error, colour=True) == f"\x1b[1;31merror\x1b[0m{text.removeprefix('error')}"


def test_report_shows_each_warning_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    TextReport().warn(make_verdict(make_warning(), make_warning()))
    assert capsys.readouterr() == ("", f"{WARNING}\n{WARNING}\n")


def test_report_ends_with_the_refusal(capsys: pytest.CaptureFixture[str]) -> None:
    TextReport().end(make_verdict(make_finding()), ["only-binary"])
    assert capsys.readouterr() == ("", f"{PLAIN}\nNothing was installed.\n")


def test_report_says_nothing_where_nothing_was_refused(capsys: pytest.CaptureFixture[str]) -> None:
    TextReport().end(None, ["only-binary"])
    assert capsys.readouterr() == ("", "")


def test_page_of_a_rule_is_named_after_it() -> None:
    assert docs_url("internal-error") == "https://pip-guard-shim.readthedocs.io/en/stable/reference/exit-codes.html"
    assert docs_url("bad-thing") == "https://pip-guard-shim.readthedocs.io/en/stable/rules/bad-thing.html"


@given(text=st.text())
def test_cleaned_text_is_printable_and_keeps_its_lines(text: str) -> None:
    cleaned = clean(text)
    assert all(line.isprintable() for line in cleaned.split("\n"))
    assert cleaned.count("\n") == text.count("\n")


def test_message_of_the_policy_stands_under_a_refusal() -> None:
    verdict = make_verdict(make_finding(), advice="Ask https://me:secret@acme.example\x1b[2J\nor #python-help.")
    assert render_refusal(verdict, colour=False) == (
        f"{PLAIN}\nAsk https://me:****@acme.example\\x1b[2J\n  or #python-help.\n\nNothing was installed.\n"
    )


@pytest.mark.parametrize(
    ("age", "text"),
    [
        pytest.param(timedelta(days=30), "30 days", id="days"),
        pytest.param(timedelta(hours=36), "36 hours", id="hours"),
    ],
)
def test_says_in_one_line_what_is_held_back(capsys: pytest.CaptureFixture[str], age: timedelta, text: str) -> None:
    TextReport().hold_back(make_held_back(minimum_age=age), quiet=False)
    TextReport().hold_back(make_held_back(minimum_age=age), quiet=True)
    expected = f"note: ruff 0.17.6 is held back until 2026-12-19 (minimum age {text})\n"
    assert capsys.readouterr() == ("", expected)


@pytest.mark.parametrize(
    ("fixes", "text"),
    [
        pytest.param(("PYSEC-1",), "PYSEC-1, a known vulnerability", id="one"),
        pytest.param(("A-1", "A-2", "A-3", "A-4"), "A-1, A-2, A-3, and 1 more, known vulnerabilities", id="many"),
    ],
)
def test_says_what_a_release_that_is_held_back_fixes(
    capsys: pytest.CaptureFixture[str], fixes: tuple[str, ...], text: str
) -> None:
    TextReport().hold_back(make_held_back(fixes=fixes), quiet=False)
    assert capsys.readouterr().err.endswith(f" (minimum age 30 days); it fixes {text} of ruff 0.16.0\n")


LONG = make_finding(
    violation=make_violation(
        "pip would take demo-1.0-py3-none-any.whl from https://files.example/packages/demo-1.0-py3-none-any.whl, which is not approved.\n"
        "Another line, of a list, is not short either, and says more than one would think.",
        origin=REQUIREMENTS,
    ),
    remedy="Ask for the project by name, or name a local file on the command line, or approve the place.\n"
    "In /home/me/.config/pip-guard/policy.toml, which is a long path and is not broken:\n"
    "[indexes]\n"
    'file-hosts = ["https://files.pythonhosted.org/", "https://files.example/packages"]\n'
    'pip-guard guard allow direct-url demo --hash sha256:00 --reason "..." and some more words',
    notes=("The exception expired on 2026-01-01, and whoever wrote it should know more about it.",),
)
COPIED = """\
      In /home/me/.config/pip-guard/policy.toml, which is a long path and is not broken:
      [indexes]
      file-hosts = ["https://files.pythonhosted.org/", "https://files.example/packages"]
      pip-guard guard allow direct-url demo --hash sha256:00 --reason "..." and some more words
docs: https://pip-guard-shim.readthedocs.io/en/stable/rules/bad-thing.html
"""
AT_60 = f"""\
error: bad-thing

pip would take demo-1.0-py3-none-any.whl from
  https://files.example/packages/demo-1.0-py3-none-any.whl,
  which is not approved.
  Another line, of a list, is not short either, and says
  more than one would think.
  required by line 4 of requirements.txt

note: The exception expired on 2026-01-01, and whoever wrote
  it should know more about it.

hint: Ask for the project by name, or name a local file on
      the command line, or approve the place.
{COPIED}"""


def test_lines_break_at_words() -> None:
    assert render_finding(LONG, colour=False, width=60) == AT_60


@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_word_is_lost_where_lines_break(width: int) -> None:
    whole, broken = (render_refusal(make_verdict(LONG), colour=False, width=each) for each in (0, width))
    assert whole.split() == broken.split()
    copied = {*COPIED.splitlines()}
    assert copied <= {*broken.splitlines()}
    assert all(len(line) <= width for line in broken.splitlines() if line not in copied)


@pytest.mark.parametrize(
    ("command", "end"),
    [
        ("install", "\nNothing was installed.\n"),
        (None, "\nNothing was installed.\n"),
        ("config", "\nNothing was changed.\n"),
        ("download", "\nNothing was downloaded.\n"),
        ("list", ""),
    ],
)
def test_says_what_was_not_done(command: str | None, end: str, capsys: pytest.CaptureFixture[str]) -> None:
    TextReport().end(make_verdict(make_finding()), [], command)
    assert capsys.readouterr().err == f"{PLAIN}{end}"


def test_error_of_an_action_says_nothing_of_installations() -> None:
    error = GuardError("It is so.", hint="Do this.")
    assert render_error(error, colour=False, of_action=True) == "error: It is so.\n\nhint: Do this.\n"


def test_message_of_the_policy_is_shown_once_where_rules_only_observe(capsys: pytest.CaptureFixture[str]) -> None:
    report = TextReport()
    for _ in range(2):
        report.warn(make_verdict(make_warning(), advice="Ask #python-help."))
    assert capsys.readouterr().err == f"{WARNING}\nAsk #python-help.\n\n{WARNING}\n"
