"""Test which interpreters can be hooked, and where their libraries are found."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pip_guard.errors import GuardError
from pip_guard.integrations import base_interpreter
from pip_guard.integrations.base_interpreter import (
    BaseInterpreter,
    interpreters_on_path,
    named_interpreter,
    this_interpreter,
)
from tests.unit.integrations.interpreters import make_interpreter

HINT = "Name an interpreter of CPython 3.10 or newer: pip-guard guard enable --interpreter /usr/bin/python3"


@pytest.fixture
def _scripts_are_interpreters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_interpreter, "find_interpreter", lambda named, option: named)


def test_this_interpreter_is_the_base_of_the_environment() -> None:
    found = this_interpreter()
    assert found.executable.is_file()
    assert not found.executable.is_relative_to(sys.prefix) or sys.prefix == sys.base_prefix
    assert found.start_up_file == Path(os.__file__).with_name("sitecustomize.py")
    assert found.library.is_relative_to(sys.base_prefix)


def test_asks_a_real_interpreter() -> None:
    assert named_interpreter(sys.executable).library == this_interpreter().library
    assert named_interpreter(sys.prefix).library == this_interpreter().library


@pytest.mark.usefixtures("_scripts_are_interpreters")
def test_asks_an_interpreter_where_its_library_is(tmp_path: Path) -> None:
    executable = make_interpreter(tmp_path)
    assert named_interpreter(str(executable)) == BaseInterpreter(
        executable=executable, library=tmp_path / "lib" / "python3.11"
    )


@pytest.mark.usefixtures("_scripts_are_interpreters")
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param('["pypy", [3, 11], "/lib/os.py"]', "{} is pypy, which pip-guard cannot hook.", id="pypy"),
        pytest.param('["cpython", [3, 9], "/lib/os.py"]', "{} is Python 3.9.", id="old"),
        pytest.param(
            '["cpython", [3, 13], "/x.zip/os.py"]',
            "The standard library of {} is not in a folder: /x.zip.",
            id="archive",
        ),
        pytest.param("Python 2", "{} does not run as Python 3.10 or newer.", id="no-answer"),
        pytest.param("[1]", "{} does not run as Python 3.10 or newer.", id="short-answer"),
    ],
)
def test_refuses(answer: str, message: str, tmp_path: Path) -> None:
    executable = make_interpreter(tmp_path)
    executable.write_text(f"#!/bin/sh\necho '{answer}'\n", encoding="utf-8")
    with pytest.raises(GuardError) as caught:
        named_interpreter(str(executable))
    assert (caught.value.message, caught.value.hint) == (message.format(executable), HINT)


@pytest.mark.usefixtures("_scripts_are_interpreters")
def test_refuses_what_does_not_start(tmp_path: Path) -> None:
    executable = make_interpreter(tmp_path)
    executable.write_text("#!/bin/sh\nexit 2\n", encoding="utf-8")
    with pytest.raises(GuardError, match="does not run as Python"):
        named_interpreter(str(executable))
    executable.chmod(0o644)
    with pytest.raises(GuardError, match="does not run as Python"):
        named_interpreter(str(executable))


def test_refuses_what_is_no_interpreter(tmp_path: Path) -> None:
    with pytest.raises(GuardError) as caught:
        named_interpreter(str(make_interpreter(tmp_path)))
    message = f"--interpreter {tmp_path}/bin/python3.11 cannot be used: it is not an executable program."
    assert caught.value.message == message


def test_finds_interpreters_on_path_without_running_them(tmp_path: Path) -> None:
    first = make_interpreter(tmp_path / "first")
    (first.parent / "python").symlink_to("python3.11")
    (first.parent / "python3").symlink_to("python3.11")
    (first.parent / "pythonic").symlink_to("python3.11")
    second = make_interpreter(tmp_path / "second", version=(3, 13), library="lib/python3.{}t")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "python3").symlink_to(second)
    (elsewhere / "python3.12").touch()
    (elsewhere / "python").touch()
    windows = tmp_path / "windows"
    (windows / "Lib").mkdir(parents=True)
    (windows / "Lib" / "os.py").touch()
    (windows / "python.exe").touch()
    environ = {"PATH": os.pathsep.join(map(str, [first.parent, elsewhere, tmp_path / "none", "bin", "", windows]))}
    assert interpreters_on_path(environ) == (
        BaseInterpreter(executable=first.parent / "python", library=tmp_path / "first" / "lib" / "python3.11"),
        BaseInterpreter(executable=elsewhere / "python3", library=tmp_path / "second" / "lib" / "python3.13t"),
        BaseInterpreter(executable=windows / "python.exe", library=windows / "Lib"),
    )
    assert interpreters_on_path({}) == ()
