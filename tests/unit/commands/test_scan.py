"""Test how what is installed is judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NoReturn

import pytest

from pip_guard.commands import scan as command
from pip_guard.commands.scan import run
from pip_guard.distributions.installed.libraries import LibraryFolder
from pip_guard.errors import PolicyError, UsageError
from pip_guard.frozen import replace
from pip_guard.guard_actions import GuardRequest
from pip_guard.options import OwnOptions
from pip_guard.rules.record_mismatch import RULE
from tests.kit.osv import make_malware, write_export
from tests.unit.distributions.installed.environments import install, make_library_folder


@pytest.fixture
def place(tmp_path: Path) -> LibraryFolder:
    made = make_library_folder(tmp_path / "venv")
    install(made, "demo")
    return made


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OwnOptions:
    """Take a policy that asks an export which knows no more than `evil`."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    export = write_export(tmp_path / "osv", make_malware(project="evil"))
    (tmp_path / "policy.toml").write_text(f'[advisories]\nsource = "{export}"\n', encoding="utf-8")
    return OwnOptions(policy=str(tmp_path / "policy.toml"))


def scan(own: OwnOptions, *arguments: str, **options: str | bool) -> int:
    given = {f"--{name}": value for name, value in options.items()}
    return run(arguments, GuardRequest(arguments=("scan",), options=given), own)


SUMMARY = "Looked at 1 distribution in:\n  {library}\n3 files compared; nothing found.\n"


def test_looks_at_a_folder(own: OwnOptions, place: LibraryFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert scan(own, path=place.prefix) == 0
    assert capsys.readouterr() == (SUMMARY.format(library=place.library), "")


def test_looks_at_the_running_environment(
    own: OwnOptions, place: LibraryFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "running_library_folders", lambda: (place,))
    assert scan(own) == 0
    assert capsys.readouterr().out == SUMMARY.format(library=place.library)


def test_refuses_malware(own: OwnOptions, place: LibraryFolder, capsys: pytest.CaptureFixture[str]) -> None:
    install(place, "evil")
    assert scan(own, path=place.prefix) == 40
    out, err = capsys.readouterr()
    assert out.startswith("error: known-malicious\n\nevil 1.0 is installed and is known to be malware: MAL-2026-1.\n")
    assert err == ""


@pytest.mark.parametrize(
    ("options", "key"),
    [
        pytest.param({"json": True}, "distributions", id="json"),
        pytest.param({"format": "json"}, "distributions", id="format-json"),
        pytest.param({"format": "sarif"}, "runs", id="sarif"),
        pytest.param({"format": "cyclonedx"}, "components", id="cyclonedx"),
    ],
)
def test_answers_programs(
    options: dict[str, str | bool], key: str, own: OwnOptions, place: LibraryFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scan(own, path=place.prefix, **options) == 0
    assert key in json.loads(capsys.readouterr().out)


def test_fails_where_a_rule_fails(own: OwnOptions, place: LibraryFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(facts: object, policy: object) -> NoReturn:
        raise ValueError("broken")

    monkeypatch.setattr(command, "ALL_RULES", (replace(RULE, check=fail),))
    assert scan(own, path=place.prefix) == 43


def test_takes_no_arguments(own: OwnOptions) -> None:
    with pytest.raises(UsageError, match="scan takes no arguments"):
        scan(own, "x")


def test_needs_a_policy_that_can_be_read(place: LibraryFolder, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("nonsense = 1\n", encoding="utf-8")
    with pytest.raises(PolicyError):
        scan(OwnOptions(policy=str(tmp_path / "policy.toml")), path=place.prefix)


def test_a_service_is_asked_by_a_session_of_pips(monkeypatch: pytest.MonkeyPatch) -> None:
    made = object()
    monkeypatch.setattr("pip_guard.pip_adapter.commands.advisory_transport.make_transport", lambda: made)
    assert command._make_transport() is made
