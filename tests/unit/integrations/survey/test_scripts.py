"""Test what is read of programs called pip."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pip_guard.integrations.file_edits import with_block
from pip_guard.integrations.survey.scripts import Nature, Program, inspect
from tests.unit.integrations.machines import make_program

BY_SHELL = """#!/bin/sh
'''exec' {} "$0" "$@"
' '''
"""


def nature(path: Path, *, launcher: str = "/nowhere/pip-guard", search_path: str = "") -> tuple[Nature, str | None]:
    found = inspect(str(path), launcher=launcher, search_path=search_path)
    assert found == Program(path=str(path), nature=found.nature, interpreter=found.interpreter)
    return found.nature, found.interpreter


@pytest.mark.parametrize(
    ("text", "interpreter"),
    [
        pytest.param("#!/usr/bin/python3.11\n", "/usr/bin/python3.11", id="plain"),
        pytest.param("#!/usr/bin/python3.11 -sE\n", "/usr/bin/python3.11", id="options"),
        pytest.param("#! /usr/bin/python3\n", "/usr/bin/python3", id="space"),
        pytest.param("#!/usr/bin/python2.7\n", "/usr/bin/python2.7", id="old"),
        pytest.param(BY_SHELL.format("/long/path/python3"), "/long/path/python3", id="through-shell"),
        pytest.param(BY_SHELL.format('"/a path/python3"'), "/a path/python3", id="through-shell-with-space"),
    ],
)
def test_finds_the_interpreter_of_a_script(tmp_path: Path, text: str, interpreter: str) -> None:
    assert nature(make_program(tmp_path / "pip", text)) == (Nature.SCRIPT, interpreter)


@pytest.mark.parametrize("first", ["#!/usr/bin/env python3", "#!/usr/bin/env -S python3 -E"])
def test_finds_the_interpreter_that_env_would_find(tmp_path: Path, first: str) -> None:
    program = make_program(tmp_path / "bin" / "python3")
    make_program(tmp_path / "early" / "python3").chmod(0o644)
    script = make_program(tmp_path / "pip", f"{first}\n")
    search_path = os.pathsep.join([str(tmp_path / "early"), str(tmp_path / "bin")])
    assert nature(script, search_path=search_path) == (Nature.SCRIPT, str(program))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"", Nature.OTHER, id="empty"),
        pytest.param(b"\x7fELF", Nature.OTHER, id="program"),
        pytest.param(b"#!/bin/sh\nexec something\n", Nature.OTHER, id="shell"),
        pytest.param(b"#!\n", Nature.OTHER, id="no-interpreter"),
        pytest.param(b"#!/usr/bin/env python3\n", Nature.OTHER, id="env-finds-nothing"),
        pytest.param(
            b'#!/usr/bin/env bash\nexec "/x/pyenv" exec "$program" "$@"\n', Nature.VERSION_MANAGER, id="pyenv"
        ),
        pytest.param(b'#!/bin/sh\n# asdf\nexec asdf exec pip "$@"\n', Nature.VERSION_MANAGER, id="asdf"),
        pytest.param(b"#!/bin/sh\n" + with_block(b"", "exec pip-guard"), Nature.SHIM, id="shim"),
    ],
)
def test_tells_what_is_no_script_of_python(tmp_path: Path, content: bytes, expected: Nature) -> None:
    assert nature(make_program(tmp_path / "pip", content)) == (expected, None)


def test_tells_a_link_to_pip_guard(tmp_path: Path) -> None:
    launcher = make_program(tmp_path / "pip-guard", "#!/usr/bin/python3\n")
    (tmp_path / "pip").symlink_to(launcher)
    assert nature(tmp_path / "pip", launcher=str(launcher)) == (Nature.GUARD, None)


@pytest.mark.parametrize("place", ["Scripts/python.exe", "python.exe"])
def test_interpreter_of_a_launcher_of_windows_is_beside_it(tmp_path: Path, place: str) -> None:
    program = make_program(tmp_path / place, b"MZ")
    script = make_program(tmp_path / "Scripts" / "pip.exe", b"MZ")
    assert nature(script) == (Nature.SCRIPT, str(program))


def test_launcher_of_windows_without_an_interpreter_is_not_guessed_about(tmp_path: Path) -> None:
    assert nature(make_program(tmp_path / "Scripts" / "pip.exe", b"MZ")) == (Nature.OTHER, None)
