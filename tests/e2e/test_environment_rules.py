"""Who runs the command, with which pip, and into which environment: refused before anything is fetched."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.outcome import DOCS, refusals, told
from tests.e2e.rows import slow
from tests.e2e.settings import write_configuration
from tests.kit.environments import VirtualEnvironment
from tests.kit.folders import new_folder
from tests.kit.index import LocalIndex
from tests.kit.sources import make_git_repository, make_source_tree
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace, installed_in

OUTSIDE = ("outside-virtual-environment",)
FOREIGN = ("foreign-module",)
MAKE_ENVIRONMENT = "python3 -m venv .venv && . .venv/bin/activate"
# Whatever starts it leaves a mark.
MARKING_SCRIPT = '#!/bin/sh\necho "$0" >> {sentinel}\nexit 1\n'
MARKING_MODULE = "with open({sentinel!r}, 'a') as sentinel:\n    sentinel.write(__name__)\n"


@pytest.fixture
def bare_workspace(index: LocalIndex, bare_interpreter: VirtualEnvironment) -> Iterator[Workspace]:
    """Make a place to run pip-guard outside a virtual environment."""
    folder = new_folder("workspace-")
    index.publish(make_wheel("harmless"))
    yield Workspace(folder, index, venv=bare_interpreter)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def root_workspace(workspace: Workspace) -> Workspace:
    """Make a place where everything belongs to root."""
    if os.geteuid() != 0:
        pytest.skip("only root can be root")
    workspace.index.publish(make_wheel("harmless"))
    assert workspace.added() == set()
    workspace.user = 0
    workspace.give(workspace.folder)
    return workspace


@pytest.mark.parametrize("command", ["install", "uninstall", *map(slow, ("download", "wheel", "lock"))])
def test_refuses_root(command: str, root_workspace: Workspace) -> None:
    ended = root_workspace.guard(command, *(["--yes"] if command == "uninstall" else []), "harmless")
    assert refusals(ended) == ("running-as-root",)
    assert f"pip {command} would run as root" in ended.stderr
    assert root_workspace.index.requests == []


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("list",), id="list"),
        pytest.param(("index", "versions", "harmless"), id="index-versions"),
        slow(("freeze",), id="freeze"),
        slow(("show", "pip"), id="show"),
        slow(("check",), id="check"),
        slow(("config", "list"), id="config-list"),
        slow(("help",), id="help"),
    ],
)
def test_root_may_look(arguments: tuple[str, ...], root_workspace: Workspace) -> None:
    root_workspace.guard(*arguments).check()


def test_policy_can_let_root(root_workspace: Workspace) -> None:
    root_workspace.guard("install", "harmless", policy='[rules]\nrunning-as-root = "off"\n').check()
    assert root_workspace.added() == {"harmless==1.0"}


def test_plain_pip_installs_outside_virtual_environment(bare_workspace: Workspace) -> None:
    before = bare_workspace.installed()
    bare_workspace.pip("install", "harmless").check()
    assert bare_workspace.installed() == before | {"harmless==1.0"}
    bare_workspace.pip("uninstall", "--yes", "harmless").check()


@pytest.mark.parametrize(
    ("arguments", "verb", "done"),
    [
        (("install", "harmless"), "install into", "installed"),
        (("uninstall", "--yes", "platformdirs"), "remove distributions from", "uninstalled"),
    ],
    ids=["install", "uninstall"],
)
def test_refuses_outside_virtual_environment(
    arguments: tuple[str, ...], verb: str, done: str, bare_workspace: Workspace
) -> None:
    before = bare_workspace.installed()
    ended = bare_workspace.guard(*arguments)
    assert ended.returncode == 40
    assert told(bare_workspace, ended) == (
        f"""error: outside-virtual-environment

pip would {verb} <venv>, outside any virtual environment.

hint: Make a virtual environment and use it: python3 -m venv .venv && . .venv/bin/activate
      For a command-line tool of its own, use pipx.
docs: {DOCS}/outside-virtual-environment.html

