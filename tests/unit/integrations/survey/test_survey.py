"""Test what a look at a whole machine finds."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pip_guard.frozen import replace
from pip_guard.integrations.integration import Integration, IntegrationState, UserContext
from pip_guard.integrations.survey import locations, survey
from pip_guard.integrations.survey.entry_points import EntryPointState
from pip_guard.integrations.survey.survey import take_survey
from tests.unit.integrations.machines import make_base, make_environment, make_program


def state(integration: str, place: str, *, enabled: bool = True) -> IntegrationState:
    return IntegrationState(integration=integration, place=place, enabled=enabled, covers="x")


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> UserContext:
    """Take nothing of this machine: an interpreter, a shell, and pip-guard in an environment."""
    monkeypatch.setattr(locations, "_COLLECTIONS", ())
    monkeypatch.setattr(locations, "PROGRAM_FOLDERS", ())
    base = make_base(tmp_path / "base")
    make_environment(tmp_path / "guard", base)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "guard"))
    make_program(base.parent / "bash")
    return UserContext(
        environ={"PATH": str(base.parent)},
        home=tmp_path,
        launcher=tmp_path / "pip-guard",
        as_root=False,
        platform="linux",
    )


def with_states(monkeypatch: pytest.MonkeyPatch, *states: IntegrationState) -> None:
    integration = Integration(
        name="x", summary="", plan_enable=lambda *_: (), plan_disable=lambda *_: (), states=lambda _: states
    )
    monkeypatch.setattr(survey, "load_integrations", lambda: (integration,))


def test_finds_every_entry_point(tmp_path: Path, context: UserContext, monkeypatch: pytest.MonkeyPatch) -> None:
    with_states(monkeypatch)
    found = take_survey(context, str(tmp_path))
    assert {entry_point.key: entry_point.state for entry_point in found.entry_points} == dict.fromkeys(
        [
            "command:pip",
            "shell:bash",
            f"script:{tmp_path}/base/bin/pip",
            f"script:{tmp_path}/guard/bin/pip",
            f"module:{tmp_path}/base/bin/python",
            f"module:{tmp_path}/guard/bin/python",
        ],
        EntryPointState.OPEN,
    )
    assert not found.guarded
    assert (found.fallback_settings, found.uv) == ((), None)


def test_shell_counts_as_what_its_integration_says(
    tmp_path: Path, context: UserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_states(monkeypatch, state("shell", "bash"), state("shell", "zsh"))
    found = {entry_point.key: entry_point.state for entry_point in take_survey(context, str(tmp_path)).entry_points}
    assert found["shell:bash"] is EntryPointState.GUARDED
    assert "shell:zsh" not in found


def test_hook_in_a_library_guards_all_that_is_made_from_it(
    tmp_path: Path, context: UserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_states(monkeypatch)
    library = tmp_path / "base" / "lib" / "python3.11"
    hooked = state("interpreter", "x")
    asked = []

    def state_of(interpreter: object, context: object) -> IntegrationState:
        asked.append(interpreter)
        return hooked

    monkeypatch.setattr(survey, "state_of", state_of)
    assert take_survey(context, str(tmp_path)).guarded
    assert {(each.executable, each.library) for each in asked} == {(tmp_path / "base/bin/python", library)}  # type: ignore[attr-defined]


def test_keeps_fallback_settings_and_uv(tmp_path: Path, context: UserContext, monkeypatch: pytest.MonkeyPatch) -> None:
    fallback_settings = (state("pip-config", "/etc/pip.conf"), state("uv-config", "/etc/uv.toml", enabled=False))
    with_states(monkeypatch, *fallback_settings, state("shims", "/x", enabled=False))
    uv = make_program(tmp_path / "base" / "bin" / "uv")
    found = take_survey(context, str(tmp_path))
    assert (found.fallback_settings, found.uv) == (fallback_settings, str(uv))


@pytest.mark.parametrize(
    ("programs", "backend", "is_told"),
    [
        pytest.param(["pipx", "uv"], None, True, id="both"),
        pytest.param(["pipx", "uv"], "uv", True, id="uv-by-choice"),
        pytest.param(["pipx", "uv"], "pip", False, id="pip-by-choice"),
        pytest.param(["pipx"], None, False, id="no-uv"),
        pytest.param(["uv"], None, False, id="no-pipx"),
    ],
)
def test_finds_a_pipx_that_installs_with_uv(
    tmp_path: Path,
    context: UserContext,
    monkeypatch: pytest.MonkeyPatch,
    programs: list[str],
    backend: str | None,
    is_told: bool,
) -> None:
    made = {name: make_program(tmp_path / "base" / "bin" / name) for name in programs}
    environ = {**context.environ, **({} if backend is None else {"PIPX_DEFAULT_BACKEND": backend})}
    with_states(monkeypatch)
    found = take_survey(replace(context, environ=environ), str(tmp_path))
    assert found.pipx == (str(made["pipx"]) if is_told else None)


def test_looks_at_what_is_named(tmp_path: Path, context: UserContext, monkeypatch: pytest.MonkeyPatch) -> None:
    with_states(monkeypatch)
    own = make_environment(tmp_path / "far" / "away", tmp_path / "base" / "bin" / "python3.11")
    found = take_survey(context, str(tmp_path / "base"), [str(tmp_path / "far" / "away"), "pip"])
    assert f"module:{own}" in [entry_point.key for entry_point in found.entry_points]
