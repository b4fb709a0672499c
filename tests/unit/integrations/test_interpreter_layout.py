"""Test what is read of interpreters and environments."""

from __future__ import annotations

from pathlib import Path

import pytest

from pip_guard.integrations.interpreter_layout import (
    Interpreter,
    InterpreterKind,
    describe,
    programs_in,
    read_configuration,
    read_text,
)
from tests.unit.integrations.machines import make_base, make_environment, make_pip, make_program


def test_describes_an_interpreter(tmp_path: Path) -> None:
    program = make_base(tmp_path)
    assert describe(str(program)) == Interpreter(
        path=str(program),
        prefix=str(tmp_path),
        kind=InterpreterKind.INTERPRETER,
        version="3.11",
        library=str(tmp_path / "lib" / "python3.11"),
        pips=(str(tmp_path / "lib" / "python3.11" / "site-packages"),),
    )


def test_describes_a_virtual_environment(tmp_path: Path) -> None:
    base = make_base(tmp_path / "base")
    own = make_environment(tmp_path / "venv", base)
    assert describe(str(own)) == Interpreter(
        path=str(own),
        prefix=str(tmp_path / "venv"),
        kind=InterpreterKind.VIRTUAL_ENVIRONMENT,
        version="3.11",
        library=str(tmp_path / "base" / "lib" / "python3.11"),
        pips=(str(tmp_path / "venv" / "lib" / "python3.11" / "site-packages"),),
    )


def test_environment_sees_what_the_system_has_if_it_says_so(tmp_path: Path) -> None:
    base = make_base(tmp_path / "base")
    own = make_environment(tmp_path / "venv", base, pip=False, system=True)
    assert describe(str(own)).pips == (str(tmp_path / "base" / "lib" / "python3.11" / "site-packages"),)


def test_environment_without_pip_has_none(tmp_path: Path) -> None:
    own = make_environment(tmp_path / "venv", make_base(tmp_path / "base"), pip=False)
    assert describe(str(own)).pips == ()


def test_environment_of_an_interpreter_that_is_gone_is_not_guessed_about(tmp_path: Path) -> None:
    base = make_base(tmp_path / "base")
    own = make_environment(tmp_path / "venv", base)
    base.rename(tmp_path / "elsewhere")
    for name in ("python", "python3"):
        (base.parent / name).unlink()
    found = describe(str(own))
    assert (found.version, found.library, found.pips) == (None, None, ())


def test_environment_that_names_no_home_is_not_guessed_about(tmp_path: Path) -> None:
    own = make_environment(tmp_path / "venv", make_base(tmp_path / "base"))
    (tmp_path / "venv" / "pyvenv.cfg").write_text("nothing\n", encoding="utf-8")
    assert describe(str(own)).library is None


def test_environment_that_does_not_say_its_version_has_that_of_its_program(tmp_path: Path) -> None:
    base = make_base(tmp_path / "base")
    own = make_environment(tmp_path / "venv", base)
    (tmp_path / "venv" / "pyvenv.cfg").write_text(f"home = {base.parent}\n", encoding="utf-8")
    assert describe(str(own)).version == "3.11"


def test_several_libraries_are_told_apart_by_the_name_of_the_program(tmp_path: Path) -> None:
    make_base(tmp_path, "3.12")
    program = make_base(tmp_path, "3.13", pip=False)
    assert describe(str(program)).library == str(tmp_path / "lib" / "python3.13")


def test_a_name_that_does_not_tell_which_library_is_not_guessed_about(tmp_path: Path) -> None:
    make_base(tmp_path, "3.12")
    make_base(tmp_path, "3.13", pip=False)
    assert describe(str(make_program(tmp_path / "other" / "python"))).library is None