Nothing was {done}.
"""
    )
    assert bare_workspace.installed() == before
    assert bare_workspace.index.requests == []


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("install", "--dry-run", "harmless"), id="dry-run"),
        pytest.param(("install", "--target", "folder", "harmless"), id="target"),
        pytest.param(("list",), id="list"),
        slow(("download", "--dest", "files", "harmless"), id="download"),
        slow(("wheel", "--wheel-dir", "files", "harmless"), id="wheel"),
        slow(("lock", "--output", "-", "harmless"), id="lock"),
    ],
)
def test_what_leaves_interpreter_alone_goes_on(arguments: tuple[str, ...], bare_workspace: Workspace) -> None:
    before = bare_workspace.installed()
    bare_workspace.guard(*arguments).check()
    assert bare_workspace.installed() == before


@pytest.fixture
def marked_workspace(bare_workspace: Workspace) -> Iterator[Workspace]:
    """Mark the interpreter as the operating system's own (PEP 668)."""
    mark = bare_workspace.venv.site_packages.parent / "EXTERNALLY-MANAGED"
    bare_workspace.write(mark, "[externally-managed]\nError=It belongs to the system.\n")
    yield bare_workspace
    mark.unlink()


@pytest.mark.parametrize(
    ("arguments", "env", "configuration", "origin"),
    [
        pytest.param(
            ("--break-system-packages",), {}, "", "--break-system-packages on the command line", id="command-line"
        ),
        slow(("--break-sys",), {}, "", "--break-system-packages on the command line", id="abbreviated"),
        pytest.param(
            (),
            {"PIP_BREAK_SYSTEM_PACKAGES": "1"},
            "",
            "PIP_BREAK_SYSTEM_PACKAGES in the environment",
            id="variable",
        ),
        pytest.param(
            (),
            {"PIP_CONFIG_FILE": None},
            "[install]\nbreak-system-packages = true\n",
            "[install] break-system-packages, line 2 of <home>/.config/pip/pip.conf",
            id="configuration",
        ),
    ],
)
def test_refuses_to_override_mark(
    arguments: tuple[str, ...],
    env: Mapping[str, str | None],
    configuration: str,
    origin: str,
    marked_workspace: Workspace,
) -> None:
    write_configuration(marked_workspace, configuration)
    before = marked_workspace.installed()
    ended = marked_workspace.guard("install", *arguments, "harmless", env=env)
    assert refusals(ended) == ("outside-virtual-environment", "break-system-packages")
    assert f"the operating system manages.\n  set by {origin}\n" in told(marked_workspace, ended)
    assert marked_workspace.installed() == before


def test_remedies_outside_virtual_environments_lead_out(marked_workspace: Workspace) -> None:
    """Carry out what both rules say: remove the setting, and make and use a virtual environment."""
    ended = marked_workspace.guard("install", "--break-system-packages", "harmless")
    assert refusals(ended) == ("outside-virtual-environment", "break-system-packages")
    said = set(re.findall(r"virtual environment(?: and use it)?: (.+)$", ended.stderr, re.MULTILINE))
    assert said == {MAKE_ENVIRONMENT}
    folder = marked_workspace.venv.scripts
    again = marked_workspace.run(
        "sh",
        "-c",
        f"{MAKE_ENVIRONMENT} && {folder}/pip-guard install harmless",
        env={"PATH": f"{folder}:{os.environ['PATH']}"},
    )
    assert again.check().stdout.endswith("Successfully installed harmless-1.0\n")
    assert (marked_workspace.cwd / ".venv").is_dir()


def test_mark_without_override_is_for_pip_to_say(marked_workspace: Workspace) -> None:
    policy = '[rules]\noutside-virtual-environment = "off"\n'
    ended = marked_workspace.guard("install", "harmless", policy=policy)
    assert ended.returncode == 1
    assert "error: externally-managed-environment" in ended.stderr


ELSEWHERE = [
    pytest.param(("--user",), {}, "--user on the command line", id="user"),
    pytest.param((), {"PIP_USER": "1"}, "PIP_USER in the environment", id="user-variable"),
    slow((), {"PIP_TARGET": "{home}/x"}, "PIP_TARGET in the environment", id="target-variable"),
    slow((), {"PIP_PREFIX": "{home}/x"}, "PIP_PREFIX in the environment", id="prefix-variable"),
    pytest.param((), {"PIP_ROOT": "{home}/x"}, "PIP_ROOT in the environment", id="root-variable"),
    pytest.param(("--target", "{bare}"), {}, "--target {bare} on the command line", id="target-interpreter"),
    slow(("--prefix", "{bare}"), {}, "--prefix {bare} on the command line", id="prefix-interpreter"),
]


