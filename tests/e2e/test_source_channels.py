"""Whatever way source code takes to reach pip: plain pip builds it, and under guard nothing of it runs."""

from __future__ import annotations

import json
from functools import partial

import pytest

from tests.e2e import channels
from tests.e2e.channels import CHANNELS, NAME, Attempt, Channel, parameters, way
from tests.e2e.outcome import DOCS, leftovers, refusals, told
from tests.e2e.rows import slow
from tests.kit.sources import make_sdist
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace


@pytest.mark.parametrize(("channel", "rules"), parameters(CHANNELS))
def test_plain_pip_builds(channel: Channel, rules: tuple[str, ...], shared_workspace: Workspace) -> None:
    attempt = channel(shared_workspace)
    ended = shared_workspace.pip(*attempt.arguments, env=attempt.env)
    assert shared_workspace.sentinel().exists(), str(ended)


@pytest.mark.parametrize(("channel", "rules"), parameters(CHANNELS))
def test_guard_refuses(channel: Channel, rules: tuple[str, ...], shared_workspace: Workspace) -> None:
    attempt = channel(shared_workspace)
    ended = shared_workspace.guard(*attempt.arguments, env=attempt.env)
    assert refusals(ended) == rules, str(ended)
    assert not shared_workspace.sentinel().exists()
    assert leftovers(shared_workspace) == []


def site_configuration(workspace: Workspace) -> Attempt:
    """Let the environment's own pip.conf, which a wheel could have brought, loosen what the global one says."""
    channels.publish(workspace)
    workspace.write(workspace.admin_config / "pip" / "pip.conf", "[global]\nonly-binary = :all:\n")
    workspace.write(workspace.venv.path / "pip.conf", f"[install]\nno-binary = {NAME}\n")
    return Attempt(arguments=("install", NAME), env={"PIP_CONFIG_FILE": None})


def editable_of_group(workspace: Workspace) -> Attempt:
    path = workspace.write("requirements.txt", f"-e {channels.directory(workspace)}\n")
    return Attempt(arguments=("install", "-r", path))


# These change the environment where they succeed.
INSTALLING = [
    way("index", channels.SDIST, channels.from_index, command=("install",)),
    way("url", channels.SDIST, channels.direct_url, command=("install",)),
    way("editable", channels.DIRECTORY, editable_of_group),
    way("site-configuration", channels.SDIST, site_configuration),
]


@pytest.mark.parametrize(("channel", "rules"), parameters(INSTALLING))
def test_plain_pip_builds_and_installs(channel: Channel, rules: tuple[str, ...], workspace: Workspace) -> None:
    attempt = channel(workspace)
    ended = workspace.pip(*attempt.arguments, env=attempt.env)
    assert workspace.sentinel().exists(), str(ended)
    assert workspace.added() == {"sourceonly==1.0"}


@pytest.mark.parametrize(("channel", "rules"), parameters(INSTALLING))
def test_guard_installs_nothing(channel: Channel, rules: tuple[str, ...], workspace: Workspace) -> None:
    attempt = channel(workspace)
    ended = workspace.guard(*attempt.arguments, env=attempt.env)
    assert refusals(ended) == rules, str(ended)
    assert not workspace.sentinel().exists()
    assert workspace.added() == set()
    assert leftovers(workspace) == []


def test_wheel_of_earlier_build_is_not_used(workspace: Workspace) -> None:
    requirement = f"{NAME} @ {channels.publish(workspace)}"
    workspace.pip("wheel", requirement).check()
    workspace.sentinel().unlink()
    assert "Using cached sourceonly-1.0" in workspace.pip("install", "--dry-run", requirement).check().stdout
    assert refusals(workspace.guard("install", requirement)) == channels.SDIST
    assert not workspace.sentinel().exists()


def test_guard_refuses_as_module(shared_workspace: Workspace) -> None:
    attempt = channels.from_index(shared_workspace)
    assert refusals(shared_workspace.guard_module(*attempt.arguments)) == channels.SDIST
    assert not shared_workspace.sentinel().exists()


