"""pip-guard, installed in an environment of its own, works on the one that is active, and leaves its own alone."""

from __future__ import annotations

import csv
import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pip_guard import relaunch_script
from tests.e2e.outcome import refusals
from tests.kit import wheelhouse
from tests.kit.environments import VirtualEnvironment
from tests.kit.index import LocalIndex
from tests.kit.interpreter import find_interpreter
from tests.kit.run import Completed, clean_environ, run
from tests.kit.users import give, ordinary_user
from tests.kit.wheels import Wheel, make_wheel
from tests.kit.workspace import Workspace, installed_in

MARKING_MODULE = "open({sentinel!r}, 'a').close()\n"


class Tool:
    """pip-guard as a command of its own: a link, in a folder on PATH, into an environment that nobody activates."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.link = workspace.home / ".local" / "bin" / "pip-guard"
        self.link.parent.mkdir(parents=True)
        self.link.symlink_to(workspace.venv.scripts / "pip-guard")
        give(workspace.home / ".local", workspace.user)

    def run(self, *arguments: str | Path, active: Path | None = None, **variables: str) -> Completed:
        """Run pip-guard by its name, in an environment that has been activated."""
        folders = [] if active is None else [str(active / "bin")]
        path = os.pathsep.join([*folders, str(self.link.parent), self.workspace.environ["PATH"]])
        activated = {} if active is None else {"VIRTUAL_ENV": str(active)}
        env = {"PATH": path, **activated, **variables}
        # like a shell, find the command on PATH, and start it by its full path
        command = shutil.which("pip-guard", path=env["PATH"])
        assert command is not None
        return self.workspace.run(command, *arguments, env=env)


@pytest.fixture
def tool(shared_workspace: Workspace) -> Tool:
    """Install pip-guard once."""
    shared_workspace.index.publish(make_wheel("harmless"))
    shared_workspace.index.publish(make_wheel("scripted", entry_points={"console_scripts": {"scripted": "scripted:x"}}))
    return Tool(shared_workspace)


def test_installs_into_the_active_environment(tool: Tool, other: VirtualEnvironment) -> None:
    before = installed_in(other)
    ended = tool.run("install", "scripted", active=other.path).check()
    assert (ended.stdout.splitlines()[-1], ended.stderr) == ("Successfully installed scripted-1.0", "")
    assert installed_in(other) == {*before, "scripted==1.0"}
    first_line = (other.scripts / "scripted").read_text(encoding="utf-8").splitlines()[0]
    assert first_line == f"#!{other.python}"
    ended = tool.run("uninstall", "--yes", "scripted", active=other.path).check()
    assert ended.stderr == ""
    assert installed_in(other) == before


def test_reads_as_the_pip_of_the_active_environment_would(tool: Tool, other: VirtualEnvironment) -> None:
    for command in (["list"], ["freeze", "--all"], ["show", "pip"], ["check"]):
        plain = tool.workspace.run(other.scripts / "pip", *command)
        guarded = tool.run(*command, active=other.path)
        assert (guarded.returncode, guarded.stdout, guarded.stderr) == (0, plain.stdout, plain.stderr)


def test_active_environment_needs_no_pip(tool: Tool, other: VirtualEnvironment) -> None:
    for path in other.site_packages.glob("pip*"):
        shutil.rmtree(path)
    ended = tool.run("install", "harmless", active=other.path).check()
    assert ended.stderr == ""
    assert installed_in(other) == {"harmless==1.0"}


def test_upgrade_of_pip_is_that_of_the_active_environment(tool: Tool, other: VirtualEnvironment) -> None:
    for version in ("26.2", "latest"):
        tool.workspace.index.publish(read_wheel(wheelhouse.pip_wheel(version)))
    tool.run("install", "pip==26.2", active=other.path).check()
    assert "pip==26.2" in installed_in(other)
    ended = tool.run("install", "-U", "pip", active=other.path).check()
    (line,) = (line for line in ended.stdout.splitlines() if line.startswith("Successfully "))
    assert line.removeprefix("Successfully installed ").replace("-", "==") in installed_in(other)
    assert "pip==26.2" not in installed_in(other)
    tool.run("uninstall", "--yes", "pip", active=other.path).check()
    assert not [name for name in installed_in(other) if name.startswith("pip==")]
    # that its own is untouched is seen by the fixture of the shared environment


def test_no_notice_speaks_of_the_pip_of_the_active_environment(tool: Tool, other: VirtualEnvironment) -> None:
    tool.workspace.index.publish(make_wheel("pip", "9999.0"))
    command, looks = ("install", "--dry-run", "harmless"), {"PIP_DISABLE_PIP_VERSION_CHECK": "0"}
    plain = tool.workspace.run(other.scripts / "pip", *command, env=looks).check()
    assert "A new release of pip is available" in plain.stderr
    assert tool.run(*command, active=other.path, **looks).check().stderr == ""


def read_wheel(path: Path) -> Wheel:
    """Read a wheel of somebody else's."""
    name, version, *_ = path.name.split("-")
    with zipfile.ZipFile(path) as archive:
        metadata = archive.read(f"{name}-{version}.dist-info/METADATA")
    return Wheel(name=name, version=version, filename=path.name, content=path.read_bytes(), metadata=metadata)