@pytest.mark.parametrize(("arguments", "env", "origin"), ELSEWHERE)
def test_refuses_to_install_elsewhere(
    arguments: tuple[str, ...],
    env: Mapping[str, str],
    origin: str,
    shared_workspace: Workspace,
    bare_interpreter: VirtualEnvironment,
) -> None:
    names = {"home": shared_workspace.home, "bare": bare_interpreter.path}
    filled = {name: value.format(**names) for name, value in env.items()}
    ended = shared_workspace.guard("install", *(each.format(**names) for each in arguments), "harmless", env=filled)
    assert refusals(ended) == OUTSIDE
    assert f"\n  set by {origin.format(**names)}\n" in ended.stderr
    assert shared_workspace.index.requests == []


@pytest.mark.parametrize("key", ["user = true", "target = /tmp/x", "prefix = /tmp/x", "root = /tmp/x"])
def test_refuses_configuration_that_installs_elsewhere(key: str, shared_workspace: Workspace) -> None:
    path = write_configuration(shared_workspace, f"[install]\n{key}\n")
    ended = shared_workspace.guard("install", "harmless", env={"PIP_CONFIG_FILE": None})
    assert refusals(ended) == OUTSIDE
    assert f"\n  set by [install] {key.split(maxsplit=1)[0]}, line 2 of {path}\n" in ended.stderr


@pytest.mark.parametrize("option", ["--target", "--prefix", "--root"])
def test_folder_named_on_command_line_is_filled(option: str, shared_workspace: Workspace) -> None:
    shared_workspace.index.publish(make_wheel("harmless"))
    shared_workspace.guard("install", option, shared_workspace.home / "folder", "harmless").check()
    assert [path.name for path in (shared_workspace.home / "folder").rglob("harmless.py")] == ["harmless.py"]


@pytest.mark.parametrize("name", ["pip", "packaging", "platformdirs"])
def test_module_of_working_directory_is_not_imported(name: str, shared_workspace: Workspace) -> None:
    plant(shared_workspace, shared_workspace.cwd, name)
    shared_workspace.python("-m", name, "--version")
    assert shared_workspace.sentinel().exists()
    shared_workspace.sentinel().unlink()
    for run_guard in (shared_workspace.guard_module, shared_workspace.guard):
        run_guard("list").check()
        run_guard("help", "install").check()
    assert not shared_workspace.sentinel().exists()


@pytest.mark.parametrize("name", ["pip", "packaging", "platformdirs"])
def test_refuses_module_of_python_path(name: str, shared_workspace: Workspace) -> None:
    folder = shared_workspace.home / "modules"
    plant(shared_workspace, folder, name)
    for run_guard in (shared_workspace.guard, shared_workspace.guard_module):
        ended = run_guard("list", env={"PYTHONPATH": str(folder)})
        assert refusals(ended) == FOREIGN
        assert f"{name} would be imported from {folder}/{name}" in ended.stderr
    assert not shared_workspace.sentinel().exists()


def plant(workspace: Workspace, folder: Path, name: str) -> None:
    """Write a package that leaves a mark when it is imported."""
    text = MARKING_MODULE.format(sentinel=str(workspace.sentinel()))
    workspace.write(folder / name / "__init__.py", text)
    workspace.write(folder / name / "__main__.py", "")


@pytest.mark.parametrize("named", ["bin/python", ""], ids=["interpreter", "folder"])
def test_installs_into_named_environment(named: str, shared_workspace: Workspace, other: VirtualEnvironment) -> None:
    ended = shared_workspace.guard("--python", other.path / named, "install", "harmless").check()
    assert ended.stdout.endswith("Successfully installed harmless-1.0\n")
    assert "harmless==1.0" in installed_in(other)
    shared_workspace.guard("--python", other.path / named, "uninstall", "--yes", "harmless").check()
    assert "harmless==1.0" not in installed_in(other)


def test_named_environment_needs_no_pip(shared_workspace: Workspace, other: VirtualEnvironment) -> None:
    for path in other.site_packages.glob("pip*"):
        shutil.rmtree(path)
    shared_workspace.guard("--python", other.path, "install", "harmless").check()
    assert installed_in(other) == {"harmless==1.0"}
    listed = shared_workspace.guard("--python", other.path, "freeze").check()
    assert listed.stdout == "harmless==1.0\n"