# Here a wheel is on offer, too: the settings make plain pip build nevertheless, and do nothing under guard.
LOOSENED = [
    pytest.param(("--no-binary", NAME), {}, "", id="command-line"),
    pytest.param((), {"PIP_NO_BINARY": ":all:"}, "", id="variable"),
    pytest.param(("-r", "file.txt"), {}, f"--no-binary={NAME}\n", id="requirements-file"),
    pytest.param(("-c", "file.txt"), {}, f"--no-binary={NAME}\n", id="constraints-file"),
    pytest.param((), {"PIP_CONFIG_FILE": "file.txt"}, f"[install]\nno-binary = {NAME}\n", id="configuration-file"),
]


@pytest.mark.parametrize(("arguments", "env", "text"), LOOSENED)
def test_guard_takes_wheel(
    arguments: tuple[str, ...], env: dict[str, str], text: str, shared_workspace: Workspace
) -> None:
    channels.publish(shared_workspace)
    shared_workspace.index.publish(make_wheel(NAME))
    shared_workspace.write("file.txt", text)
    built = shared_workspace.pip(*channels.DRY, *arguments, NAME, env=env).check()
    assert shared_workspace.sentinel().exists(), str(built)
    shared_workspace.sentinel().unlink()
    taken = shared_workspace.guard(*channels.DRY, *arguments, NAME, env=env).check()
    assert taken.stdout.endswith("Would install sourceonly-1.0\n")
    assert not shared_workspace.sentinel().exists()


def test_older_release_with_wheel_is_taken(shared_workspace: Workspace) -> None:
    channels.publish(shared_workspace)
    shared_workspace.index.publish(make_wheel(NAME, "0.9"))
    assert shared_workspace.pip(*channels.DRY, NAME).check().stdout.endswith("Would install sourceonly-1.0\n")
    assert shared_workspace.guard(*channels.DRY, NAME).check().stdout.endswith("Would install sourceonly-0.9\n")


def test_all_direct_requirements_are_reported_at_once(shared_workspace: Workspace) -> None:
    text = "{url}\n{directory}\n{repository}\n"
    attempt = channels.requirements(shared_workspace, text)
    assert refusals(shared_workspace.guard(*attempt.arguments)) == (
        "source-distribution",
        "local-project",
        "vcs-requirement",
    )


HIDDEN = f"""error: source-distribution

sourceonly has no wheel that fits, and pip would build it from source: sourceonly-1.0.tar.gz.
  required by {{}}

hint: Ask for a version that has a wheel, or allow this one:
      pip-guard guard allow source-distribution sourceonly==1.0 --reason "..."
docs: {DOCS}/source-distribution.html

Nothing was installed.
"""
ARCHIVE = f"""error: source-distribution

pip would build sourceonly 1.0 from sourceonly-1.0.tar.gz, which runs code from that file.
  required by {{}}

hint: Ask for a version that has a wheel, or allow this one:
      pip-guard guard allow source-distribution sourceonly==1.0 --reason "..."
docs: {DOCS}/source-distribution.html

Nothing was installed.
"""
UNNAMED_ARCHIVE = f"""error: source-distribution

pip would build sourceonly 1.0 from sourceonly-1.0.tar.gz, which runs code from that file.
  required by parent 1.0

hint: Ask for a version that has a wheel, or allow this one:
      pip-guard guard allow source-distribution --url <files>/sourceonly-1.0.tar.gz --reason "..."
docs: {DOCS}/source-distribution.html

Nothing was installed.
"""
EDITABLE = f"""error: local-project

pip would build the directory <folder>/sources/sourceonly, which runs code from it.
  required by line 2 of requirements.txt

hint: Name the directory on the command line:
      pip-guard install -e <folder>/sources/sourceonly ...
      Allow the directory:
      pip-guard guard allow local-project --url file://<folder>/sources/sourceonly --reason "..."
docs: {DOCS}/local-project.html

Nothing was installed.
"""
REPOSITORY = f"""error: vcs-requirement

pip would clone {{}} and build it, which runs code from that repository.
  required by {{}}

hint: Ask for a released wheel, or build a wheel from the repository where its code may run, or allow this repository:
      pip-guard guard allow vcs-requirement --url file://<folder>/sources/sourceonly.git --reason "..."
docs: {DOCS}/vcs-requirement.html

Nothing was installed.
"""
EXPERIMENTAL = (
    "WARNING: Using pylock.toml as a requirements source is an experimental feature. "
    "It may be removed/changed in a future release without prior warning.\n"
)


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        pytest.param(channels.from_index, HIDDEN.format("the command line"), id="index"),
        pytest.param(channels.dependency_name, HIDDEN.format("parent 1.0"), id="dependency"),
        pytest.param(channels.direct_url, ARCHIVE.format("the command line"), id="url"),
        pytest.param(channels.dependency_url, UNNAMED_ARCHIVE, id="dependency-url"),
        pytest.param(
            partial(channels.requirements, text="# first\n\n{url}\n"),
            ARCHIVE.format("line 3 of requirements.txt"),
            id="file",
        ),
        pytest.param(partial(channels.requirements, text="\n-e {directory}\n"), EDITABLE, id="file-editable"),
        slow(channels.constraint_variable, ARCHIVE.format("line 1 of <cwd>/limits.txt"), id="constraints"),
        pytest.param(channels.group, ARCHIVE.format("group dev of pyproject.toml"), id="group"),
        slow(channels.script, ARCHIVE.format("script script.py"), id="script"),
        pytest.param(
            partial(channels.lock_file, package=channels.LOCKED_SDIST),
            EXPERIMENTAL + ARCHIVE.format("pylock.toml"),
            id="lock-file",
        ),
        slow(
            channels.dependency_repository,
            REPOSITORY.format("git+file:<folder>/sources/sourceonly.git", "parent 1.0"),
            id="dependency-repository",
        ),
    ],
)
def test_message_says_what_pip_would_do(channel: Channel, expected: str, shared_workspace: Workspace) -> None:
    attempt = channel(shared_workspace)
    shared_workspace.add_policy('[rules]\nrecent-release = "off"\n')
    ended = shared_workspace.guard(*attempt.arguments, env=attempt.env)
    assert told(shared_workspace, ended) == expected


