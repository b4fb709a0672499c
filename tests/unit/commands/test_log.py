"""Test how the journal is shown."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pip_guard.commands import log
from pip_guard.commands.log import run
from pip_guard.engine.summary import CommandSummary
from pip_guard.errors import GuardError, UsageError
from pip_guard.guard_actions import GuardRequest
from pip_guard.journal.record import Event, Outcome
from pip_guard.options import OwnOptions
from tests.unit.factories import make_finding, make_violation, make_warning
from tests.unit.journal.factories import NOW, WHEEL, make_excuse, make_line, make_process_info

SDIST = "source-distribution"
REFUSED = make_line(
    CommandSummary(
        refused=True,
        findings=(
            make_warning(rule="yanked-release", violation=make_violation("pip would take demo 1.0.")),
            make_finding(
                rule=SDIST,
                violation=make_violation("pip would build docopt.\nRight now.", project="docopt", version="0.6.2"),
            ),
        ),
    ),
    identity="1",
    outcome=Outcome.REFUSED,
    exit_code=40,
    process_info=make_process_info(argv=("install", "docopt; ls")),
)
ALLOWED = make_line(
    CommandSummary(files=(WHEEL,), excused=(make_excuse(reason="read it"), make_excuse(once=True))),
    identity="2",
    now=NOW + timedelta(minutes=1),
)
BEGUN = make_line(
    identity="3", now=NOW + timedelta(minutes=2), event=Event.BEGIN, outcome=Outcome.BEGUN, exit_code=None
)
ERROR = make_line(
    identity="4",
    now=NOW + timedelta(minutes=3),
    outcome=Outcome.ERROR,
    exit_code=43,
    error="pip-guard failed:\n\x1b[2J",
    process_info=make_process_info(user="bob", host="build-8"),
)
OBSERVED = make_line(
    CommandSummary(
        findings=(make_warning(rule=SDIST, would_refuse=True, violation=make_violation("pip would build x.")),)
    ),
    identity="5",
    outcome=Outcome.WOULD_REFUSE,
)
TEXT = {
    "observed": """\
2026-05-01 12:30:01Z  observed    0  alice  pip install demo
    would refuse: source-distribution: pip would build x.
""",
    "refused": """\
2026-05-01 12:30:01Z  refused    40  alice  pip install 'docopt; ls'
    warning: yanked-release: pip would take demo 1.0.
    source-distribution: pip would build docopt. Right now.
""",
    "allowed": """\
2026-05-01 12:31:01Z  allowed     0  alice  pip install demo
    allowed by an exception (read it): bad-thing demo 1.0
    allowed once, on the command line: bad-thing demo 1.0
""",
    "begun": "2026-05-01 12:32:01Z  unended     -  alice  pip install demo\n",
    "error": """\
