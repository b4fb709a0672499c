"""Test what status says, and how it ends."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import sys
from pathlib import Path

import pytest

from pip_guard.actions import GuardRequest
from pip_guard.commands import status
from pip_guard.commands.status import LIMITS, run
from pip_guard.distributions.installed.self_check import Condition, Integrity
from pip_guard.errors import UsageError
from pip_guard.frozen import replace
from pip_guard.integrations.integration import IntegrationState
from pip_guard.integrations.survey.entry_points import EntryPoint, EntryPointKind, EntryPointState
from pip_guard.integrations.survey.self_test import SelfTest
from pip_guard.integrations.survey.survey import Survey
from pip_guard.options import OwnOptions
from pip_guard.pip_adapter.version import pip_version
from pip_guard.policy.files import LoadedPolicy
from pip_guard.policy.model import Policy

REFUSED = SelfTest(exit_code=40, rules=("source-distribution",), built=False)
BUILT = SelfTest(exit_code=0, rules=(), built=True)
INTACT = Integrity(condition=Condition.INTACT, files=7)
HEAD = f"pip-guard 1.2.3 with pip {pip_version()}, on Python {platform.python_version()} ({sys.prefix})\n"
TAIL = f"Guarded by nothing here: {'; '.join(LIMITS)}.\n\n"
ENABLE = "pip-guard guard enable --interpreter /base/bin/python"


def entry_point(
    kind: EntryPointKind, name: str, state: EntryPointState = EntryPointState.GUARDED, path: str | None = None
) -> EntryPoint:
    if state is EntryPointState.GUARDED:
        return EntryPoint(kind=kind, name=name, state=state, reason="start-up hook", path=path)
    return EntryPoint(kind=kind, name=name, state=state, reason="no hook", path=path, remedy=ENABLE)


GUARDED = Survey(
    entry_points=(
        entry_point(EntryPointKind.COMMAND, "pip", path="/base/bin/pip"),
        entry_point(EntryPointKind.SHELL, "bash"),
        entry_point(EntryPointKind.SCRIPT, "/base/bin/pip", path="/base/bin/pip"),
        entry_point(EntryPointKind.SCRIPT, "/base/bin/pip3", path="/base/bin/pip3"),
        entry_point(EntryPointKind.MODULE, "/base/bin/python", path="/base/bin/python"),
    ),
    fallback_settings=(),
    uv=None,
)
MIXED = Survey(
    entry_points=(
        *GUARDED.entry_points,
        entry_point(EntryPointKind.MODULE, "/venv/bin/python", EntryPointState.OPEN, path="/venv/bin/python"),
        replace(
            entry_point(EntryPointKind.COMMAND, "pip3", EntryPointState.UNKNOWN, path="/x/pip3"),
            reason="no script",
            remedy=None,
        ),
    ),
    fallback_settings=(
        IntegrationState(integration="pip-config", place="/home/me/.config/pip/pip.conf", enabled=True, covers=""),
        IntegrationState(integration="uv-config", place="/home/me/.config/uv/uv.toml", enabled=False, covers=""),
        IntegrationState(
            integration="uv-config", place="/etc/uv/uv.toml", enabled=True, covers="", problems=(("it is old", "x"),)
        ),
    ),
    uv="/usr/bin/uv",
)


class Machine:
    """What is found when status looks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.survey = GUARDED
        self.self_test = REFUSED
        self.own_files = INTACT
        self.named: list[str] = []
        self.options: tuple[str, ...] = ()
        self.own = OwnOptions(policy=str(folder / "policy.toml"))
        (folder / "policy.toml").write_text('mode = "enforce"\n', encoding="utf-8")
        monkeypatch.setattr(status, "read_user_context", lambda: None)
        monkeypatch.setattr(status, "take_survey", self._take_survey)
        monkeypatch.setattr(status, "run_self_test", self._rehearse)
        monkeypatch.setattr(status, "verify_distribution", lambda: self.own_files)
        monkeypatch.setattr("importlib.metadata.version", lambda name: "1.2.3")

    def _take_survey(self, context: object, working_directory: str, named: tuple[str, ...]) -> Survey:
        self.named = list(named)
        return self.survey

    def _rehearse(self, environ: object, *options: str) -> SelfTest:
        self.options = options
        return self.self_test

    def run(self, *arguments: str, as_json: bool = False) -> int:
        options = {"--json": True} if as_json else {}
        return run(arguments, GuardRequest(arguments=("status", *arguments), options=options), self.own)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    monkeypatch.chdir(tmp_path)
    return Machine(monkeypatch, tmp_path)


