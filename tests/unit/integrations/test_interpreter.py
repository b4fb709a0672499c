"""Test how the hook gets into an interpreter and out of it again, and what is said of it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import pip_guard
from pip_guard.errors import GuardError
from pip_guard.guard_actions import GuardRequest
from pip_guard.integrations import base_interpreter, interpreter
from pip_guard.integrations.base_interpreter import BaseInterpreter
from pip_guard.integrations.file_edits import Edit, apply
from pip_guard.integrations.integration import IntegrationState, UserContext
from pip_guard.integrations.interpreter import INTEGRATION, needed_files, render_hook
from tests.unit.integrations.interpreters import make_interpreter

PACKAGE = Path(pip_guard.__file__).parent
RUNNER = PACKAGE / "relaunch_script.py"
ANOTHER = b"import something\n"


@pytest.fixture
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an interpreter, which stands for the one that runs pip-guard, too."""
    executable = make_interpreter(tmp_path / "python")
    monkeypatch.setattr(base_interpreter, "find_interpreter", lambda named, option: named)
    monkeypatch.setattr(interpreter, "others_who_can_write", lambda path, beside: None)
    own = BaseInterpreter(executable=executable, library=tmp_path / "python" / "lib" / "python3.11")
    monkeypatch.setattr(interpreter, "this_interpreter", lambda: own)
    return executable


def start_up_file(python: Path) -> Path:
    return python.parents[1] / "lib" / "python3.11" / "sitecustomize.py"


def context(**environ: str) -> UserContext:
    return UserContext(
        environ=environ, home=Path("/home"), launcher=Path("/pip-guard"), as_root=False, platform="linux"
    )


def request(action: str, named: Path | None = None, *, dry_run: bool = False) -> GuardRequest:
    options: dict[str, str | bool] = {"--interpreter": True if named is None else str(named)}
    return GuardRequest(arguments=(action,), options=options | ({"--dry-run": True} if dry_run else {}))


def enable(named: Path | None = None) -> None:
    apply(INTEGRATION.plan_enable(request("enable", named), context()))


def disable(named: Path | None = None) -> None:
    apply(INTEGRATION.plan_disable(request("disable", named), context()))


@pytest.mark.parametrize("content", [None, b"", ANOTHER, b"no_end = 1", b"crlf = 1\r\n"])
def test_disabling_gives_back_every_byte(content: bytes | None, python: Path) -> None:
    path = start_up_file(python)
    if content is not None:
        path.write_bytes(content)
    enable(python)
    assert path.read_bytes() != content
    disable(python)
    assert (path.read_bytes() if path.exists() else None) == content


def test_keeps_a_link_to_where_the_distribution_has_its_file(python: Path, tmp_path: Path) -> None:
    path = start_up_file(python)
    (tmp_path / "etc.py").write_bytes(ANOTHER)
    path.symlink_to(tmp_path / "etc.py")
    enable(python)
    assert path.is_symlink()
    assert (tmp_path / "etc.py").read_bytes().startswith(ANOTHER)
    disable(python)
    assert (tmp_path / "etc.py").read_bytes() == ANOTHER


def test_doing_it_twice_changes_nothing(python: Path) -> None:
    assert INTEGRATION.plan_disable(request("disable"), context()) == ()
    enable()
    assert INTEGRATION.plan_enable(request("enable", python), context()) == ()


def test_planning_changes_nothing(python: Path) -> None:
    (edit,) = INTEGRATION.plan_enable(request("enable"), context())
    assert isinstance(edit, Edit)
    assert (edit.path, edit.before, edit.mode) == (start_up_file(python), None, 0o644)
    assert not edit.path.exists()


def test_names_every_file_that_it_needs() -> None:
    runner, package, pip, *rest = needed_files()
    assert (runner, package) == (str(RUNNER), str(PACKAGE))
    assert [Path(path).name for path in (pip, *rest)] == ["pip", "packaging", "platformdirs"]


@pytest.mark.parametrize("hides", [True, False])
def test_hook_is_plain_python_that_leaves_no_name(hides: bool) -> None:
    text = render_hook(hides=hides)
    assert text.isascii()
    started: list[tuple[str, dict[str, object]]] = []
    # what would be done is noted instead
    code = text.replace("    start(\n        __file__,", "    note(\n        __file__,")
    names: dict[str, object] = {
        "__file__": "/x/sitecustomize.py",
        "note": lambda here, **arguments: started.append((here, arguments)),
    }
    before = set(names)
    exec(compile(code, "sitecustomize.py", "exec"), names)
    assert set(names) - {"__builtins__"} == before
    ((here, arguments),) = started
    assert here == "/x/sitecustomize.py"
    assert json.loads(str(arguments.pop("modules"))) == {Path(path).name: path for path in needed_files()[1:]}
    assert arguments == {"runner": str(RUNNER), "needed": needed_files(), "hides": hides}


def test_only_a_file_of_its_own_hides_others(python: Path) -> None:
    enable()
    assert "        hides=True,\n" in start_up_file(python).read_text(encoding="utf-8")
    disable()
    start_up_file(python).write_bytes(ANOTHER)
    enable()
    assert "        hides=False,\n" in start_up_file(python).read_text(encoding="utf-8")


def test_refuses_a_pip_guard_that_others_can_change(python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "others_who_can_write", lambda path, beside: (path, "others can write"))
    with pytest.raises(GuardError) as caught:
        INTEGRATION.plan_enable(request("enable"), context())
    assert caught.value.message == f"{python} would run {RUNNER}, which others can write."
    assert caught.value.hint == (
        "Whoever can write to it could run code as everybody who starts pip. Install pip-guard as the owner of\n"
        "the interpreter, where nobody else can write, and use that copy's pip-guard guard enable --interpreter."
    )