def test_rules_hold_in_the_active_environment(tool: Tool, other: VirtualEnvironment) -> None:
    ended = tool.run("install", "-i", "https://localhost:1/simple/", "harmless", active=other.path)
    assert refusals(ended) == ("unapproved-index",)


def test_conda_environment_is_active_too(tool: Tool, other: VirtualEnvironment) -> None:
    tool.run("install", "harmless", CONDA_PREFIX=str(other.path)).check()
    assert "harmless==1.0" in installed_in(other)


def test_interpreter_on_path_is_worked_on_where_nothing_is_active(
    tool: Tool, bare_interpreter: VirtualEnvironment
) -> None:
    path = os.pathsep.join([str(tool.link.parent), str(bare_interpreter.scripts)])
    ended = tool.run("--version", PATH=path).check()
    assert ended.stdout.startswith(f"pip {pip_version(tool)} from {tool.workspace.venv.site_packages / 'pip'} ")
    for options in ([], ["--user"]):
        ended = tool.run("install", *options, "harmless", PATH=path)
        assert refusals(ended) == ("outside-virtual-environment",)


def pip_version(tool: Tool) -> str:
    (version,) = (name[5:] for name in installed_in(tool.workspace.venv) if name.startswith("pip=="))
    return version


def test_interpreter_may_be_started_by_a_version_manager(tool: Tool, other: VirtualEnvironment) -> None:
    shim = tool.workspace.write("shims/python3", f'#!/bin/sh\nexec "{other.python}" "$@"\n')
    shim.chmod(0o755)
    tool.run("install", "harmless", PATH=os.pathsep.join([str(tool.link.parent), str(shim.parent), "/usr/bin"])).check()
    assert "harmless==1.0" in installed_in(other)


def test_refuses_where_there_is_no_interpreter(tool: Tool) -> None:
    # the script names its interpreter in full
    ended = tool.run("list", PATH=str(tool.link.parent))
    assert (ended.returncode, ended.stdout) == (40, "")
    assert ended.stderr.startswith("error: There is no python3 on PATH, nor in an active environment.\n\nhint: ")


def test_what_needs_no_environment_is_answered_in_any(tool: Tool) -> None:
    ended = tool.run("guard", "explain", "running-as-root", active=tool.workspace.home).check()
    assert ended.stdout.startswith("running-as-root (error ")


def test_named_interpreter_goes_before_the_active_environment(
    tool: Tool, other: VirtualEnvironment, bare_interpreter: VirtualEnvironment
) -> None:
    for named in (["--python", str(other.path)], [f"--pyth={other.path}"]):
        listed = tool.run(*named, "list", "--format=freeze", active=bare_interpreter.path).check()
        assert set(listed.stdout.split()) == installed_in(other)