def test_rules_hold_in_named_environment(shared_workspace: Workspace, other: VirtualEnvironment) -> None:
    before = installed_in(other)
    ended = shared_workspace.guard("--python", other.path, "install", "-i", "https://localhost:1/simple/", "harmless")
    assert refusals(ended) == ("unapproved-index",)
    assert installed_in(other) == before


def test_named_interpreter_must_be_in_environment(
    shared_workspace: Workspace, bare_interpreter: VirtualEnvironment
) -> None:
    ended = shared_workspace.guard("--python", bare_interpreter.python, "install", "harmless")
    assert refusals(ended) == OUTSIDE


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ("{home}/python", "it is not an executable program"),
        ("{home}/nothing", "there is no such file"),
        ("{home}", "it is a folder without an interpreter"),
        ("{true}", "no Python interpreter has such a name"),
    ],
    ids=["script", "nothing", "folder", "program"],
)
def test_refuses_what_is_no_interpreter(named: str, reason: str, shared_workspace: Workspace) -> None:
    write_marking_script(shared_workspace)
    path = named.format(home=shared_workspace.home, true=shutil.which("true"))
    ended = shared_workspace.guard("--python", path, "install", "harmless")
    assert (ended.returncode, ended.stderr) == (
        40,
        f"""error: --python {path} cannot be used: {reason}.

hint: Name an interpreter of Python 3.10 or newer, or the folder of a virtual environment. Nothing was run.

Nothing was installed.
""",
    )
    assert not shared_workspace.sentinel().exists()


SETTINGS = [
    pytest.param({"PIP_PYTHON": "{script}"}, "", (), id="variable"),
    pytest.param({"PIP_CONFIG_FILE": None}, "[global]\npython = {script}\n", (), id="configuration"),
    pytest.param({"PIP_PYTHON": "{script}"}, "", ("--isolated",), id="isolated"),
]


@pytest.mark.parametrize("command", [("install", "harmless"), ("list",)], ids=["install", "list"])
@pytest.mark.parametrize(("env", "configuration", "options"), SETTINGS)
def test_interpreter_of_setting_is_not_run(
    env: Mapping[str, str | None],
    configuration: str,
    options: tuple[str, ...],
    command: tuple[str, ...],
    shared_workspace: Workspace,
) -> None:
    script = write_marking_script(shared_workspace)
    path = write_configuration(shared_workspace, configuration.format(script=script))
    filled = {name: value and value.format(script=script) for name, value in env.items()}
    shared_workspace.pip(*options, *command, env=filled)
    assert shared_workspace.sentinel().exists()
    shared_workspace.sentinel().unlink()
    ended = shared_workspace.guard(*options, *command, env=filled)
    assert refusals(ended) == FOREIGN
    origin = f"[global] python, line 2 of {path}" if configuration else "PIP_PYTHON in the environment"
    assert f"pip would run itself with {script} instead of this interpreter.\n  set by {origin}\n" in ended.stderr
    assert not shared_workspace.sentinel().exists()


def test_mark_of_child_process_does_not_let_setting_through(shared_workspace: Workspace) -> None:
    script = write_marking_script(shared_workspace)
    env = {"_PIP_RUNNING_IN_SUBPROCESS": "1", "PIP_PYTHON": str(script)}
    shared_workspace.guard("list", env=env).check()
    assert not shared_workspace.sentinel().exists()


def test_setting_that_names_this_interpreter_is_harmless(shared_workspace: Workspace) -> None:
    shared_workspace.guard("list", env={"PIP_PYTHON": str(shared_workspace.venv.python)}).check()


def test_setting_can_be_removed(shared_workspace: Workspace) -> None:
    script = write_marking_script(shared_workspace)
    path = write_configuration(shared_workspace, f"[global]\npython = {script}\n")
    shared_workspace.guard("config", "unset", "global.python", env={"PIP_CONFIG_FILE": None}).check()
    assert "python" not in path.read_text()
    assert not shared_workspace.sentinel().exists()