2026-05-01 12:33:01Z  error      43  bob  pip install demo
    pip-guard failed: \\x1b[2J
""",
}


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the journal where nothing else is, with four commands in it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("PIP_GUARD_POLICY", raising=False)
    folder = tmp_path / "pip-guard" / "log"
    folder.mkdir(parents=True)
    (folder / "journal.jsonl.1").write_bytes(REFUSED + ALLOWED)
    (folder / "journal.jsonl").write_bytes(BEGUN + ERROR)
    monkeypatch.setattr(log, "journal_path", lambda settings: settings.path or str(folder / "journal.jsonl"))
    return folder / "journal.jsonl"


def show(*arguments: str, **options: str | bool) -> int:
    given = {f"--{name.replace('_', '-')}" if len(name) > 1 else f"-{name}": value for name, value in options.items()}
    return run(arguments, GuardRequest(arguments=("log", *arguments), options=given), OwnOptions())


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        pytest.param({}, ["refused", "allowed", "begun", "error"], id="all"),
        pytest.param({"refused": True}, ["refused", "error"], id="refused"),
        pytest.param({"n": "2"}, ["begun", "error"], id="last"),
        pytest.param({"n": "7"}, ["refused", "allowed", "begun", "error"], id="more-than-there-are"),
        pytest.param({"n": "0"}, [], id="none"),
        pytest.param({"n": "1", "refused": True}, ["error"], id="last-refused"),
        pytest.param({"rule": SDIST}, ["refused"], id="rule"),
        pytest.param({"rule": "yanked-release"}, ["refused"], id="rule-that-warned"),
        pytest.param({"rule": "internal-error"}, [], id="failure"),
        pytest.param({"project": "DocOpt"}, ["refused"], id="project-of-a-finding"),
        pytest.param({"project": "dem*"}, ["allowed"], id="pattern-of-files"),
        pytest.param({"since": "2026-05-01T12:32:01Z"}, ["begun", "error"], id="since-time"),
        pytest.param({"since": "2026-05-01T14:33:01+02:00"}, ["error"], id="since-time-elsewhere"),
        pytest.param({"since": "2099-01-01"}, [], id="since-date"),
        pytest.param({"since": "99999w"}, ["refused", "allowed", "begun", "error"], id="since-ever"),
    ],
)
def test_shows_what_is_wanted(options: dict[str, Any], shown: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert show(**options) == 0
    assert capsys.readouterr() == ("".join(TEXT[name] for name in shown), "")


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("90m", timedelta(minutes=90)),
        ("12h", timedelta(hours=12)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(weeks=2)),
    ],
)
def test_time_can_be_told_as_how_long_ago(text: str, ago: timedelta) -> None:
    assert log._read_time(text, NOW) == NOW - ago


def test_date_is_one_of_here() -> None:
    assert log._read_time("2027-01-31", NOW) == datetime(2027, 1, 31).astimezone()


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        pytest.param((), {"since": "yesterday"}, "'yesterday' is not a valid time.", id="since"),
        pytest.param((), {"n": "few"}, "-n takes a number, not 'few'.", id="number"),
        pytest.param((), {"n": "²"}, "-n takes a number, not '²'.", id="odd-number"),
        pytest.param((), {"rule": "no-rule"}, "There is no rule no-rule.", id="rule"),
        pytest.param(("nowhere",), {}, "nowhere does not exist.", id="file"),
        pytest.param(
            ("x",), {"follow": True}, "--follow cannot be combined with files or --summary.", id="file-followed"
        ),
        pytest.param(
            (),
            {"follow": True, "summary": True},
            "--follow cannot be combined with files or --summary.",
            id="summary",
        ),
    ],
)
def test_wrong_usage_is_an_error(arguments: tuple[str, ...], options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        show(*arguments, **options)
    assert caught.value.message == message


def test_shows_records_as_they_were_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert show(json=True, refused=True) == 0
    assert capsys.readouterr() == ((REFUSED + ERROR).decode(), "")


def test_counts_what_was_refused(capsys: pytest.CaptureFixture[str], path: Path) -> None:
    other = make_line(CommandSummary(findings=(make_finding(rule="a"),)), identity="5")
    path.write_bytes(REFUSED.replace(b'"id": "1"', b'"id": "6"') + other + ALLOWED)
    assert show(summary=True) == 0
    assert capsys.readouterr() == ("     2  source-distribution docopt 0.6.2\n     1  a\n", "")


def test_shows_what_is_only_observed(capsys: pytest.CaptureFixture[str], path: Path) -> None:
    path.write_bytes(OBSERVED)
    assert show(refused=True, n="1", rule=SDIST) == 0
    assert capsys.readouterr() == (TEXT["observed"], "")
    assert show(summary=True, project="*") == 0
    assert show(summary=True) == 0
    assert capsys.readouterr().out == (
        "     1  source-distribution docopt 0.6.2\n     1  source-distribution\n     1  source-distribution docopt 0.6.2\n"
    )


def test_shows_files_of_other_machines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "one").write_bytes(ERROR)
    (tmp_path / "two").write_bytes(BEGUN)
    assert show(str(tmp_path / "one"), str(tmp_path / "two")) == 0
    begun, error = (TEXT[name] for name in ("begun", "error"))
    expected = begun.replace("alice", "alice@build-7") + error.replace("bob", "bob@build-8")
    assert capsys.readouterr() == (expected, "")


def test_nothing_is_shown_where_nothing_was_recorded(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file in path.parent.iterdir():
        file.unlink()
    assert show() == 0
    assert capsys.readouterr() == ("", "")


def test_shows_the_journal_that_the_policy_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "j").write_bytes(BEGUN)
    (tmp_path / "pip-guard" / "policy.toml").write_text(f'[journal]\npath = "{tmp_path / "j"}"\n', encoding="utf-8")
    assert show() == 0
    assert capsys.readouterr() == (TEXT["begun"], "")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(
            b"half\n",
            "1 line of the journal cannot be read: the file was changed, or a command was killed while writing.\n",
            id="line",
        ),
        pytest.param(
            b"half\nhalf",
            "2 lines of the journal cannot be read: the file was changed, or a command was killed while writing.\n",
            id="lines",
        ),
        pytest.param(
            b'{"schema": 2}\n', "1 records were written by a newer pip-guard, and are not shown.\n", id="newer"
        ),
    ],
)
def test_says_what_it_cannot_read(content: bytes, said: str, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_bytes(BEGUN + content)
    assert show(n="1") == 0
    assert capsys.readouterr() == (TEXT["begun"], said)


class Terminal:
    """A standard output that is a terminal."""

    def __init__(self) -> None:
        self.text = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> None:
        self.text += text


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [
        pytest.param({}, True, id="terminal"),
        pytest.param({"NO_COLOR": "1"}, False, id="no-color"),
        pytest.param({"TERM": "dumb"}, False, id="dumb"),
    ],
)
def test_refusals_are_coloured_on_a_terminal(
    variables: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    show()
    refused, allowed = ("\x1b[1;31mrefused \x1b[0m", "allowed ") if coloured else ("refused ", "allowed ")
    assert f"12:30:01Z  {refused}   40" in terminal.text
    assert f"12:31:01Z  {allowed}    0" in terminal.text


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Callable[[Iterator[object]], None]:
    """Let something happen whenever the program waits, and interrupt it in the end."""

    def follow(happens: Iterator[object]) -> None:
        def sleep(seconds: float) -> None:
            try:
                next(happens)
            except StopIteration:
                raise KeyboardInterrupt from None

        monkeypatch.setattr(time, "sleep", sleep)

    return follow


def test_goes_on_showing_what_comes(
    path: Path, capsys: pytest.CaptureFixture[str], steps: Callable[[Iterator[object]], None]
) -> None:
    def happens() -> Iterator[object]:
        assert capsys.readouterr().out == TEXT["error"]
        with path.open("ab") as file:
            file.write(ALLOWED + b"half\n")
        yield None
        assert capsys.readouterr().out == TEXT["allowed"]
        path.replace(f"{path}.1")
        path.write_bytes(REFUSED)
        yield None
        assert capsys.readouterr().out == TEXT["refused"]

    steps(happens())
    assert show(follow=True, n="1") == 0


def test_filters_what_comes(
    path: Path, capsys: pytest.CaptureFixture[str], steps: Callable[[Iterator[object]], None]
) -> None:
    path.unlink()

    def happens() -> Iterator[object]:
        path.write_bytes(ALLOWED + REFUSED + ERROR)
        yield None

    steps(happens())
    assert show(follow=True, json=True, rule=SDIST, n="0") == 0
    assert capsys.readouterr() == (REFUSED.decode(), "")


def test_journal_that_cannot_be_read_is_an_error(path: Path) -> None:
    path.unlink()
    path.mkdir()
    with pytest.raises(GuardError) as caught:
        show()
    assert caught.value.message == f"The journal cannot be read: {path}: Is a directory."


def test_reader_who_has_seen_enough_is_no_error(path: Path) -> None:
    path.write_bytes(b"".join(ERROR.replace(b'"id": "4"', b'"id": "%d"' % number) for number in range(2000)))
    code = (
        "import sys; from pip_guard.commands.log import run; from pip_guard.guard_actions import GuardRequest; "
        f"from pip_guard.options import OwnOptions; sys.exit(run([{str(path)!r}], GuardRequest(arguments=()), OwnOptions()))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr is not None
    assert (process.stderr.read(), process.wait()) == (b"", 0)
    process.stderr.close()