def test_word_that_looks_like_the_option_changes_nothing(tool: Tool, other: VirtualEnvironment) -> None:
    version = other.site_packages.parent.name.removeprefix("python")
    arguments = ["download", "--only-binary=:all:", "--no-deps", "--python-version", version, "harmless"]
    tool.run(*arguments, active=other.path).check()


@pytest.mark.parametrize(
    ("name", "reason"),
    [("nothing", "there is no such folder"), ("empty", "it is a folder without an interpreter")],
)
def test_refuses_an_active_environment_that_is_none(tool: Tool, name: str, reason: str) -> None:
    path = tool.workspace.home / name
    (tool.workspace.home / "empty").mkdir()
    ended = tool.run("list", active=path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (
        40,
        "",
        f"""error: VIRTUAL_ENV names {path} as the active environment, which cannot be used: {reason}.

hint: Activate another environment, deactivate this one, or name an interpreter with --python. Nothing was run.

Nothing was installed.
""",
    )


def test_refuses_an_active_environment_that_is_too_old(tool: Tool) -> None:
    python = find_interpreter("3.9")
    folder = tool.workspace.folder / "old"
    run([python, "-m", "venv", "--without-pip", folder], env=clean_environ(folder), cwd=tool.workspace.cwd).check()
    # the runner is what refuses; an ordinary user may not be able to enter the interpreter
    ended = run(
        [tool.link, "list"],
        env={**tool.workspace.environ, "VIRTUAL_ENV": str(folder)},
        cwd=tool.workspace.cwd,
    )
    assert ended.returncode == 40
    assert ended.stderr.startswith(f"error: {folder}/bin/python is Python 3.9.")


@pytest.fixture
def evil(shared_workspace: Workspace) -> Iterator[Path]:
    """Write modules that leave a mark when they are imported."""
    text = MARKING_MODULE.format(sentinel=str(shared_workspace.sentinel()))
    for name in ("pip", "packaging"):
        shared_workspace.write(f"evil/own/{name}/__init__.py", text)
    for name in ("json", "socks", "requests"):
        shared_workspace.write(f"evil/others/{name}/__init__.py", text)
    yield shared_workspace.cwd / "evil"
    assert not shared_workspace.sentinel().exists()


def test_foreign_modules_are_refused(tool: Tool, other: VirtualEnvironment, evil: Path) -> None:
    ended = tool.run("list", active=other.path, PYTHONPATH=str(evil / "own"))
    assert refusals(ended) == ("foreign-module",) * 2


def test_no_other_module_comes_from_a_foreign_folder(tool: Tool, other: VirtualEnvironment, evil: Path) -> None:
    tool.run("install", "harmless", active=other.path, PYTHONPATH=str(evil / "others")).check()


def test_modules_of_the_active_environment_are_not_imported(tool: Tool, other: VirtualEnvironment) -> None:
    text = MARKING_MODULE.format(sentinel=str(tool.workspace.sentinel()))
    for name in ("packaging", "platformdirs", "pip_guard", "socks", "requests"):
        (other.site_packages / name).mkdir()
        (other.site_packages / name / "__init__.py").write_text(text, encoding="utf-8")
    (other.site_packages / "pip" / "__init__.py").write_text(text, encoding="utf-8")
    give(other.path, ordinary_user())
    tool.run("install", "harmless", active=other.path).check()
    assert not tool.workspace.sentinel().exists()


def test_marks_of_pip_change_nothing(tool: Tool, other: VirtualEnvironment) -> None:
    listed = tool.run("list", "--format=freeze", active=other.path, _PIP_RUNNING_IN_SUBPROCESS="1").check()
    assert set(listed.stdout.split()) == installed_in(other)


@pytest.mark.parametrize(
    ("integration", "options"), [("--shell=bash", "-lc"), ("--shims", "-c")], ids=["shell", "shims"]
)
def test_pip_is_pip_guard_where_an_integration_is_enabled(
    tool: Tool, other: VirtualEnvironment, integration: str, options: str
) -> None:
    home = tool.workspace.home
    before = {path for path in home.rglob("*") if path.is_file()}
    tool.run("guard", "enable", integration, active=other.path).check()
    shims = home / ".local" / "bin"
    command = ["bash", options, "pip list --format=freeze; pip install -i https://localhost:1/simple/ harmless"]
    path = os.pathsep.join([str(shims), str(other.scripts), "/usr/bin", "/bin"])
    ended = tool.workspace.run(*command, env={"VIRTUAL_ENV": str(other.path), "PATH": path})
    assert set(ended.stdout.split()) == installed_in(other)
    assert refusals(ended) == ("unapproved-index",)
    tool.run("guard", "disable", integration, active=other.path).check()
    files = {path for path in home.rglob("*") if path.is_file()}
    # the record of what was refused stays
    assert {path for path in files if not path.name.startswith("journal.jsonl")} == before


# Inside an environment


def test_what_is_named_by_its_path_works_on_its_own_environment(place: Workspace, other: VirtualEnvironment) -> None:
    env = {"VIRTUAL_ENV": str(other.path), "PATH": f"{other.scripts}:{place.venv.scripts}:/usr/bin"}
    link = place.write("link/here", "").parent / "venv"
    link.symlink_to(place.venv.path)
    commands: tuple[list[Path | str], ...] = (
        [link / "bin" / "pip-guard"],
        [place.venv.scripts / "../bin/pip-guard"],
        [place.venv.python, "-m", "pip_guard"],
    )
    for command in commands:
        listed = place.run(*command, "list", "--format=freeze", env=env).check()
        assert set(listed.stdout.split()) == installed_in(place.venv)


def test_what_is_found_behind_the_active_environment_works_on_that(place: Workspace, other: VirtualEnvironment) -> None:
    env = {"VIRTUAL_ENV": str(other.path), "PATH": f"{other.scripts}:{place.venv.scripts}:/usr/bin"}
    listed = place.guard("list", "--format=freeze", env=env).check()
    assert set(listed.stdout.split()) == installed_in(other)
    listed = place.guard("--guard-environment=own", "list", "--format=freeze", env=env).check()
    assert set(listed.stdout.split()) == installed_in(place.venv)


def test_environment_can_be_asked_for(place: Workspace, other: VirtualEnvironment) -> None:
    listed = place.guard(
        "--guard-environment=active", "list", "--format=freeze", env={"VIRTUAL_ENV": str(other.path)}
    ).check()
    assert set(listed.stdout.split()) == installed_in(other)


def test_interpreter_without_environment_works_on_the_active_one_if_that_stands_before_it(
    index: LocalIndex, bare_interpreter: VirtualEnvironment, other: VirtualEnvironment, tmp_path: Path
) -> None:
    environ = clean_environ(tmp_path, VIRTUAL_ENV=str(other.path))
    command: list[Path | str] = [bare_interpreter.scripts / "pip-guard", "list", "--format=freeze"]
    assert set(run(command, env=environ, cwd=tmp_path).check().stdout.split()) == installed_in(bare_interpreter)
    environ["PATH"] = f"{other.scripts}:{bare_interpreter.scripts}"
    assert set(run(command, env=environ, cwd=tmp_path).check().stdout.split()) == installed_in(other)


def test_scripts_and_records_name_nothing_of_the_tool(tool: Tool, other: VirtualEnvironment) -> None:
    tool.run("install", "scripted", active=other.path).check()
    (record,) = other.site_packages.glob("scripted-*.dist-info/RECORD")
    with record.open(newline="", encoding="utf-8") as stream:
        paths = {row[0] for row in csv.reader(stream)}
    assert all((other.site_packages / path).resolve().is_relative_to(other.path) for path in paths)
    assert Path(relaunch_script.__file__).name not in {path.name for path in other.scripts.iterdir()}