def test_says_that_all_is_guarded(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    assert machine.run() == 0
    assert capsys.readouterr() == (
        f"""\
{HEAD}\
  self-test  an sdist was refused for being one, and nothing of it ran
  own files  7, all as they were installed
  policy     {machine.own.policy}

guarded  pip on PATH (/base/bin), typed into bash, /base/bin/{{pip,pip3}}, /base/bin/python -m pip
         start-up hook

{TAIL}\
Guarded: 5 guarded, 0 unknown, 0 open.
""",
        "",
    )


def test_says_what_is_open_first_and_how_to_close_it(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.survey = MIXED
    assert machine.run() == 1
    assert capsys.readouterr().out.partition("\n\n")[2] == (
        f"""\
OPEN     /venv/bin/python -m pip
         no hook
         -> {ENABLE}
unknown  pip3 on PATH (/x)
         no script
guarded  pip on PATH (/base/bin), typed into bash, /base/bin/{{pip,pip3}}, /base/bin/python -m pip
         start-up hook

Floor under what is open, in pip's own configuration (/home/me/.config/pip/pip.conf): is set.
Floor under what is open, in uv's configuration (/home/me/.config/uv/uv.toml): is not set.
         -> pip-guard guard enable --uv-config
Floor under what is open, in uv's configuration (/etc/uv/uv.toml): it is old.
         -> pip-guard guard enable --uv-config
uv is installed (/usr/bin/uv): nothing that guards pip guards it.
{TAIL}\
NOT guarded: 5 guarded, 1 unknown, 1 open.
"""
    )


def test_says_the_same_to_programs(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.survey = replace(MIXED, entry_points=MIXED.entry_points[-2:])
    machine.own_files = Integrity(condition=Condition.CHANGED, problems=("pip_guard/cli.py has another content",))
    assert machine.run(as_json=True) == 1
    assert json.loads(capsys.readouterr().out) == {
        "schema": 1,
        "guarded": False,
        "doors": [
            {
                "door": "module:/venv/bin/python",
                "kind": "module",
                "name": "/venv/bin/python",
                "path": "/venv/bin/python",
                "state": "open",
                "reason": "no hook",
                "remedy": ENABLE,
            },
            {
                "door": "command:pip3",
                "kind": "command",
                "name": "pip3",
                "path": "/x/pip3",
                "state": "unknown",
                "reason": "no script",
                "remedy": None,
            },
        ],
        "floors": [
            {"floor": "pip-config", "place": "/home/me/.config/pip/pip.conf", "set": True, "problems": []},
            {"floor": "uv-config", "place": "/home/me/.config/uv/uv.toml", "set": False, "problems": []},
            {"floor": "uv-config", "place": "/etc/uv/uv.toml", "set": True, "problems": [["it is old", "x"]]},
        ],
        "uv": "/usr/bin/uv",
        "rehearsal": {
            "passed": True,
            "exit_code": 40,
            "rules": ["source-distribution"],
            "explanation": "an sdist was refused for being one, and nothing of it ran",
        },
        "own_files": {"condition": "changed", "problems": ["pip_guard/cli.py has another content"]},
        "policy": {"files": [machine.own.policy], "problem": None},
        "limits": list(LIMITS),
        "versions": {"pip-guard": "1.2.3", "pip": pip_version(), "python": platform.python_version()},
    }


@pytest.mark.parametrize(
    ("condition", "code", "line"),
    [
        pytest.param(Condition.CHANGED, 1, "CHANGED: a", id="changed"),
        pytest.param(Condition.INCOMPLETE, 1, "INCOMPLETE: a", id="incomplete"),
        pytest.param(Condition.EDITABLE, 0, "not verified, because pip-guard is editable here", id="editable"),
        pytest.param(
            Condition.NOT_INSTALLED, 0, "not verified, because pip-guard is not installed here", id="not-installed"
        ),
    ],
)
def test_own_files_count(
    machine: Machine, capsys: pytest.CaptureFixture[str], condition: Condition, code: int, line: str
) -> None:
    machine.own_files = Integrity(condition=condition, problems=("a",))
    assert machine.run() == code
    assert f"  own files  {line}\n" in capsys.readouterr().out


def test_self_test_counts(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.self_test = BUILT
    assert machine.run() == 1
    out = capsys.readouterr().out
    assert "  self-test  an sdist was NOT refused: its build ran\n" in out
    assert out.endswith("\nNOT guarded: 5 guarded, 0 unknown, 0 open.\n")


def test_policy_that_cannot_be_used_counts(
    machine: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "policy.toml").write_text("nonsense = 1\n", encoding="utf-8")
    assert machine.run() == 1
    assert f"  policy     The policy cannot be used:\n{tmp_path}/policy.toml" in capsys.readouterr().out


def test_project_that_says_nothing_of_policy_is_none(
    machine: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    machine.run()
    assert f"  policy     {machine.own.policy}\n" in capsys.readouterr().out


def test_says_that_there_is_no_policy(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(status, "load_policy", lambda *_: LoadedPolicy(policy=Policy()))
    machine.own = OwnOptions()
    assert machine.run() == 0
    assert "  policy     no file: the defaults\n" in capsys.readouterr().out
    assert machine.options == ()


def test_self_test_is_made_under_the_policy_that_is_named(machine: Machine) -> None:
    machine.run()
    assert machine.options == (f"--guard-policy={machine.own.policy}",)


@pytest.mark.parametrize(
    ("asked", "integrations"),
    [
        pytest.param(["pip"], ["command:pip"], id="command"),
        pytest.param(["bash"], ["shell:bash"], id="shell"),
        pytest.param(["module:/base/bin/python"], ["module:/base/bin/python"], id="key"),
        pytest.param(["/base/bin/pip3"], ["script:/base/bin/pip3"], id="script"),
        pytest.param(
            ["/base"],
            ["script:/base/bin/pip", "script:/base/bin/pip3", "module:/base/bin/python"],
            id="environment",
        ),
        pytest.param(["pip", "bash", "pip"], ["command:pip", "shell:bash"], id="several"),
    ],
)
def test_says_no_more_than_is_asked(
    machine: Machine, capsys: pytest.CaptureFixture[str], asked: list[str], integrations: list[str]
) -> None:
    machine.survey = MIXED
    assert machine.run(*asked, as_json=True) == 0
    assert [integration["door"] for integration in json.loads(capsys.readouterr().out)["doors"]] == integrations
    assert machine.named == asked


def test_names_commands_of_one_folder_together(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    places = {"pip": "/shims/pip", "pip3": "/shims/pip3", "pip3.12": "/x/pip3.12"}
    machine.survey = replace(
        GUARDED,
        entry_points=tuple(entry_point(EntryPointKind.COMMAND, name, path=path) for name, path in places.items()),
    )
    machine.run()
    assert "guarded  {pip,pip3} on PATH (/shims), pip3.12 on PATH (/x)\n" in capsys.readouterr().out


def test_refuses_to_speak_of_what_is_no_door(machine: Machine) -> None:
    with pytest.raises(UsageError) as caught:
        machine.run("pip", "pipx")
    assert caught.value.message == "There is no door pipx here."


def test_shows_control_characters_as_what_they_are(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.survey = replace(GUARDED, uv="/usr/\x1b[2Juv")
    machine.run()
    assert "\\x1b[2Juv" in capsys.readouterr().out


def test_version_may_be_unknown(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def raise_(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError

    monkeypatch.setattr("importlib.metadata.version", raise_)
    assert status._version() == "(version unknown)"
