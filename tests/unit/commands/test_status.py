"""Test what status says, and how it ends."""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path

import pytest

from pip_guard import __version__
from pip_guard.commands import status
from pip_guard.commands.status import LIMITS, run
from pip_guard.distributions.installed.self_check import Condition, Integrity
from pip_guard.errors import UsageError
from pip_guard.facts.command import Authority, Bundle
from pip_guard.frozen import replace
from pip_guard.guard_actions import GuardRequest
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
HEAD = f"pip-guard {__version__} with pip {pip_version()}, on Python {platform.python_version()} ({sys.prefix})\n"
TAIL = "Never guarded:\n" + "".join(f"  {limit}\n" for limit in LIMITS) + "\n"
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
    pipx="/usr/bin/pipx",
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
        monkeypatch.setattr(status, "run_self_test", self._run_self_test)
        monkeypatch.setattr(status, "verify_own_files", lambda: self.own_files)
        self.bundles: list[Bundle] = []
        monkeypatch.setattr(status, "find_distrusted", lambda paths: self.bundles)

    def _take_survey(self, context: object, working_directory: str, named: tuple[str, ...]) -> Survey:
        self.named = list(named)
        return self.survey

    def _run_self_test(self, environ: object, *options: str) -> SelfTest:
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
  self-test  passed: a test sdist was refused before any of its code ran
  own files  7, all as they were installed
  policy     {machine.own.policy}

guarded  pip on PATH (/base/bin)
         bash prompt
         /base/bin/pip
         /base/bin/pip3
         /base/bin/python -m pip
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
guarded  pip on PATH (/base/bin)
         bash prompt
         /base/bin/pip
         /base/bin/pip3
         /base/bin/python -m pip
           start-up hook

Fallback settings in pip's configuration (/home/me/.config/pip/pip.conf): set.
Fallback settings in uv's configuration (/home/me/.config/uv/uv.toml): not set.
         -> pip-guard guard enable --uv-config
Fallback settings in uv's configuration (/etc/uv/uv.toml): it is old.
         -> pip-guard guard enable --uv-config
uv (/usr/bin/uv) is not guarded by anything that guards pip.
pipx (/usr/bin/pipx) installs with uv where it finds one, and then there is no pip to guard.
         -> export PIPX_DEFAULT_BACKEND=pip
{TAIL}\
NOT guarded: 5 guarded, 1 unknown, 1 open.
"""
    )


def test_says_which_withdrawn_authorities_are_trusted(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    one = Authority(name="One CA", withdrawn="2026-10-18", source="certifi 2026.10.18")
    other = Authority(name="Other CA", withdrawn="2022-12-07", source="CVE-2022-23491")
    machine.bundles = [
        Bundle(path="/venv/cacert.pem", distrusted=(one,)),
        Bundle(path="/etc/ssl/cert.pem", distrusted=(one, other)),
    ]
    assert machine.run() == 0
    assert (
        """\
Withdrawn certificate authorities in /venv/cacert.pem:
  One CA, on 2026-10-18 (certifi 2026.10.18)
         -> Update pip.
