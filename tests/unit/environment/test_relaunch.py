"""Test which interpreters `--python` can stand for, and how another one is started."""

from __future__ import annotations

import builtins
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pip_guard import relaunch_script
from pip_guard.environment.active import IN_TARGET, PATH, SelectedEnvironment
from pip_guard.environment.module_origins import own_modules
from pip_guard.environment.relaunch import _as_json, find_chosen, find_interpreter, is_this_interpreter, run_in
from pip_guard.errors import GuardError
from tests.kit.interpreter import run_python

HINT = "Name an interpreter of Python 3.10 or newer, or the folder of a virtual environment. Nothing was run."
INTERPRETER = Path(sys.executable).resolve()


def script(path: Path) -> None:
    path.write_text("#!/bin/sh\ntouch started\n", encoding="utf-8")
    path.chmod(0o755)


def program(path: Path) -> None:
    """Make what the system would start: nothing here ever starts it."""
    path.write_bytes(b"\x7fELF" + b"\0" * 60)
    path.chmod(0o755)


def plain(path: Path) -> None:
    program(path)
    path.chmod(0o644)


def folder(*files: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.mkdir()
        for file in files:
            (path / file).parent.mkdir(parents=True, exist_ok=True)
            program(path / file)

    return make


def folder_of_scripts(path: Path) -> None:
    (path / "bin").mkdir(parents=True)
    script(path / "bin" / "python")


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def link(path: Path) -> None:
    path.symlink_to(INTERPRETER)


def empty(path: Path) -> None:
    path.touch(mode=0o755)


def magic(start: bytes) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.write_bytes(start + b"\0" * 60)
        path.chmod(0o755)

    return make


@pytest.mark.parametrize(
    ("make", "name", "found"),
    [
        pytest.param(program, "python", "python", id="program"),
        pytest.param(program, "python3.14t", "python3.14t", id="with-version"),
        pytest.param(program, "pypy3", "pypy3", id="pypy"),
        pytest.param(magic(b"MZ"), "Python.exe", "Python.exe", id="windows"),
        pytest.param(magic(b"\xcf\xfa\xed\xfe"), "python3", "python3", id="macos"),
        pytest.param(magic(b"\xca\xfe\xba\xbe"), "python3", "python3", id="macos-universal"),
        pytest.param(link, "python3", "python3", id="link-is-not-followed"),
        pytest.param(folder("bin/python"), "venv", "venv/bin/python", id="environment"),
        pytest.param(folder("Scripts/python.exe"), "venv", "venv/Scripts/python.exe", id="environment-on-windows"),
        pytest.param(folder("Scripts/python.exe", "bin/python"), "venv", "venv/bin/python", id="environment-with-both"),
    ],
)
def test_finds(tmp_path: Path, make: Callable[[Path], None], name: str, found: str) -> None:
    make(tmp_path / name)
    assert find_interpreter(str(tmp_path / name)) == str(tmp_path / found)


def test_finds_relative_to_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder("bin/python")(tmp_path / "venv")
    monkeypatch.chdir(tmp_path)
    assert find_interpreter("venv") == str(tmp_path / "venv" / "bin" / "python")


@pytest.mark.parametrize(
    ("make", "name", "reason"),
    [
        pytest.param(None, "python3", "there is no such file", id="missing"),
        pytest.param(dangling, "python3", "there is no such file", id="dangling-link"),
        pytest.param(folder("lib/python"), "venv", "it is a folder without an interpreter", id="folder"),
        pytest.param(folder_of_scripts, "venv", "it is not an executable program", id="folder-with-a-script"),
        pytest.param(script, "python", "it is not an executable program", id="script"),
        pytest.param(empty, "python", "it is not an executable program", id="empty"),
        pytest.param(plain, "python", "it is not an executable program", id="not-executable"),
        pytest.param(program, "true", "no Python interpreter has such a name", id="other-program"),
        pytest.param(program, "ipython-like", "no Python interpreter has such a name", id="name-inside"),
        pytest.param(os.mkfifo, "python", "it is not a file", id="pipe"),
    ],
)
def test_refuses(tmp_path: Path, make: Callable[[Path], None] | None, name: str, reason: str) -> None:
    named = str(tmp_path / name)
    if make is not None:
        make(tmp_path / name)
    with pytest.raises(GuardError) as caught:
        find_interpreter(named)
    assert (caught.value.message, caught.value.hint) == (f"--python {named} cannot be used: {reason}.", HINT)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        pytest.param(None, "there is no such folder", id="missing"),
        pytest.param(program, "there is no such folder", id="file"),
        pytest.param(folder("lib/python"), "it is a folder without an interpreter", id="folder"),
        pytest.param(folder_of_scripts, "it is not an executable program", id="folder-with-a-script"),
    ],
)
def test_refuses_what_is_no_active_environment(
    tmp_path: Path, make: Callable[[Path], None] | None, reason: str
) -> None:
    if make is not None:
        make(tmp_path / "venv")
    with pytest.raises(GuardError) as caught:
        find_chosen(SelectedEnvironment("VIRTUAL_ENV", str(tmp_path / "venv")))
    assert (caught.value.message, caught.value.hint) == (
        f"VIRTUAL_ENV names {tmp_path / 'venv'} as the active environment, which cannot be used: {reason}.",
        "Activate another environment, deactivate this one, or name an interpreter with --python. Nothing was run.",
    )


