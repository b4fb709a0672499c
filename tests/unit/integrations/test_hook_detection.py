"""Test which starts of Python are starts of pip."""

from __future__ import annotations

import ensurepip
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pip_guard import relaunch_script
from pip_guard.integrations.hook_detection import find_pip, is_ensurepip, runs_pip, split
from tests.unit.integrations.command_lines import CAUGHT, CONSOLE_SCRIPT, LEFT_ALONE, PYTHON, command_line, make_files

Found = tuple[list[str], list[str]] | None


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return make_files(tmp_path)


@pytest.mark.parametrize(("words", "options", "arguments"), [pytest.param(*row, id=row[0]) for row in CAUGHT])
def test_catches(words: str, options: list[str], arguments: list[str], files: tuple[Path, Path]) -> None:
    command = command_line(words, *files)
    assert find_pip(command, ["-m", *arguments]) == (options, arguments)


@pytest.mark.parametrize("words", LEFT_ALONE)
def test_leaves_alone(words: str, files: tuple[Path, Path]) -> None:
    command = command_line(words, *files)
    try:
        found: Found = find_pip(command, [""])
    except OSError:  # `start` lets Python say that there is no such file
        found = None
    assert found is None


def test_leaves_programs_alone_that_embed_python() -> None:
    command = ["editor", "-m", "pip", "list"]
    assert find_pip(command, command) is None
    assert find_pip([], [""]) is None


def test_a_long_option_that_no_python_has_yet_takes_no_value() -> None:
    assert split([PYTHON, "--future", "-m", "pip", "list"]) == (["--future"], "m", "pip", ["list"])


# ---- scripts, folders and archives


def write(path: Path, content: str | bytes = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def make_pip(folder: Path) -> Path:
    for name in ("__init__.py", "__main__.py", "__pip-runner__.py", "_internal/__init__.py"):
        write(folder / name)
    return folder


def linked(path: Path, target: Path) -> Path:
    path.symlink_to(target)
    return path


def console(folder: Path, name: str, *, module: str = "pip._internal.cli.main", function: str = "main") -> Path:
    text = CONSOLE_SCRIPT.format(function=function).replace("pip._internal.cli.main", module)
    return write(folder / name, text)


ENTRY_POINT = """\
#!/usr/bin/python
# EASY-INSTALL-ENTRY-SCRIPT: '{name}==9.0','console_scripts','{command}'
__requires__ = '{name}==9.0'
import re
import sys
from pkg_resources import load_entry_point

if __name__ == '__main__':
    sys.exit(load_entry_point('{name}==9.0', 'console_scripts', '{command}')())
"""
UV_SCRIPT = """\
#!/venv/bin/python
# -*- coding: utf-8 -*-
import sys
from pip._internal.cli.main import main
if __name__ == "__main__":
    if sys.argv[0].endswith("-script.pyw"):
        sys.argv[0] = sys.argv[0][:-11]
    sys.exit(main())
"""
LONG_SHEBANG = "#!/bin/sh\n'''exec' \"/a very/long path/python\" \"$0\" \"$@\"\n' '''\n"


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda f: console(f, "pip"), id="pip"),
        pytest.param(lambda f: console(f, "pip3"), id="pip3"),
        pytest.param(lambda f: console(f, "pip3.11", function="cli"), id="pip3.11"),
        pytest.param(lambda f: console(f, "anything"), id="under-another-name"),
        pytest.param(lambda f: console(f, "pip-script.py"), id="windows-script"),
        pytest.param(lambda f: console(f, "pip", module="pip._internal"), id="pip-10"),
        pytest.param(lambda f: console(f, "pip", module="pip._internal.main"), id="pip-19"),
        pytest.param(lambda f: console(f, "pip", module="pip"), id="pip-9"),
        pytest.param(lambda f: write(f / "pip", UV_SCRIPT), id="uv"),
        pytest.param(lambda f: write(f / "pip", UV_SCRIPT.replace("\n", "\r\n")), id="line-ends-of-windows"),
        pytest.param(lambda f: write(f / "pip", LONG_SHEBANG + UV_SCRIPT), id="long-shebang"),
        pytest.param(lambda f: write(f / "pip", ENTRY_POINT.format(name="pip", command="pip3")), id="setuptools"),
        pytest.param(lambda f: linked(f / "link", console(f, "pip")), id="link-to-script"),
        pytest.param(lambda f: linked(f / "pip", console(f, ".pip-wrapped")), id="link-called-pip"),
        pytest.param(lambda f: make_pip(f / "pip"), id="folder"),
        pytest.param(lambda f: linked(f / "link", make_pip(f / "pip")), id="link-to-folder"),
        pytest.param(lambda f: make_pip(f / "pip") / "__main__.py", id="main"),
        pytest.param(lambda f: make_pip(f / "pip") / "__pip-runner__.py", id="runner"),
        pytest.param(lambda f: linked(f / "link.py", make_pip(f / "pip") / "__main__.py"), id="link-to-main"),
        pytest.param(lambda f: write(f / "pip-26.3-py3-none-any.whl") / "pip", id="wheel"),
        pytest.param(lambda f: write(f / "pip.pyz"), id="zipapp"),
        pytest.param(lambda f: write(f / "pip-26.3.pyz"), id="zipapp-with-version"),
        pytest.param(lambda f: write(f / "Pip.PYZ"), id="zipapp-in-capitals"),
        pytest.param(lambda f: write(f / "pip.exe", b"MZ"), id="program-of-windows"),
        pytest.param(lambda f: write(f / "pip3.11.exe", b"MZ"), id="program-of-windows-with-version"),
    ],
)
def test_knows_what_runs_pip(make: Callable[[Path], Path], tmp_path: Path) -> None:
    assert runs_pip(str(make(tmp_path)))


