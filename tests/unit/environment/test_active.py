"""Test which environment a command works on."""

from __future__ import annotations

import os
import sys
import types
from pathlib import Path

import pytest

from pip_guard import relaunch_script
from pip_guard.environment.active import (
    PATH,
    Invocation,
    SelectedEnvironment,
    choose,
    find_active,
    is_in_target,
    is_tool,
    this_invocation,
)


def make_environment(path: Path, *files: str) -> Path:
    """Make what looks like a virtual environment."""
    (path / "bin").mkdir(parents=True)
    for name in ("pyvenv.cfg", "bin/pip-guard", "bin/python3", *files):
        (path / name).touch(mode=0o755)
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Make a world: the environment of pip-guard, another one, a folder of links, and the system's interpreter."""
    make_environment(tmp_path / "own", "bin/python3.12")
    make_environment(tmp_path / "other", "bin/python3.12")
    make_environment(tmp_path / "later")
    for name in ("links", "usr/bin", "empty"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "links" / "pip-guard").symlink_to(tmp_path / "own" / "bin" / "pip-guard")
    for name in ("python3", "python3.13"):
        (tmp_path / "usr" / "bin" / name).touch(mode=0o755)
    return tmp_path


def make_start(
    home: Path,
    script: str = "own/bin/pip-guard",
    *,
    path: str = "usr/bin",
    inside: bool = True,
    own: str = "own",
    **variables: str,
) -> Invocation:
    """Describe a start; paths are relative to the world."""
    environ = {name: str(home / value) for name, value in variables.items()}
    folders = os.pathsep.join(str(home / folder) for folder in path.split(":"))
    return Invocation(
        script=str(home / script),
        prefix=str(home / own),
        executable=str(home / own / "bin" / "python3"),
        in_virtual_environment=inside,
        environ={**environ, "PATH": folders},
    )


OTHER = ("VIRTUAL_ENV", "other")


@pytest.mark.parametrize(
    ("start", "wanted", "expected"),
    [
        pytest.param({}, None, None, id="by-path"),
        pytest.param({"VIRTUAL_ENV": "other"}, None, None, id="by-path-while-another-is-active"),
        pytest.param({"VIRTUAL_ENV": "own"}, None, None, id="its-own-is-active"),
        pytest.param({"path": "own/bin:usr/bin"}, None, None, id="found-on-path-and-none-is-active"),
        pytest.param(
            {"path": "other/bin:own/bin", "VIRTUAL_ENV": "other"}, None, OTHER, id="found-on-path-behind-the-active"
        ),
        pytest.param(
            {"path": "later/bin:other/bin:own/bin", "VIRTUAL_ENV": "other"},
            None,
            (PATH, "later/bin/python3"),
            id="found-on-path-behind-two",
        ),
        pytest.param(
            {"path": "own/bin:other/bin", "VIRTUAL_ENV": "other"}, None, None, id="found-on-path-before-the-active"
        ),
        pytest.param({"path": "own/bin", "VIRTUAL_ENV": "other"}, None, None, id="active-one-is-not-on-path"),
        pytest.param({"script": "links/pip-guard", "VIRTUAL_ENV": "other"}, None, OTHER, id="linked-and-one-is-active"),
        pytest.param({"script": "links/pip-guard", "VIRTUAL_ENV": "own"}, None, None, id="linked-and-its-own-active"),
        pytest.param({"script": "links/pip-guard"}, None, (PATH, "usr/bin/python3"), id="linked-and-none-is-active"),
        pytest.param({"script": "links/pip-guard", "path": "empty:own/bin"}, None, None, id="linked-and-own-on-path"),
        pytest.param(
            {"script": "links/pip-guard", "path": "other/bin"}, None, (PATH, "other/bin/python3"), id="linked-other"
        ),
        pytest.param(
            {"script": "links/pip-guard", "VIRTUAL_ENV": "other", "CONDA_PREFIX": "conda"},
            None,
            OTHER,
            id="virtual-environment-before-conda",
        ),
        pytest.param(
            {"script": "links/pip-guard", "CONDA_PREFIX": "conda"}, None, ("CONDA_PREFIX", "conda"), id="conda"
        ),
        pytest.param({"inside": False, "own": "usr", "VIRTUAL_ENV": "other"}, None, None, id="not-in-an-environment"),
        pytest.param(
            {
                "script": "usr/bin/pip-guard",
                "inside": False,
                "own": "usr",
                "path": "other/bin:usr/bin",
                "VIRTUAL_ENV": "other",
            },
            None,
            OTHER,
            id="not-in-an-environment-and-found-behind-the-active",
        ),
        pytest.param({"inside": False, "own": "usr"}, None, None, id="not-in-an-environment-and-none-is-active"),
        pytest.param({"script": "own/bin/__main__.py", "VIRTUAL_ENV": "other"}, None, None, id="as-module"),
        pytest.param({"script": "own/bin/pip", "VIRTUAL_ENV": "other"}, None, None, id="in-the-place-of-pip"),
        pytest.param({"VIRTUAL_ENV": "other"}, "active", OTHER, id="asked-for-the-active"),
        pytest.param({"VIRTUAL_ENV": "own"}, "active", None, id="asked-for-the-active-which-is-its-own"),
        pytest.param({}, "active", (PATH, "usr/bin/python3"), id="asked-for-the-active-and-there-is-none"),
        pytest.param({"inside": False, "own": "usr"}, "active", None, id="asked-for-the-active-in-the-system"),
        pytest.param({"script": "x.py", "VIRTUAL_ENV": "other"}, "active", OTHER, id="asked-for-the-active-from-afar"),
        pytest.param(
            {"path": "other/bin:usr/bin", "VIRTUAL_ENV": "other"}, "3.12", (PATH, "other/bin/python3.12"), id="version"
        ),
        pytest.param({"VIRTUAL_ENV": "other"}, "3.13", (PATH, "usr/bin/python3.13"), id="version-that-is-not-active"),
        pytest.param({"path": "own/bin", "VIRTUAL_ENV": "other"}, "3.12", None, id="version-of-its-own"),
        pytest.param(
            {"path": "later/bin:other/bin", "VIRTUAL_ENV": "other"},
            "active",
            (PATH, "later/bin/python3"),
            id="variable-is-left-over",
        ),
        pytest.param(
            {"path": "usr/bin:other/bin", "VIRTUAL_ENV": "other"}, "active", OTHER, id="another-program-stands-before"
        ),
        pytest.param(
            {"path": "later/bin", "VIRTUAL_ENV": "other"}, "active", OTHER, id="variable-without-its-folder-on-path"
        ),
        pytest.param({"script": "links/pip-guard", "VIRTUAL_ENV": "other"}, "own", None, id="asked-for-its-own"),
    ],
)
def test_chooses(home: Path, start: dict[str, str], wanted: str | None, expected: tuple[str, str] | None) -> None:
    choice = choose(make_start(home, **start), wanted)  # type: ignore[arg-type]
    assert choice == (None if expected is None else SelectedEnvironment(expected[0], str(home / expected[1])))


