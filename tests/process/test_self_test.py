"""Test that an installation of pip-guard is seen to refuse, and is seen where it does not."""

from __future__ import annotations

import os
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


def test_leaves_nothing_in_the_journal(tmp_path: Path, environ: dict[str, str]) -> None:
    text = f'[journal]\npath = "{tmp_path}/journal.jsonl"\n'
    option = policy(tmp_path, **{"running-as-root": "error"})
    with (tmp_path / "policy.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n{text}")
    assert run_self_test(environ, option).passed
    assert run_self_test(environ, policy(tmp_path, nonsense="off")).exit_code == 41
    assert not (tmp_path / "journal.jsonl").exists()