def test_knows_scripts_by_relative_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    console(tmp_path / "venv" / "bin", "pip")
    make_pip(tmp_path / "pip")
    monkeypatch.chdir(tmp_path)
    assert [runs_pip(path) for path in ("venv/bin/pip", "./venv/bin/../bin/pip", "pip", "pip/", "./pip")] == [True] * 5


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pip")
    return folder / "pip"


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda f: write(f / "pip", "print('something else')\n"), id="another-program-called-pip"),
        pytest.param(lambda f: write(f / "pip", "import pip\npip.main(['list'])\n"), id="own-program"),
        pytest.param(
            lambda f: write(f / "x.py", "from pip._internal.cli.main import main\nmain(['list'])\n"), id="own-arguments"
        ),
        pytest.param(
            lambda f: write(f / "x.py", "# from pip import main\nimport sys\nsys.exit(main())\n"), id="in-a-comment"
        ),
        pytest.param(lambda f: console(f, "pip-guard", module="pip_guard.cli"), id="pip-guard"),
        pytest.param(lambda f: console(f, "pipx", module="pipx.main"), id="pipx"),
        pytest.param(lambda f: console(f, "pip-compile", module="piptools.scripts"), id="pip-tools"),
        pytest.param(
            lambda f: write(f / "x", ENTRY_POINT.format(name="pip-tools", command="pip-sync")), id="other-entry"
        ),
        pytest.param(
            lambda f: write(f / "x", ENTRY_POINT.format(name="build", command="pip-build")), id="other-project"
        ),
        pytest.param(lambda f: write(f / "x.py", UV_SCRIPT + "#" * 5000), id="long-program"),
        pytest.param(lambda f: write(f / "x.py", b"\xff\xfe\0"), id="no-text"),
        pytest.param(lambda f: write(f / "x.py"), id="empty"),
        pytest.param(pipe, id="pipe"),
        pytest.param(lambda f: write(f / "pip" / "__main__.py"), id="main-of-another-pip"),
        pytest.param(lambda f: make_pip(f / "nip") / "__main__.py", id="main-of-what-is-not-called-pip"),
        pytest.param(lambda f: write(f / "app" / "__main__.py"), id="main"),
        pytest.param(lambda f: write(f / "pip" / "__main__.py").parent, id="another-folder-called-pip"),
        pytest.param(lambda f: write(f / "pipx.pyz"), id="zipapp-of-pipx"),
        pytest.param(lambda f: write(f / "pipx.exe", b"MZ"), id="program-of-pipx"),
        pytest.param(lambda f: write(f / "python3.exe", b"MZ"), id="program"),
        pytest.param(lambda f: write(f / "x.whl", b"PK"), id="wheel-itself"),
        pytest.param(lambda f: f, id="folder"),
        pytest.param(lambda f: Path(relaunch_script.__file__), id="runner-of-pip-guard"),
    ],
)
def test_knows_what_does_not_run_pip(make: Callable[[Path], Path], tmp_path: Path) -> None:
    assert not runs_pip(str(make(tmp_path)))


# ---- the one who may run pip in its own process


@pytest.fixture
def ensurepip_command(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the command line by which the library itself installs pip."""
    commands: list[list[str]] = []

    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[bytes]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    ensurepip.bootstrap()
    return commands[0]


def test_knows_ensurepip(ensurepip_command: list[str]) -> None:
    assert is_ensurepip(ensurepip_command)
    assert find_pip(ensurepip_command, ["-c"]) is None


def test_ensurepip_may_not_go_online(ensurepip_command: list[str]) -> None:
    assert not is_ensurepip([word.replace("--no-index", "--pre") for word in ensurepip_command])


@pytest.mark.parametrize(
    "code", ["pass", "import pip; pip.main()", "['install', '--no-cache-dir', '--no-index', '--find-links', "]
)
def test_knows_what_is_not_ensurepip(code: str) -> None:
    assert not is_ensurepip([PYTHON, "-c", code])
    assert not is_ensurepip([PYTHON, "-m", "ensurepip"])