def write_marking_script(workspace: Workspace) -> Path:
    script = workspace.write(workspace.home / "python", MARKING_SCRIPT.format(sentinel=workspace.sentinel()))
    script.chmod(0o755)
    return script


@pytest.mark.parametrize(
    ("env", "configuration"),
    [
        pytest.param({"PIP_LOG": "report"}, "", id="variable"),
        pytest.param({"PIP_REPORT": "report"}, "", id="report"),
        pytest.param({}, "[global]\nlog = report\n", id="named-file"),
    ],
)
def test_refuses_to_write_where_somebody_else_says(
    shared_workspace: Workspace, env: dict[str, str], configuration: str
) -> None:
    shared_workspace.index.publish(make_wheel("harmless"))
    report = shared_workspace.write("report", "mine\n")
    if configuration:
        env = {"PIP_CONFIG_FILE": str(shared_workspace.write("theirs.conf", configuration))}
    command = ("install", "--dry-run", "harmless")
    shared_workspace.pip(*command, env=env).check()
    assert report.read_text() != "mine\n"
    report.write_text("mine\n")
    ended = shared_workspace.guard(*command, env=env)
    assert refusals(ended) == ("outside-virtual-environment",)
    assert "pip would write to " in ended.stderr
    assert report.read_text() == "mine\n"
    shared_workspace.guard(*command, "--log=log.txt", "--report=report.json", env=env).check()


def test_own_configuration_may_name_a_log(shared_workspace: Workspace) -> None:
    shared_workspace.index.publish(make_wheel("harmless"))
    write_configuration(shared_workspace, "[global]\nlog = log.txt\n")
    shared_workspace.guard("install", "--dry-run", "harmless", env={"PIP_CONFIG_FILE": None}).check()
    assert (shared_workspace.cwd / "log.txt").exists()


def test_refuses_another_root_outside_of_environments(bare_workspace: Workspace) -> None:
    ended = bare_workspace.guard("install", "--root", "stage", "harmless")
    assert refusals(ended) == OUTSIDE
    assert not (bare_workspace.cwd / "stage").exists()


def test_refuses_pip_with_known_vulnerabilities(index: LocalIndex) -> None:
    folder = new_folder("workspace-")
    workspace = Workspace(folder, index, pip="25.3")
    for arguments in (("install", "harmless"), ("list",)):
        ended = workspace.guard(*arguments)
        assert ended.returncode == 42
        assert told(workspace, ended) == (
            f"""error: unsupported-pip

pip 25.3 is older than 26.2, the oldest pip with no known vulnerability.

hint: Update both with plain pip: python -m pip install --upgrade --only-binary :all: "pip>=26.2" pip-guard-shim
docs: {DOCS}/unsupported-pip.html

Nothing was installed.
"""
        )
    shutil.rmtree(folder)


def test_freeze_starts_no_program_that_a_user_can_replace(workspace: Workspace) -> None:
    project = workspace.cwd / "project"
    make_git_repository(project, make_source_tree(None, "project", sentinel=workspace.sentinel("built")))
    workspace.give(project)
    workspace.pip("install", "--editable", "./project").check()
    for folder, name in ((workspace.cwd / "own", "user"), (workspace.venv.scripts, "wheel")):
        script = workspace.write(
            folder / "git", f"#!/bin/sh\n: >'{workspace.sentinel(name)}'\nexec /usr/bin/git \"$@\"\n"
        )
        script.chmod(0o755)
        env = {"PATH": f"{folder}:/usr/bin:/bin"}
        workspace.pip("freeze", env=env).check()
        assert workspace.sentinel(name).exists()
        workspace.sentinel(name).unlink()
        frozen = workspace.guard("freeze", env=env).check()
        assert (frozen.stdout, frozen.stderr) == (workspace.pip("freeze").check().stdout, "")
        assert not workspace.sentinel(name).exists()
    # pip asks in the folder of the project, which must not be searched where nothing is left of PATH
    workspace.write(project / "git", f"#!/bin/sh\n: >'{workspace.sentinel('project')}'\n").chmod(0o755)
    alone = workspace.guard("freeze", env={"PATH": str(workspace.cwd / "own")}).check()
    assert f"WARNING: {workspace.cwd}/own/git was not started: others than root can put programs" in alone.stderr
    assert not workspace.sentinel("user").exists()
    assert not workspace.sentinel("project").exists()
