"""Test what is done with plans, and what is told of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pip_guard.errors import GuardError, UsageError
from pip_guard.guard_actions import ACTIONS, OPTIONS, GuardRequest
from pip_guard.integrations import registry
from pip_guard.integrations.apply import chosen_integrations, disable, enable, refuse_arguments, report
from pip_guard.integrations.file_edits import Change, Edit, Rename
from pip_guard.integrations.integration import (
    Integration,
    IntegrationState,
    UserContext,
    find_launcher,
    read_user_context,
)
from pip_guard.integrations.registry import load_integration, load_integrations
from tests.unit.integrations.factories import make_context, make_request


def make_integration(*changes: Change) -> Integration:
    def plan(request: GuardRequest, context: UserContext) -> tuple[Change, ...]:
        return changes

    return Integration(name="demo", summary="Demo.", plan_enable=plan, plan_disable=plan, states=lambda context: ())


def test_every_door_is_a_module_with_an_option() -> None:
    loaded = load_integrations()
    assert tuple(integration.name for integration in loaded) == registry.NAMES
    assert load_integration("pip-config").flag == "--pip-config"
    flags = {integration.flag for integration in loaded}
    assert flags <= {option.flag for option in OPTIONS}
    for action in ACTIONS:
        if action.name in ("enable", "disable"):
            assert flags <= set(action.options)
            assert all(flag in action.usages[0] for flag in flags)


def test_chooses_the_doors_that_are_named() -> None:
    assert [integration.name for integration in chosen_integrations(make_request(uv_config=True, shell="zsh"))] == [
        "shell",
        "uv-config",
    ]
    assert chosen_integrations(make_request(dry_run=True)) == ()


def test_refuses_arguments() -> None:
    refuse_arguments("enable", ())
    with pytest.raises(UsageError) as caught:
        refuse_arguments("enable", ("nushell", "x"))
    assert (caught.value.message, caught.value.hint) == (
        "pip guard enable takes options only, not nushell.",
        "For a list: pip-guard guard enable",
    )


@pytest.mark.parametrize("act", [enable, disable])
def test_carries_out_and_reports(tmp_path: Path, act: object) -> None:
    for name in ("old", "edited", "kept"):
        (tmp_path / name).write_bytes(b"x\n")
    integration = make_integration(
        Edit(path=tmp_path / "new", before=None, after=b"new\n"),
        Edit(path=tmp_path / "old", before=b"x\n", after=None),
        Edit(path=tmp_path / "edited", before=b"x\n", after=b"y\n"),
        Edit(path=tmp_path / "kept", before=b"x\n", after=b"x\n"),
        Rename(path=tmp_path / "kept", target=tmp_path / "moved"),
    )
    changes = act((integration,), make_request(), make_context(tmp_path))  # type: ignore[operator]
    assert report(changes, make_request()) == (
        f"created {tmp_path / 'new'}; removed {tmp_path / 'old'}; changed {tmp_path / 'edited'}; "
        f"renamed {tmp_path / 'kept'}\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["edited", "moved", "new"]


def test_dry_run_shows_what_it_would_do(tmp_path: Path) -> None:
    request = make_request(dry_run=True)
    integration = make_integration(
        Rename(path=tmp_path / "pip", target=tmp_path / "kept"),
        Edit(path=tmp_path / "pip", before=None, after=b"new\n"),
    )
    changes = enable((integration,), request, make_context(tmp_path))
    path = tmp_path / "pip"
    assert report(changes, request) == (
        f"rename from {path}\nrename to {tmp_path / 'kept'}\n--- /dev/null\n+++ {path}\n@@ -0,0 +1 @@\n+new\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_says_that_there_is_nothing_to_do(tmp_path: Path) -> None:
    changes = enable((make_integration(),), make_request(), make_context(tmp_path))
    assert report(changes, make_request()) == "Nothing to do.\n"


def test_failure_is_told_and_undone(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    integration = make_integration(
        Edit(path=tmp_path / "new", before=None, after=b"x"),
        Rename(path=tmp_path / "file", target=tmp_path / "new"),
    )
    with pytest.raises(GuardError) as caught:
        enable((integration,), make_request(), make_context(tmp_path))
    assert caught.value.message == f"{tmp_path / 'new'} cannot be read or changed: File exists."
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_failure_of_a_plan_is_told(tmp_path: Path) -> None:
    def plan(request: GuardRequest, context: UserContext) -> tuple[Change, ...]:
        raise OSError(5, "Input/output error")

    integration = make_integration()._replace(plan_enable=plan)
    with pytest.raises(GuardError, match=r"A file cannot be read or changed: Input/output error\."):
        enable((integration,), make_request(), make_context(tmp_path))


def test_state_works_when_nothing_is_wrong() -> None:
    state = IntegrationState(integration="demo", place="x", enabled=True, covers="x")
    assert state.works
    assert not IntegrationState(integration="demo", place="x", enabled=True, covers="x", problems=(("a", "b"),)).works
    assert not IntegrationState(integration="demo", place="x", enabled=False, covers="x").works


# Surroundings


def test_describes_this_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("EMPTY", "")
    found = read_user_context(index="https://x/")
    assert (found.home, found.index, found.as_root) == (tmp_path, "https://x/", os.geteuid() == 0)
    assert found.variable("HOME") == str(tmp_path)
    assert (found.variable("EMPTY"), found.variable("NO_SUCH_VARIABLE")) == (None, None)
    assert found.launcher.name == "pip-guard"
    assert found.launcher.is_absolute()


def test_finds_the_script_that_was_recorded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    library = tmp_path / "lib" / "python3.11" / "site-packages"
    info = library / "pip_guard_shim-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "RECORD").write_text(
        "\n../../../bin/gone/pip-guard,,\npip_guard/cli.py,,\n../../../bin/pip-guard,sha256=x,1\n", encoding="utf-8"
    )
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pip-guard").touch(mode=0o755)
    monkeypatch.setattr("pip_guard.integrations.integration.own_folder", lambda: str(library))
    assert find_launcher() == tmp_path / "bin" / "pip-guard"


def test_refuses_where_there_is_no_script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("pip_guard.integrations.integration.own_folder", lambda: str(tmp_path))
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path))
    (tmp_path / "pip-guard").touch(mode=0o644)
    (tmp_path / "pip_guard_shim-1.0.dist-info").mkdir()
    (tmp_path / "pip_guard_shim-1.0.dist-info" / "RECORD").write_text("pip_guard/cli.py,,\n", encoding="utf-8")
    with pytest.raises(GuardError) as caught:
        find_launcher()
    assert caught.value.hint == "Install pip-guard-shim again, for example with pipx."