def test_refuses_where_it_cannot_write_but_shows_what_it_would(python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    with pytest.raises(GuardError) as caught:
        INTEGRATION.plan_enable(request("enable"), context())
    assert caught.value.message == f"You cannot write {start_up_file(python)}."
    assert "sudo" in caught.value.hint
    assert INTEGRATION.plan_enable(request("enable", dry_run=True), context())


def test_refuses_without_what_pip_guard_needs(python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pip_guard.environment.module_origins.NAMES", ("nowhere_to_be_found",))
    with pytest.raises(GuardError, match="The module nowhere_to_be_found, which pip-guard needs, is missing"):
        INTEGRATION.plan_enable(request("enable"), context())


# ---- what is said of it


def state(python: Path, *problems: tuple[str, str], enabled: bool = True) -> IntegrationState:
    return IntegrationState(
        integration="interpreter",
        place=str(python),
        enabled=enabled,
        covers="pip, pip3 and python -m pip, in it and in every virtual environment made from it; not python -S, and not uv",
        files=(python.parents[1] / "lib" / "python3.11" / "sitecustomize.py",),
        problems=problems,
    )


def answer_as_pip(python: Path, folder: str) -> None:
    python.write_text(f"#!/bin/sh\necho 'pip 26.3 from {folder} (python 3.11)'\n", encoding="utf-8")


def test_says_that_it_is_not_enabled(python: Path) -> None:
    assert INTEGRATION.states(context()) == (state(python, enabled=False),)


def test_says_that_it_works(python: Path) -> None:
    enable()
    answer_as_pip(python, needed_files()[2])
    (found,) = INTEGRATION.states(context(PATH=str(python.parent)))
    assert found == state(python)
    assert found.works


def test_tells_other_interpreters_on_path_that_have_the_hook(python: Path, tmp_path: Path) -> None:
    others = [make_interpreter(tmp_path / name) for name in ("one", "two")]
    enable(others[1])
    answer_as_pip(others[1], needed_files()[2])
    path = os.pathsep.join(str(each.parent) for each in others)
    assert INTEGRATION.states(context(PATH=path)) == (state(python, enabled=False), state(others[1]))


def test_says_that_pip_is_another_one_nevertheless(python: Path) -> None:
    enable()
    answer_as_pip(python, "/usr/lib/python3/dist-packages/pip")
    problem = (
        f"{python} -m pip does not run under guard, for an unknown reason",
        f"Enable it again: pip-guard guard enable --interpreter {python}",
    )
    assert INTEGRATION.states(context()) == (state(python, problem),)
    python.chmod(0o644)
    assert INTEGRATION.states(context()) == (state(python, problem),)


def test_never_runs_an_interpreter_that_others_can_change(python: Path) -> None:
    enable()
    python.write_text(f"#!/bin/sh\ntouch {python.parent}/started\n", encoding="utf-8")
    python.chmod(0o777)
    (found,) = INTEGRATION.states(context())
    assert len(found.problems) == 1
    assert not (python.parent / "started").exists()


def test_says_that_the_hook_is_another_one(python: Path) -> None:
    enable()
    answer_as_pip(python, needed_files()[2])
    path = start_up_file(python)
    again = f"Enable it again: pip-guard guard enable --interpreter {python}"
    problem = ("the hook was written by another installation or version of pip-guard", again)
    hook = path.read_text(encoding="utf-8")
    for changed in (
        hook.replace("REFUSED = 40", "REFUSED = 41"),
        hook.replace("needed=(", "needed=(("),
        hook.replace("needed=(", "other=("),
    ):
        path.write_text(changed, encoding="utf-8")
        assert INTEGRATION.states(context()) == (state(python, problem),)


def test_says_that_pip_guard_is_gone(python: Path, tmp_path: Path) -> None:
    enable()
    path = start_up_file(python)
    gone = str(tmp_path / "gone.py")
    path.write_text(path.read_text(encoding="utf-8").replace(str(RUNNER), gone), encoding="utf-8")
    again = f"Enable it again: pip-guard guard enable --interpreter {python}"
    assert INTEGRATION.states(context())[0].problems == (
        ("the hook was written by another installation or version of pip-guard", again),
        (f"{gone} is missing or unreadable, so the hook refuses to run pip", again),
    )


def test_says_that_others_can_change_pip_guard(python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enable()
    answer_as_pip(python, needed_files()[2])
    monkeypatch.setattr(
        interpreter,
        "others_who_can_write",
        lambda path, beside: (path, "others can write") if path == str(RUNNER) else None,
    )
    problem = (f"{RUNNER} others can write", f"Disable it: pip-guard guard disable --interpreter {python}")
    assert INTEGRATION.states(context()) == (state(python, problem),)


def test_says_that_python_path_takes_the_place_of_the_hook(python: Path, tmp_path: Path) -> None:
    enable()
    answer_as_pip(python, needed_files()[2])
    (tmp_path / "sitecustomize.py").touch()
    python_path = os.pathsep.join(["", str(tmp_path), str(start_up_file(python).parent), str(tmp_path / "none")])
    problem = (
        f"{tmp_path}/sitecustomize.py replaces the hook, because its folder is on PYTHONPATH",
        "Unset PYTHONPATH.",
    )
    assert INTEGRATION.states(context(PYTHONPATH=python_path)) == (state(python, problem),)


def test_says_that_a_file_cannot_be_read(python: Path) -> None:
    start_up_file(python).mkdir()
    problem = (f"{start_up_file(python)} cannot be read: it is not a regular file", "Look at that file.")
    assert INTEGRATION.states(context()) == (state(python, problem, enabled=False),)
