"""Test the script that another interpreter is started with."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from pip_guard import cli, relaunch_script
from tests.kit.interpreter import environ_without_settings, find_interpreter, run_python

RUNNER = Path(relaunch_script.__file__)
OLD = ("2.7", "3.6", "3.7", "3.8", "3.9")
TOO_OLD = """\
error: {executable} is Python {version}; pip-guard needs 3.10 or newer.

hint: Name a newer interpreter with --python, or make a new virtual environment.

Nothing was installed.
"""
# Stands in for pip-guard: it shows what it can see.
CLI = """
import sys
def main():
    import packaging
    print(sys.argv[1:])
    print(packaging.__file__)
    print(sys.path[0])
    try:
        import rules
    except ImportError:
        print("nothing else of the folder")
    return 5
"""
FIND = """
import sys
from pip_guard.relaunch_script import Redirect

finder = Redirect({"demo": sys.argv[1]})
for name in ("demo", "other", "demo.other"):
    spec = finder.find_spec(name)
    print(None if spec is None else spec.origin)
"""


@pytest.mark.parametrize("version", OLD)
def test_refuses_an_interpreter_that_is_old(tmp_path: Path, version: str) -> None:
    python = find_interpreter(version)
    command = [str(python), str(RUNNER), "{}", "install", "x"]
    ended = subprocess.run(
        command, capture_output=True, check=False, text=True, cwd=tmp_path, env=environ_without_settings(tmp_path)
    )
    assert (ended.returncode, ended.stdout) == (40, "")
    assert ended.stderr == TOO_OLD.format(executable=python, version=python.parents[1].name)


def run_as_script() -> None:
    """Run the script as an interpreter would, in this process."""
    runpy.run_module(relaunch_script.__name__, run_name="__main__")


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Let the script change what it changes, until the test ends."""
    monkeypatch.delitem(sys.modules, relaunch_script.__name__)
    monkeypatch.setattr(sys, "path", ["/folder/of/the/script", *sys.path])
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.setattr(sys, "argv", [str(RUNNER), "{}", "install", "x"])
    return monkeypatch


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 0, 0), (3, 9, 18)])
def test_refuses_an_interpreter_that_says_it_is_old(
    script: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], version: tuple[int, int, int]
) -> None:
    shown = ".".join(map(str, version))
    with script.context() as patch:
        patch.setattr(sys, "version_info", version)
        patch.setattr(sys, "version", f"{shown} (main)\n[GCC]")
        with pytest.raises(SystemExit) as caught:
            run_as_script()
    assert caught.value.code == 40
    assert capsys.readouterr() == ("", TOO_OLD.format(executable=sys.executable, version=shown))


@pytest.mark.parametrize("version", [(3, 10, 0), (3, 14, 1), (4, 0, 0)])
def test_runs_pip_guard_with_the_arguments_that_follow(
    script: pytest.MonkeyPatch, version: tuple[int, int, int]
) -> None:
    seen = []

    def main() -> int:
        seen.append((sys.argv[1:], sys.path[0] == "/folder/of/the/script"))
        return 5

    script.setattr(cli, "main", main)
    with script.context() as patch:
        patch.setattr(sys, "version_info", version)
        with pytest.raises(SystemExit) as caught:
            run_as_script()
    assert (caught.value.code, seen) == (5, [(["install", "x"], False)])


@pytest.mark.parametrize(
    ("told", "name"),
    [
        pytest.param("pip3", "pip3", id="script"),
        pytest.param("/elsewhere/__main__.py", "__main__.py", id="path"),
        pytest.param("", RUNNER.name, id="nothing"),
    ],
)
def test_goes_by_the_name_that_it_is_told(script: pytest.MonkeyPatch, told: str, name: str) -> None:
    seen = []
    script.setenv(relaunch_script.STARTED_AS, told)
    script.setattr(cli, "main", lambda: seen.append((sys.argv[0], os.environ.get(relaunch_script.STARTED_AS))))
    with pytest.raises(SystemExit):
        run_as_script()
    assert seen == [(str(RUNNER.with_name(name)), None)]


def test_leaves_the_path_as_it_is_where_the_folder_of_the_script_is_not_on_it(script: pytest.MonkeyPatch) -> None:
    flags = {name: getattr(sys.flags, name) for name in dir(sys.flags) if not name.startswith("_")}
    for changed in ({"safe_path": True}, {"safe_path": False, "isolated": 1}):
        script.setattr(cli, "main", lambda: int(sys.path[0] == "/folder/of/the/script"))
        script.setattr(sys, "argv", [str(RUNNER), "{}"])
        with script.context() as patch:
            patch.setattr(sys, "flags", SimpleNamespace(**{**flags, **changed}))
            with pytest.raises(SystemExit) as caught:
                run_as_script()
        assert caught.value.code == 1


def make_package(folder: Path, name: str, **files: str) -> str:
    (folder / name).mkdir(parents=True)
    for file, content in {"__init__": "", **files}.items():
        (folder / name / f"{file}.py").write_text(content, encoding="utf-8")
    return str(folder / name)


def test_loads_the_given_modules_and_nothing_else_from_their_folder(tmp_path: Path) -> None:
    modules = {
        "pip_guard": make_package(tmp_path / "own", "pip_guard", cli=CLI, rules=""),
        "packaging": make_package(tmp_path / "other", "packaging"),
    }
    make_package(tmp_path / "own", "rules")
    make_package(tmp_path, "packaging")
    ended = run_python(RUNNER, json.dumps(modules), "install", "--", "a b", home=tmp_path)
    assert (ended.returncode, ended.stderr) == (5, "")
    arguments, packaging, first_entry, others = ended.stdout.splitlines()
    assert arguments == "['install', '--', 'a b']"
    assert packaging == str(tmp_path / "other" / "packaging" / "__init__.py")
    assert first_entry not in (str(tmp_path), str(RUNNER.parent))
    assert others == "nothing else of the folder"


def test_finds_only_the_modules_that_it_redirects(tmp_path: Path) -> None:
    demo = make_package(tmp_path, "demo")
    make_package(tmp_path, "other")
    found = run_python("-c", FIND, demo, home=tmp_path)
    assert (found.stdout.splitlines(), found.stderr) == ([f"{demo}/__init__.py", "None", "None"], "")


def test_nothing_happens_where_it_is_imported(tmp_path: Path) -> None:
    code = "import sys; sys.version_info = (3, 9); import pip_guard.relaunch_script as runner; print(runner.OLDEST)"
    ended = run_python("-c", code, home=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "(3, 10)\n", "")