def test_quiet_pip_does_not_silence_refusal(shared_workspace: Workspace) -> None:
    attempt = channels.direct_url(shared_workspace)
    ended = shared_workspace.guard("-qqq", *attempt.arguments)
    assert told(shared_workspace, ended) == ARCHIVE.format("the command line")
    assert ended.stdout == ""


def test_json_is_one_object(shared_workspace: Workspace) -> None:
    attempt = channels.direct_url(shared_workspace)
    ended = shared_workspace.guard("--guard-format=json", *attempt.arguments)
    assert ended.returncode == 40
    report = json.loads(ended.stderr)
    (finding,) = report["findings"]
    assert (report["schema"], report["verdict"]) == (1, "refused")
    assert finding | {"remedy": ""} == {
        "rule": "source-distribution",
        "severity": "error",
        "would_refuse": False,
        "message": "pip would build sourceonly 1.0 from sourceonly-1.0.tar.gz, which runs code from that file.",
        "origin": "required by the command line",
        "project": "sourceonly",
        "version": "1.0",
        "notes": [],
        "remedy": "",
        "docs": f"{DOCS}/source-distribution.html",
    }


def test_all_requirements_without_a_wheel_are_named_at_once(shared_workspace: Workspace) -> None:
    names = [f"old{number}" for number in range(5)]
    shared_workspace.index.publish(make_wheel("modern"))
    for name in names:
        shared_workspace.index.publish(make_sdist(name, sentinel=shared_workspace.sentinel()))
    lines = [f"{name}==1.0" for name in (*names, "modern")]
    shared_workspace.write("requirements.txt", "\n".join(lines))
    command = ("install", "--dry-run", "-r", "requirements.txt")
    ended = shared_workspace.guard(*command)
    assert refusals(ended) == ("source-distribution",) * 5
    remedies = [line.split() for line in ended.stderr.splitlines() if "guard allow" in line]
    assert [remedy[4] for remedy in remedies] == lines[:5]
    assert "required by line 5 of requirements.txt" in ended.stderr
    for remedy in remedies:
        shared_workspace.guard(*remedy[1:-2], "--reason", "tested").check()
    assert (
        shared_workspace.guard(*command)
        .check()
        .stdout.endswith("Would install modern-1.0 old0-1.0 old1-1.0 old2-1.0 old3-1.0 old4-1.0\n")
    )
