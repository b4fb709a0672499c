"""Test that the self-test sees whether pip-guard refuses."""

from __future__ import annotations

import subprocess
import tempfile
from contextlib import nullcontext
from pathlib import Path

import pytest

from pip_guard.integrations.survey.self_test import SelfTest, is_self_test, run_self_test
from tests.kit.interpreter import environ_without_settings


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return environ_without_settings(tmp_path)


def test_what_does_not_end_does_not_pass(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*arguments: object, **options: object) -> None:
        raise subprocess.TimeoutExpired("pip", 1)

    monkeypatch.setattr(subprocess, "run", late)
    found = run_self_test(environ)
    assert found == SelfTest(exit_code=None, rules=(), built=False)
    assert found.explanation == "FAILED: pip-guard did not answer within 60 seconds"


class Ends:
    """Stand in for processes: each call ends as the next of the given ways."""

    def __init__(self, *ways: tuple[int, str]) -> None:
        self.ways = list(ways)
        self.excused: list[list[str]] = []

    def __call__(self, command: list[str], **options: object) -> subprocess.CompletedProcess[bytes]:
        self.excused.append([word for word in command if word.startswith("--guard-allow")])
        code, stderr = self.ways.pop(0)
        return subprocess.CompletedProcess(command, code, b"", stderr.encode())


def test_lock_that_excuses_nothing_leaves_what_refused_first(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = Ends((40, 'note\n{"findings": [{"rule": "running-as-root"}]}\n'), (41, '{"findings": []}'))
    monkeypatch.setattr(subprocess, "run", ends)
    found = run_self_test({})
    assert found == SelfTest(exit_code=40, rules=("running-as-root",), built=False)
    assert found.passed
    assert found.explanation == "passed: a test sdist was refused before any of its code ran, by running-as-root alone"
    assert ends.excused == [[], ["--guard-allow=running-as-root"]]


def test_refusal_that_names_no_rule_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", Ends((40, '{"schema": 1}\nno JSON')))
    assert not run_self_test({}).passed


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Return the arguments of a self-test, whose sdist is still there."""
    monkeypatch.setattr(tempfile, "TemporaryDirectory", lambda prefix: nullcontext(str(tmp_path)))
    commands = []

    def note(command: list[str], **options: object) -> subprocess.CompletedProcess[bytes]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0, b"", b"")

    monkeypatch.setattr(subprocess, "run", note)
    run_self_test({})
    return commands[0][3:]


def test_nothing_but_its_own_sdist_is_a_self_test(asked: list[str]) -> None:
    sdist = Path(asked[-1])
    assert is_self_test(asked)
    assert is_self_test([*asked[:-1], "--guard-allow=running-as-root", asked[-1]])
    assert not is_self_test([])
    assert not is_self_test(["--guard-observe"])
    assert not is_self_test([*asked, "requests"])
    assert not is_self_test([*asked[:-1], "--pre", asked[-1]])
    assert not is_self_test(["install", *asked[2:]])
    with sdist.open("ab") as file:
        file.write(b"x")
    assert not is_self_test(asked)
    sdist.unlink()
    assert not is_self_test(asked)
