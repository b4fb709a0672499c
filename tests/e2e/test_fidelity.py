"""Whatever is not refused is as if pip had been called: what is printed, the exit code, what is installed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from functools import partial

import pytest

from tests.e2e.outcome import at_once, side_by_side
from tests.e2e.rows import slow
from tests.kit.folders import new_folder
from tests.kit.index import LocalIndex
from tests.kit.run import Completed
from tests.kit.simple_api import sha256
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace


def publish_demo(index: LocalIndex) -> None:
    """Offer two releases of `demo`, which has a dependency, an extra and a script, and a project that conflicts."""
    for version in ("1.0", "2.0"):
        demo = make_wheel(
            "demo",
            version,
            requires=["harmless"],
            extras={"all": ["optional"]},
            entry_points={"console_scripts": {"demo": "demo:main"}},
            files={"demo.py": f"def main():\n    print({version!r})\n"},
        )
        index.publish(demo)
    index.publish(make_wheel("harmless"))
    index.publish(make_wheel("optional"))
    index.publish(make_wheel("conflicting", requires=["demo<2"]))
    index.publish(make_wheel("picky", requires_python=">=4"))
    index.publish(make_wheel("withdrawn"), yanked="broken")


def same(plain: Completed, guarded: Completed) -> None:
    assert guarded.stdout == plain.stdout
    assert guarded.stderr == plain.stderr
    assert guarded.returncode == plain.returncode


READING = [
    pytest.param("--version", {}, id="version"),
    slow("-V", {}, id="short-version"),
    pytest.param("list", {}, id="list"),
    pytest.param("list --format=json", {}, id="list-json"),
    slow("list --format=freeze --not-required", {}, id="list-freeze"),
    slow("list --verbose", {}, id="list-verbose"),
    slow("-q list", {}, id="quiet-list"),
    slow("--isolated list", {}, id="isolated-list"),
    pytest.param("freeze", {}, id="freeze"),
    slow("freeze --all", {}, id="freeze-all"),
    pytest.param("show pip", {}, id="show"),
    slow("show --files platformdirs", {}, id="show-files"),
    pytest.param("show nothing-there", {}, id="show-nothing"),
    pytest.param("check", {}, id="check"),
    pytest.param("help install", {}, id="help-install"),
    pytest.param("install --help", {}, id="install-help"),
    slow("help config", {}, id="help-config"),
    slow("help nothing-there", {}, id="help-nothing"),
    pytest.param("completion --bash", {}, id="completion"),
    pytest.param("config list", {}, id="config-list"),
    pytest.param("config debug", {}, id="config-debug"),
    slow("config get global.nothing", {}, id="config-get-nothing"),
    pytest.param("cache dir", {}, id="cache-dir"),
    slow("cache info", {}, id="cache-info"),
    slow("cache list", {}, id="cache-list"),
    pytest.param("hash file.txt", {}, id="hash"),
    slow("hash nothing-there", {}, id="hash-nothing"),
    pytest.param("inspect", {}, id="inspect"),
    slow("debug", {}, id="debug"),
    pytest.param("index versions demo", {}, id="index-versions"),
    slow("index versions nothing-there", {}, id="index-versions-nothing"),
    slow("list --outdated", {}, id="list-outdated"),
    pytest.param("install", {}, id="install-nothing"),
    pytest.param("install --dry-run demo", {}, id="dry-run"),
    pytest.param("install --dry-run --quiet --report=- demo", {}, id="report"),
    slow("install --dry-run demo[all]", {}, id="dry-run-extra"),
    slow("install --dry-run --no-deps demo", {}, id="no-deps"),
    pytest.param("install --dry-run nothing-there", {}, id="not-found"),
    slow("install --dry-run demo==9", {}, id="version-not-found"),
    pytest.param("install --dry-run demo>=2 conflicting", {}, id="conflict"),
    slow("install --dry-run picky", {}, id="requires-python"),
    slow("install --dry-run withdrawn", {}, id="only-yanked"),
    slow("install --dry-run --no-index demo", {}, id="no-index"),
    pytest.param("install demo===", {}, id="bad-requirement"),
    slow("install ./nothing-there", {}, id="no-directory"),
    slow("install -r nothing-there.txt", {}, id="no-requirements-file"),
    pytest.param("install --no-such-option demo", {}, id="no-such-option"),
    slow("install --re demo", {}, id="ambiguous-option"),
    pytest.param("install --timeout=soon demo", {}, id="bad-value"),
    slow("install --target=x --user demo", {}, id="contradiction"),
    pytest.param("install demo", {"PIP_TIMEOUT": "soon"}, id="bad-variable"),
    slow("install demo", {"PIP_REQUIRE_VIRTUALENV": "maybe"}, id="bad-switch"),
    pytest.param("list", {"PIP_CONFIG_FILE": "broken.conf"}, id="broken-configuration"),
    pytest.param("uninstall", {}, id="uninstall-nothing"),
    pytest.param("uninstall --yes nothing-there", {}, id="uninstall-absent"),
    slow("download --dest files --dry demo", {}, id="download-bad-option"),
    slow("lock --output - demo", {}, id="lock"),
    pytest.param("nothing-there", {}, id="no-such-command"),
    pytest.param("instal demo", {}, id="misspelt-command"),
    slow("--no-such-option", {}, id="no-such-main-option"),
    pytest.param("", {"PIP_AUTO_COMPLETE": "1", "COMP_WORDS": "pip in", "COMP_CWORD": "1"}, id="complete-command"),
    pytest.param(
        "", {"PIP_AUTO_COMPLETE": "1", "COMP_WORDS": "pip install --no", "COMP_CWORD": "2"}, id="complete-option"
    ),
    slow("", {"PIP_AUTO_COMPLETE": "1", "COMP_WORDS": "pip show pl", "COMP_CWORD": "2"}, id="complete-project"),
]


@pytest.mark.parametrize(("line", "env"), READING)
def test_says_what_pip_says(line: str, env: Mapping[str, str], shared_workspace: Workspace) -> None:
    publish_demo(shared_workspace.index)
    shared_workspace.write("file.txt", "content\n")
    shared_workspace.write("broken.conf", "[global\n")
    same(*side_by_side(shared_workspace, *line.split(), env=env))


def test_warning_is_all_that_is_added(shared_workspace: Workspace) -> None:
    publish_demo(shared_workspace.index)
    arguments = ("install", "--dry-run", "withdrawn==1.0")
    plain, guarded = shared_workspace.pip(*arguments).check(), shared_workspace.guard(*arguments).check()
    assert guarded.stdout == plain.stdout
    assert guarded.stderr.startswith(f"{plain.stderr}warning: yanked-release\n\n")


@pytest.mark.parametrize("arguments", [(), ("help",), ("--help",)], ids=" ".join)
def test_help_has_one_more_line(arguments: tuple[str, ...], shared_workspace: Workspace) -> None:
    plain = shared_workspace.pip(*arguments).check().stdout
    guarded = shared_workspace.guard(*arguments).check().stdout
    (own,) = [line for line in guarded.splitlines(keepends=True) if line not in plain.splitlines(keepends=True)]
    assert re.fullmatch(r"  guard +See and settle what pip-guard refuses\.\n", own)
    assert guarded.replace(own, "") == plain


def test_module_calls_itself_as_pip_does(shared_workspace: Workspace) -> None:
    plain = shared_workspace.python("-m", "pip", "install")
    guarded = shared_workspace.guard_module("install")
    same(plain, guarded)
    assert 'You must give at least one requirement to install (see "pip help install")' in plain.stderr


@pytest.fixture
def twins(index: LocalIndex) -> Iterator[tuple[Workspace, Workspace]]:
    """Make two places that have the index in common, one for pip and one for pip-guard."""
    publish_demo(index)
    folder = new_folder("twins-")
    for name in ("plain", "guard"):
        (folder / name).mkdir()
    yield Workspace(folder / "plain", index), Workspace(folder / "guard", index)
    shutil.rmtree(folder, ignore_errors=True)


CHANGING = [
    pytest.param(
        [
            "install demo==1.0",
            "install demo",
            "install --upgrade demo",
            "install --upgrade --upgrade-strategy=eager demo",
            "install --force-reinstall --no-deps demo",
            "uninstall --yes demo harmless",
            "uninstall --yes demo",
        ],
        id="upgrade",
    ),
    pytest.param(["install demo[all]", "install conflicting", "check", "show demo", "list --not-required"], id="extra"),
    slow(
        ["install demo -c limits.txt", "install -r requirements.txt", "uninstall --yes -r requirements.txt"],
        id="constraints",
    ),
    pytest.param(
        ["install --no-deps -r hashed.txt", "install --no-deps --force-reinstall -r wrong.txt", "freeze"], id="hashes"
    ),
    pytest.param(
        [
            "download --dest files demo",
            "wheel --wheel-dir wheels demo",
            "install --no-index --find-links files demo",
            "lock demo",
            "install --target folder harmless",
            "install --report report.json optional",
            "install --no-such-option",
        ],
        id="files",
    ),
    pytest.param(
        ["config --user set global.timeout 7", "config list", "config --user unset global.timeout"], id="config"
    ),
    slow(["install demo", "cache list", "cache purge", "cache info"], id="cache"),
]


@pytest.mark.parametrize("lines", CHANGING)
def test_does_what_pip_does(lines: list[str], twins: tuple[Workspace, Workspace]) -> None:
    for workspace in twins:
        write_requirements(workspace)
    plain, guard = twins
    for line in lines:
        by_pip, by_guard = at_once(partial(plain.pip, *line.split()), partial(guard.guard, *line.split()))
        assert without_place(guard, by_guard.stdout) == without_place(plain, by_pip.stdout)
        assert without_place(guard, by_guard.stderr) == without_place(plain, by_pip.stderr)
        assert by_guard.returncode == by_pip.returncode
        assert guard.installed() == plain.installed()
    assert files_of(guard) == files_of(plain)
    assert guard.pip("check").stdout == plain.pip("check").stdout


def write_requirements(workspace: Workspace) -> None:
    harmless = make_wheel("harmless")
    workspace.write("limits.txt", "demo<2\n")
    workspace.write("requirements.txt", "demo\noptional\n")
    workspace.write("hashed.txt", f"harmless==1.0 --hash=sha256:{sha256(harmless.content)}\n")
    workspace.write("wrong.txt", f"harmless==1.0 --hash=sha256:{'0' * 64}\n")


def without_place(workspace: Workspace, text: str) -> str:
    return text.replace(str(workspace.folder), "<folder>")


def files_of(workspace: Workspace) -> set[str]:
    """Return the files of the working directory and of the virtual environment, but for caches of compiled code."""
    folders = (workspace.cwd, workspace.venv.path)
    paths = [path.relative_to(workspace.folder) for folder in folders for path in folder.rglob("*")]
    return {str(path) for path in paths if path.suffix != ".pyc"}


def test_installed_script_runs(workspace: Workspace) -> None:
    publish_demo(workspace.index)
    workspace.guard("install", "demo").check()
    assert workspace.run(workspace.venv.scripts / "demo").check().stdout == "2.0\n"