def test_refuses_a_relative_folder_as_active_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder("bin/python")(tmp_path / "venv")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(GuardError, match="it is a relative path, which no activation sets"):
        find_chosen(SelectedEnvironment("VIRTUAL_ENV", "venv"))


def test_finds_the_interpreter_of_an_active_environment(tmp_path: Path) -> None:
    folder("bin/python")(tmp_path / "venv")
    assert find_chosen(SelectedEnvironment("CONDA_PREFIX", str(tmp_path / "venv"))) == str(
        tmp_path / "venv" / "bin" / "python"
    )


def test_takes_what_is_on_path_as_it_is(tmp_path: Path) -> None:
    script(tmp_path / "python3")
    assert find_chosen(SelectedEnvironment(PATH, str(tmp_path / "python3"))) == str(tmp_path / "python3")


def test_refuses_where_there_is_no_interpreter() -> None:
    with pytest.raises(GuardError) as caught:
        find_chosen(SelectedEnvironment(PATH, "python3.12"))
    assert (caught.value.message, caught.value.hint) == (
        "There is no python3.12 on PATH, nor in an active environment.",
        "Activate a virtual environment, or name an interpreter with --python. Nothing was run.",
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read everything")
def test_refuses_what_cannot_be_read(tmp_path: Path) -> None:
    program(tmp_path / "python")
    (tmp_path / "python").chmod(0o111)
    with pytest.raises(GuardError, match="Permission denied"):
        find_interpreter(str(tmp_path / "python"))


def test_refuses_what_vanishes_or_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "python")

    def fail(*arguments: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(builtins, "open", fail)
    with pytest.raises(GuardError, match=r"cannot be used: Input/output error\.$"):
        find_interpreter(str(tmp_path / "python"))


def test_refuses_a_link_to_itself(tmp_path: Path) -> None:
    loop(tmp_path / "python")
    with pytest.raises(GuardError):
        find_interpreter(str(tmp_path / "python"))


def test_starts_nothing_to_find_an_interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder_of_scripts(tmp_path / "venv")
    with pytest.raises(GuardError):
        find_interpreter("venv")
    assert not (tmp_path / "started").exists()


def test_recognises_this_interpreter() -> None:
    assert is_this_interpreter(sys.executable)
    assert is_this_interpreter(str(Path(sys.executable).with_name("python3")))


@pytest.mark.parametrize(
    ("make", "name"),
    [
        pytest.param(None, "python", id="missing"),
        pytest.param(script, "python", id="script"),
        pytest.param(program, "python", id="other"),
        pytest.param(link, "python", id="link-from-another-folder"),
    ],
)
def test_other_interpreters_are_not_this_one(tmp_path: Path, make: Callable[[Path], None] | None, name: str) -> None:
    if make is not None:
        make(tmp_path / name)
    assert not is_this_interpreter(str(tmp_path / name))


RUN = """
import sys
from pip_guard.environment.relaunch import run_in
sys.stdout.write("before ")
sys.exit(run_in({interpreter!r}, ["--version", "a b"], named=True))
"""
# Stands in for an interpreter: it shows how it was started.
SHOW = """#!/bin/sh
echo "marker=$_PIP_RUNNING_IN_SUBPROCESS" "$(basename "$1")" "$3" "$4"
printf '%s' "$2" > {modules}
exit 7
"""


def test_starts_over_with_pip_guard_and_what_it_needs(tmp_path: Path) -> None:
    interpreter = tmp_path / "python"
    interpreter.write_text(SHOW.format(modules=tmp_path / "modules.json"), encoding="utf-8")
    interpreter.chmod(0o755)
    ended = run_python("-c", RUN.format(interpreter=str(interpreter)), home=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (
        7,
        "before marker=1 relaunch_script.py --version a b\n",
        "",
    )
    modules = json.loads((tmp_path / "modules.json").read_text(encoding="utf-8"))
    assert set(modules) == {"pip", "packaging", "platformdirs", "pip_guard"}
    assert all((Path(path) / "__init__.py").is_file() for path in modules.values())


def test_replaces_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    class ReplacedError(Exception):
        """Takes the place of the end of this process."""

    replaced = []

    def replace(path: str, arguments: list[str], environ: dict[str, str]) -> None:
        replaced.append((path, arguments, environ))
        raise ReplacedError

    monkeypatch.setattr(os, "execve", replace)
    monkeypatch.setenv("KEPT", "as it is")
    with pytest.raises(ReplacedError):
        run_in("/venv/bin/python", ["install", "demo"], named=True)
    ((path, arguments, environ),) = replaced
    modules = json.loads(arguments.pop(2))
    assert (path, arguments) == (
        "/venv/bin/python",
        ["/venv/bin/python", relaunch_script.__file__, "install", "demo"],
    )
    assert environ == {**os.environ, IN_TARGET: "1"}
    assert modules["pip_guard"] == str(Path(relaunch_script.__file__).parent)


@pytest.mark.parametrize(
    "modules",
    [
        pytest.param({"pip": "/lib/pip", "packaging": "/l i b/packaging"}, id="plain"),
        pytest.param({"pip": '/a"b\\c', "packaging": "/x"}, id="quotes"),
        pytest.param({"pip": "/a\nb", "packaging": "/\udcff\u00e4"}, id="control-characters"),
        pytest.param({"pip": None}, id="none"),
    ],
)
def test_modules_are_written_as_json(modules: dict[str, str | None]) -> None:
    assert json.loads(_as_json(modules)) == modules


def test_refuses_an_interpreter_that_does_not_start(tmp_path: Path) -> None:
    plain(tmp_path / "python")
    with pytest.raises(GuardError) as caught:
        run_in(str(tmp_path / "python"), [], named=True)
    assert caught.value.message == f"--python {tmp_path / 'python'} cannot be used: Permission denied."


def test_waits_where_a_process_cannot_be_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interpreter = tmp_path / "python"
    interpreter.write_text(SHOW.format(modules=tmp_path / "modules.json"), encoding="utf-8")
    interpreter.chmod(0o755)
    modules = own_modules()
    monkeypatch.setattr("pip_guard.environment.relaunch.own_modules", lambda: modules)
    with monkeypatch.context() as patch:
        # NOTE: what else is asked for modules here may not survive another name.
        patch.setattr(os, "name", "nt")
        code = run_in(str(interpreter), [], named=True)
    assert code == 7
    assert (tmp_path / "modules.json").is_file()