@pytest.mark.parametrize("mark", ["pipx_metadata.json", "uv-receipt.toml"])
def test_environment_of_one_tool_is_never_worked_on(home: Path, mark: str) -> None:
    (home / "own" / mark).touch()
    start = make_start(home)
    assert is_tool(start)
    assert choose(start, None) == SelectedEnvironment(PATH, str(home / "usr" / "bin" / "python3"))


def test_names_no_interpreter_where_path_has_none(home: Path) -> None:
    assert choose(make_start(home, path="empty"), "active") == SelectedEnvironment(PATH, "python3")


def test_names_no_interpreter_of_a_version_that_path_does_not_have(home: Path) -> None:
    assert choose(make_start(home), "3.14") == SelectedEnvironment(PATH, "python3.14")


def test_passes_over_what_is_no_program_on_path(home: Path) -> None:
    (home / "empty" / "python3").mkdir()
    (home / "links" / "python3").touch(mode=0o644)
    (home / "usr" / "bin" / "python3").rename(home / "usr" / "bin" / "python")
    start = make_start(home, path="empty:links:usr/bin")
    assert choose(start, "active") == SelectedEnvironment(PATH, str(home / "usr" / "bin" / "python"))


def test_passes_over_relative_folders_on_path(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    start = make_start(home)
    start.environ = {"PATH": f"usr/bin::{home / 'other' / 'bin'}"}
    assert choose(start, "active") == SelectedEnvironment(PATH, str(home / "other" / "bin" / "python3"))


def test_link_named_relative_to_the_working_directory_is_a_tool(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home / "links")
    start = make_start(home)
    start.script = "pip-guard"
    assert is_tool(start)


def test_stands_behind_nothing_where_it_is_named_relative_to_the_working_directory(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home / "own")
    start = make_start(home, path="other/bin:own/bin", VIRTUAL_ENV="other")
    start.script = "bin/pip-guard"
    assert choose(start, None) is None


def test_empty_variables_name_nothing() -> None:
    assert find_active({"VIRTUAL_ENV": "", "CONDA_PREFIX": ""}) is None


def test_working_directory_that_is_gone_is_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(path: str) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(os.path, "realpath", gone)
    assert choose(make_start(home, VIRTUAL_ENV="own"), "active") is None


def test_describes_this_process() -> None:
    start = this_invocation()
    assert (start.script, start.prefix, start.executable) == (sys.argv[0], sys.prefix, sys.executable)
    assert start.in_virtual_environment is (sys.prefix != sys.base_prefix)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        pytest.param(relaunch_script.__file__, True, id="runner"),
        pytest.param("/elsewhere/relaunch_script.py", False, id="other-script"),
        pytest.param(None, False, id="no-file"),
    ],
)
def test_knows_whether_it_runs_in_a_target(monkeypatch: pytest.MonkeyPatch, file: str | None, expected: bool) -> None:
    main = types.ModuleType("__main__")
    if file is not None:
        main.__file__ = file
    monkeypatch.setitem(sys.modules, "__main__", main)
    assert is_in_target() is expected
