"""Test where interpreters and environments are looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from pip_guard.integrations.survey import locations
from pip_guard.integrations.survey.locations import find_interpreters, program_folders
from tests.unit.integrations.machines import make_base, make_environment, make_program


@pytest.fixture(autouse=True)
def _nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tuple(row for row in locations._COLLECTIONS if not row[1].startswith("/") or row[0])
    monkeypatch.setattr(locations, "_COLLECTIONS", kept)
    monkeypatch.setattr(locations, "PROGRAM_FOLDERS", ("~/.local/bin",))
    monkeypatch.setenv("PATH", "")


def found(home: Path, cwd: Path, *named: str, **environ: str) -> list[str]:
    environ = {"PIPX_GLOBAL_HOME": str(home / "nothing"), **environ}
    return [each.path for each in find_interpreters(environ, home, str(cwd), named)]


def test_finds_what_is_on_path(tmp_path: Path) -> None:
    program = make_base(tmp_path / "base")
    assert found(tmp_path, tmp_path, PATH=f"{program.parent}:relative:/nowhere") == [str(program.parent / "python")]


@pytest.mark.parametrize("variable", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_finds_what_is_active(tmp_path: Path, variable: str) -> None:
    own = make_environment(tmp_path / "venv", make_base(tmp_path / "base"))
    assert found(tmp_path, tmp_path, **{variable: str(tmp_path / "venv")}) == [str(own)]


@pytest.mark.parametrize("name", [".venv", "venv", "env", ".tox/py", ".nox/tests"])
def test_finds_what_a_project_has(tmp_path: Path, name: str) -> None:
    own = make_environment(tmp_path / "project" / name, make_base(tmp_path / "base"))
    assert found(tmp_path, tmp_path / "project") == [str(own)]


@pytest.mark.parametrize(
    "folder",
    [
        pytest.param(".pyenv/versions/3.11.7", id="pyenv"),
        pytest.param(".local/share/uv/python/cpython-3.11", id="uv-python"),
        pytest.param("miniconda3/envs/work", id="conda"),
    ],
)
def test_finds_installations_that_are_kept_at_home(tmp_path: Path, folder: str) -> None:
    program = make_base(tmp_path / folder)
    assert found(tmp_path, tmp_path / "project") == [str(program.parent / "python")]


@pytest.mark.parametrize(
    "folder",
    [
        pytest.param(".local/share/pipx/venvs/tool", id="pipx"),
        pytest.param(".local/share/uv/tools/tool", id="uv-tool"),
        pytest.param(".virtualenvs/work", id="virtualenvwrapper"),
        pytest.param(".cache/pypoetry/virtualenvs/work", id="poetry"),
    ],
)
def test_finds_environments_that_are_kept_at_home(tmp_path: Path, folder: str) -> None:
    own = make_environment(tmp_path / folder, make_base(tmp_path / "base"))
    assert found(tmp_path, tmp_path / "project") == [str(own)]


def test_variable_moves_where_installations_are_kept(tmp_path: Path) -> None:
    program = make_base(tmp_path / "elsewhere" / "versions" / "3.11.7")
    environ = {"PYENV_ROOT": str(tmp_path / "elsewhere")}
    assert found(tmp_path, tmp_path / "project", **environ) == [str(program.parent / "python")]


def test_finds_what_is_named(tmp_path: Path) -> None:
    base = make_base(tmp_path / "base")
    own = make_environment(tmp_path / "venv", base)
    script = make_program(tmp_path / "pip", "#!/bin/sh\n")
    named = (str(tmp_path / "venv"), str(base), str(script), "nothing")
    assert found(tmp_path, tmp_path / "project", *named) == [str(own), str(base)]


def test_names_an_interpreter_once(tmp_path: Path) -> None:
    program = make_base(tmp_path / "base")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "python3").symlink_to(program)
    folders = f"{tmp_path / 'links'}:{program.parent}"
    assert found(tmp_path, tmp_path / "project", PATH=folders) == [str(tmp_path / "links" / "python3")]


def test_scripts_are_no_interpreters(tmp_path: Path) -> None:
    make_program(tmp_path / "shims" / "python3", "#!/bin/sh\n")
    assert found(tmp_path, tmp_path / "project", PATH=str(tmp_path / "shims")) == []


def test_a_program_that_cannot_be_read_is_looked_at_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = make_program(tmp_path / "bin" / "python3")
    opened = open

    def refuse(path: str, mode: str = "r") -> object:
        if str(path) == str(program):
            raise PermissionError
        return opened(path, mode)

    monkeypatch.setattr("builtins.open", refuse)
    assert found(tmp_path, tmp_path, PATH=str(program.parent)) == [str(program)]


def test_folders_of_programs_are_those_of_path_first(tmp_path: Path) -> None:
    for name in ("one", "two", ".local/bin"):
        (tmp_path / name).mkdir(parents=True)
    path = f"{tmp_path}/two:{tmp_path}/one/:{tmp_path}/two:relative:"
    assert program_folders({"PATH": path}, tmp_path) == [
        str(tmp_path / "two"),
        str(tmp_path / "one"),
        str(tmp_path / ".local/bin"),
    ]
