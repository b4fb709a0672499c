"""Test that standard error can be in any state."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pip_guard.report.stream import columns, wants_colour, write
from tests.kit.interpreter import environ_without_settings

REFUSE = """
import sys
from pip_guard.report.stream import write
write("warned\\n")
write("refused\\n")
sys.exit(40)
"""


class Full(io.StringIO):
    """A stream that cannot be written, and is no file."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self._error = error

    def flush(self) -> None:
        raise self._error


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_writes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    write("refused\n")
    assert capsys.readouterr() == ("", "refused\n")


def test_does_not_wait_for_a_line_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "stderr").open("w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        write("refused")
        assert (tmp_path / "stderr").read_text(encoding="utf-8") == "refused"


def test_closed_stream_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    stream.close()
    monkeypatch.setattr(sys, "stderr", stream)
    write("refused\n")


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), BlockingIOError(11, "Try again")])
def test_full_stream_is_no_error(monkeypatch: pytest.MonkeyPatch, error: OSError) -> None:
    monkeypatch.setattr(sys, "stderr", Full(error))
    write("refused\n")


def test_stream_that_is_full_for_a_moment_stays_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "stderr").open("w", encoding="utf-8") as stream:
        full = Full(BlockingIOError(11, "Try again"))
        monkeypatch.setattr(full, "fileno", stream.fileno)
        monkeypatch.setattr(sys, "stderr", full)
        write("refused\n")
        stream.write("later")
    assert (tmp_path / "stderr").read_text(encoding="utf-8") == "later"


def test_missing_stream_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    write("refused\n")


def test_character_that_the_stream_cannot_write_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    content = io.BytesIO()
    stream = io.TextIOWrapper(content, encoding="ascii")
    monkeypatch.setattr(sys, "stderr", stream)
    write("ä")
    write("refused\n")
    assert content.getvalue() == b"refused\n"


@pytest.mark.parametrize(
    "shell",
    [
        pytest.param("2>/dev/full", id="full"),
        pytest.param("2>&-", id="closed"),
        pytest.param("2>/dev/null", id="nowhere"),
    ],
)
def test_refusal_keeps_its_exit_code_where_nothing_can_be_written(tmp_path: Path, shell: str) -> None:
    command = ["/bin/sh", "-c", f'"$0" -c "$1" {shell}', sys.executable, REFUSE]
    environ = environ_without_settings(tmp_path)
    for unbuffered in ({}, {"PYTHONUNBUFFERED": "1"}):
        ended = subprocess.run(command, capture_output=True, check=False, text=True, env={**environ, **unbuffered})
        assert (ended.returncode, ended.stdout) == (40, "")


@pytest.mark.parametrize(
    ("environ", "colour"),
    [
        pytest.param({}, True, id="terminal"),
        pytest.param({"TERM": "xterm-256color"}, True, id="term"),
        pytest.param({"TERM": "dumb"}, False, id="dumb-terminal"),
        pytest.param({"NO_COLOR": "1"}, False, id="no-colour"),
        pytest.param({"NO_COLOR": "0"}, False, id="no-colour-whatever-its-value"),
        pytest.param({"NO_COLOR": ""}, True, id="empty-no-colour"),
        pytest.param({"PIP_NO_COLOR": "1"}, False, id="pip-shall-not"),
        pytest.param({"PIP_NO_COLOR": "True"}, False, id="pip-shall-not-in-words"),
        pytest.param({"PIP_NO_COLOR": "0"}, True, id="pip-may"),
    ],
)
def test_terminal_gets_colour_unless_its_user_objects(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], colour: bool
) -> None:
    for name in ("NO_COLOR", "PIP_NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert wants_colour() is colour


def test_command_line_decides_before_pip_has_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "PIP_NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(sys, "argv", ["pip", "install", "--no-color", "x"])
    assert not wants_colour()


def test_what_is_written_before_pip_is_loaded_stands_in_no_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "logging")
    write("told\n")
    assert capsys.readouterr().err == "told\n"
    assert "logging" not in sys.modules


def test_what_is_written_stands_in_the_log_of_pip(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    handler = logging.FileHandler(tmp_path / "log", encoding="utf-8")
    logging.getLogger().addHandler(handler)
    try:
        write("\x1b[1;31merror\x1b[0m: bad-thing\n\nIt is so.\n")
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
    assert (tmp_path / "log").read_text(encoding="utf-8") == "error: bad-thing\n\nIt is so.\n"
    assert capsys.readouterr().err == "\x1b[1;31merror\x1b[0m: bad-thing\n\nIt is so.\n"


def test_each_stream_is_asked_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "PIP_NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert wants_colour("stdout")
    assert not wants_colour("stderr")


def test_what_is_no_terminal_gets_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    closed = io.StringIO()
    closed.close()
    for stream in (io.StringIO(), closed, None):
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", stream)
            colour = wants_colour()
        assert not colour


@pytest.mark.parametrize(("given", "wide"), [("60", 60), ("", 80), ("many", 80)])
def test_tells_how_wide_the_terminal_is(given: str, wide: int, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(terminal, "fileno", lambda: 2)
    monkeypatch.setattr("os.get_terminal_size", lambda descriptor: os.terminal_size((80, 24)))
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", given)
    assert columns() == wide


@pytest.mark.parametrize("stream", [None, io.StringIO(), Terminal()], ids=["none", "file", "terminal-without-a-number"])
def test_width_is_unknown_without_a_terminal(stream: io.StringIO | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(sys, "stderr", stream)
    assert columns() == 0