@pytest.mark.parametrize(
    ("libraries", "expected"),
    [
        pytest.param(["lib/python3.13t"], "lib/python3.13t", id="free-threaded-by-its-plain-name"),
        pytest.param(["lib/python3.13", "lib/python3.13t"], "lib/python3.13", id="both"),
        pytest.param(["lib64/python3.13"], "lib64/python3.13", id="fedora"),
    ],
)
def test_finds_the_library_of_an_interpreter(tmp_path: Path, libraries: list[str], expected: str) -> None:
    for library in libraries:
        (tmp_path / library).mkdir(parents=True)
        (tmp_path / library / "os.py").touch()
    (tmp_path / "lib" / "python3.13" / "site-packages").mkdir(parents=True, exist_ok=True)
    assert describe(str(make_program(tmp_path / "bin" / "python3.13"))).library == str(tmp_path / expected)


def test_a_library_in_linked_folders_is_one(tmp_path: Path) -> None:
    program = make_base(tmp_path)
    (tmp_path / "lib64").symlink_to("lib")
    library = describe(str(make_program(program.with_name("python")))).library
    assert library is not None
    assert Path(library).samefile(tmp_path / "lib" / "python3.11")


def test_old_python_has_a_version_and_no_library(tmp_path: Path) -> None:
    make_base(tmp_path)
    found = describe(str(make_program(tmp_path / "bin" / "python2.7")))
    assert (found.version, found.library) == ("2.7", None)


def test_conda_environment_is_told_by_its_folder(tmp_path: Path) -> None:
    program = make_base(tmp_path)
    (tmp_path / "conda-meta").mkdir()
    assert describe(str(program)).kind is InterpreterKind.CONDA_ENVIRONMENT


@pytest.mark.parametrize(
    "folder",
    [
        pytest.param("lib/python3/dist-packages", id="debian"),
        pytest.param("local/lib/python3.11/dist-packages", id="debian-local"),
    ],
)
def test_finds_pip_where_debian_keeps_it(tmp_path: Path, folder: str) -> None:
    program = make_base(tmp_path, pip=False)
    make_pip(tmp_path / folder)
    assert describe(str(program)).pips == (str(tmp_path / folder),)


def test_finds_pip_that_a_user_installed(tmp_path: Path) -> None:
    program = make_base(tmp_path / "base", pip=False)
    own = tmp_path / "home" / "lib" / "python3.11" / "site-packages"
    make_pip(own)
    assert describe(str(program), user_base=str(tmp_path / "home")).pips == (str(own),)


def test_describes_an_installation_of_windows(tmp_path: Path) -> None:
    program = make_program(tmp_path / "python.exe", b"MZ")
    (tmp_path / "Lib").mkdir()
    (tmp_path / "Lib" / "os.py").touch()
    make_pip(tmp_path / "Lib" / "site-packages")
    found = describe(str(program))
    assert (found.library, found.version, found.pips) == (
        str(tmp_path / "Lib"),
        None,
        (str(tmp_path / "Lib" / "site-packages"),),
    )


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        pytest.param(["bin/python", "bin/python3"], "bin/python", id="posix"),
        pytest.param(["Scripts/python.exe"], "Scripts/python.exe", id="windows"),
        pytest.param(["python.exe"], "python.exe", id="windows-installation"),
    ],
)
def test_finds_the_program_of_an_environment(tmp_path: Path, made: list[str], expected: str) -> None:
    for name in made:
        make_program(tmp_path / name)
    assert list(programs_in(str(tmp_path))) == [str(tmp_path / expected)]


def test_finds_no_program_where_there_is_none(tmp_path: Path) -> None:
    assert list(programs_in(str(tmp_path))) == []


def test_reads_nothing_of_what_is_not_there(tmp_path: Path) -> None:
    assert read_text(str(tmp_path / "x")) is None
    assert read_configuration(str(tmp_path)) is None


def test_reads_of_a_large_file_its_start(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\xff" + b"x" * (1 << 20))
    text = read_text(str(tmp_path / "x"))
    assert text is not None
    assert (len(text), text[:2]) == (1 << 16, "\ufffdx")


def test_library_that_has_no_prefix_above_it_is_not_found(tmp_path: Path) -> None:
    found = describe(str(make_program(tmp_path / "bin" / "python3.99")))
    assert (found.library, found.prefix) == (None, str(tmp_path))