Withdrawn certificate authorities in /etc/ssl/cert.pem:
  One CA, on 2026-10-18 (certifi 2026.10.18)
  Other CA, on 2022-12-07 (CVE-2022-23491)
         -> Update the system's certificates, or exclude these: \
https://pip-guard-shim.readthedocs.io/en/stable/rules/distrusted-authority.html
"""
        in capsys.readouterr().out
    )
    machine.run(as_json=True)
    assert json.loads(capsys.readouterr().out)["withdrawn_authorities"] == [
        {"bundle": "/venv/cacert.pem", "names": ["One CA"]},
        {"bundle": "/etc/ssl/cert.pem", "names": ["One CA", "Other CA"]},
    ]


def test_says_the_same_to_programs(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.survey = replace(MIXED, entry_points=MIXED.entry_points[-2:])
    machine.own_files = Integrity(condition=Condition.CHANGED, problems=("pip_guard/cli.py has another content",))
    assert machine.run(as_json=True) == 1
    assert json.loads(capsys.readouterr().out) == {
        "schema": 2,
        "guarded": False,
        "entry_points": [
            {
                "key": "module:/venv/bin/python",
                "kind": "module",
                "name": "/venv/bin/python",
                "path": "/venv/bin/python",
                "state": "open",
                "reason": "no hook",
                "remedy": ENABLE,
            },
            {
                "key": "command:pip3",
                "kind": "command",
                "name": "pip3",
                "path": "/x/pip3",
                "state": "unknown",
                "reason": "no script",
                "remedy": None,
            },
        ],
        "fallback_settings": [
            {"integration": "pip-config", "place": "/home/me/.config/pip/pip.conf", "set": True, "problems": []},
            {"integration": "uv-config", "place": "/home/me/.config/uv/uv.toml", "set": False, "problems": []},
            {"integration": "uv-config", "place": "/etc/uv/uv.toml", "set": True, "problems": [["it is old", "x"]]},
        ],
        "uv": "/usr/bin/uv",
        "pipx": "/usr/bin/pipx",
        "self_test": {
            "passed": True,
            "exit_code": 40,
            "rules": ["source-distribution"],
            "explanation": "passed: a test sdist was refused before any of its code ran",
        },
        "own_files": {"condition": "changed", "problems": ["pip_guard/cli.py has another content"]},
        "policy": {"files": [machine.own.policy], "problem": None},
        "withdrawn_authorities": [],
        "limits": list(LIMITS),
        "versions": {"pip-guard": __version__, "pip": pip_version(), "python": platform.python_version()},
    }


@pytest.mark.parametrize(
    ("condition", "code", "line"),
    [
        pytest.param(Condition.CHANGED, 1, "CHANGED: a", id="changed"),
        pytest.param(Condition.INCOMPLETE, 1, "INCOMPLETE: a", id="incomplete"),
        pytest.param(Condition.EDITABLE, 1, "NOT VERIFIED: pip-guard is installed as editable", id="editable"),
        pytest.param(
            Condition.UNVERIFIABLE, 1, "NOT VERIFIED: pip-guard is installed without a RECORD", id="no-record"
        ),
        pytest.param(
            Condition.NOT_INSTALLED,
            1,
            "NOT VERIFIED: pip-guard is not installed where it runs from",
            id="not-installed",
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
    assert "  self-test  FAILED: a test sdist was not refused, and its build ran\n" in out
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
    ("asked", "keys"),
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
    machine: Machine, capsys: pytest.CaptureFixture[str], asked: list[str], keys: list[str]
) -> None:
    machine.survey = MIXED
    assert machine.run(*asked, as_json=True) == 0
    assert [each["key"] for each in json.loads(capsys.readouterr().out)["entry_points"]] == keys
    assert machine.named == asked


def test_names_each_command_on_a_line(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    places = {"pip": "/shims/pip", "pip3": "/shims/pip3", "pip3.12": "/x/pip3.12"}
    machine.survey = replace(
        GUARDED,
        entry_points=tuple(entry_point(EntryPointKind.COMMAND, name, path=path) for name, path in places.items()),
    )
    machine.run()
    lines = ("guarded  pip on PATH (/shims)", f"{'':9}pip3 on PATH (/shims)", f"{'':9}pip3.12 on PATH (/x)", "")
    assert "\n".join(lines) in capsys.readouterr().out


def test_refuses_what_starts_no_pip(machine: Machine) -> None:
    with pytest.raises(UsageError) as caught:
        machine.run("pip", "pipx")
    assert caught.value.message == "Nothing called pipx starts pip here."


def test_shows_control_characters_as_what_they_are(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.survey = replace(GUARDED, uv="/usr/\x1b[2Juv")
    machine.run()
    assert "\\x1b[2Juv" in capsys.readouterr().out
