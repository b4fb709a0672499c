"""Test that the self-test sees whether pip-guard refuses."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from pip_guard.integrations.survey.self_test import SelfTest, run_self_test
from tests.kit.interpreter import environ_without_settings

# Whoever runs the tests may be root, and have an environment in a folder that others can write.
QUIET = "running-as-root", "outside-virtual-environment", "writable-configuration"


def policy(folder: Path, **rules: str) -> str:
    lines = [f'{rule} = "{severity}"' for rule, severity in (dict.fromkeys(QUIET, "off") | rules).items()]
    (folder / "policy.toml").write_text("[rules]\n" + "\n".join(lines), encoding="utf-8")
    return f"--guard-policy={folder / 'policy.toml'}"


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return environ_without_settings(tmp_path)


def test_sdist_is_refused(tmp_path: Path, environ: dict[str, str]) -> None:
    found = run_self_test(environ, policy(tmp_path))
    assert found == SelfTest(exit_code=40, rules=("source-distribution",), built=False)
    assert found.passed
    assert found.explanation == "passed: a test sdist was refused before any of its code ran"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("pip-guard-")] == []


def test_settings_of_pip_do_not_matter(tmp_path: Path, environ: dict[str, str]) -> None:
    settings = {"PIP_INDEX_URL": "https://evil.example/", "PIP_FIND_LINKS": "/tmp", "PYTHONPATH": str(tmp_path)}
    assert run_self_test({**environ, **settings}, policy(tmp_path)).rules == ("source-distribution",)


def test_rules_that_refuse_everything_are_excused_to_ask_the_others(tmp_path: Path, environ: dict[str, str]) -> None:
    environ["PATH"] = f"{tmp_path / 'writable'}{os.pathsep}{environ['PATH']}"
    found = run_self_test(
        environ, policy(tmp_path, **{"outside-virtual-environment": "off", "running-as-root": "error"})
    )
    assert found == SelfTest(exit_code=40, rules=("source-distribution",), built=False)


def test_policy_that_lets_sdists_build_does_not_pass(tmp_path: Path, environ: dict[str, str]) -> None:
    found = run_self_test(environ, policy(tmp_path, **{"source-distribution": "off"}))
    assert found.built
    assert not found.passed
    assert found.explanation == "FAILED: a test sdist was not refused, and its build ran"


def test_policy_that_cannot_be_read_does_not_pass(tmp_path: Path, environ: dict[str, str]) -> None:
    found = run_self_test(environ, policy(tmp_path, nonsense="off"))
    assert found == SelfTest(exit_code=41, rules=(), built=False)
    assert not found.passed
    assert found.explanation == "FAILED: a test sdist was not refused (exit code 41)"


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
