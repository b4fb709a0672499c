"""What may be built: the directory that the command line names, and what the policy or --guard-allow excuse; no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e import channels
from tests.e2e.channels import NAME
from tests.e2e.outcome import DOCS, leftovers, refusals, told
from tests.e2e.rows import slow
from tests.kit.run import Completed
from tests.kit.simple_api import sha256
from tests.kit.sources import make_sdist, make_source_tree
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace

NOTHING: tuple[str, ...] = ()


def write_project(
    workspace: Workspace, *, requires: tuple[str, ...] = NOTHING, build_requires: tuple[str, ...] = NOTHING
) -> Path:
    """Write the project `app` into a folder of that name in the working directory."""
    files = make_source_tree(
        None, "app", sentinel=workspace.sentinel("app"), requires=requires, build_requires=build_requires
    )
    for path, text in files.items():
        workspace.write(f"app/{path}", text)
    return workspace.cwd / "app"


NAMED = [
    pytest.param(("./app",), "", id="relative"),
    pytest.param((".",), "app", id="here"),
    slow((".[extra]",), "app", id="extra"),
    slow(("../app",), "app", id="parent"),
    slow(("app/",), "", id="slash"),
    pytest.param(("-e", "./app"), "", id="editable"),
    pytest.param(("-e", "."), "app", id="editable-here"),
    slow(("--editable=.[extra]",), "app", id="editable-extra"),
    slow(("{app}",), "", id="absolute"),
    slow(("file://{app}",), "", id="file-url"),
    pytest.param(("app @ file://{app}",), "", id="named-url"),
]


@pytest.mark.parametrize(("arguments", "cwd"), NAMED)
def test_directory_named_on_command_line_is_built(
    arguments: tuple[str, ...], cwd: str, shared_workspace: Workspace
) -> None:
    app = write_project(shared_workspace)
    named = [argument.format(app=app) for argument in arguments]
    ended = shared_workspace.guard("install", "--dry-run", *named, cwd=shared_workspace.cwd / cwd).check()
    assert ended.stdout.endswith("Would install app-1.0\n")
    assert shared_workspace.sentinel("app").exists()


@pytest.mark.parametrize("option", [pytest.param((), id="plain"), pytest.param(("-e",), id="editable")])
def test_directory_is_installed_with_its_dependencies(option: tuple[str, ...], workspace: Workspace) -> None:
    write_project(workspace, requires=("harmless",), build_requires=("builder",))
    for name in ("harmless", "builder"):
        workspace.index.publish(make_wheel(name))
    workspace.guard("install", *option, "./app").check()
    assert workspace.added() == {"app==1.0", "harmless==1.0"}
    assert leftovers(workspace) == []


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("wheel", "--wheel-dir", "files"), id="wheel"),
        pytest.param(("download", "--dest", "files"), id="download"),
        pytest.param(("lock", "--output", "-"), id="lock"),
    ],
)
def test_other_commands_build_named_directory(command: tuple[str, ...], shared_workspace: Workspace) -> None:
    write_project(shared_workspace)
    shared_workspace.guard(*command, "./app").check()
    assert shared_workspace.sentinel("app").exists()


def test_link_to_directory_is_consent_for_directory(shared_workspace: Workspace) -> None:
    app = write_project(shared_workspace)
    (shared_workspace.cwd / "link").symlink_to(app)
    shared_workspace.guard("install", "--dry-run", "./link").check()


# What the directory asks for is judged like anything else.
ASKED = [
    pytest.param({"requires": (NAME,)}, channels.SDIST, id="dependency"),
    slow({"requires": (f"{NAME} @ {{url}}",)}, channels.SDIST, id="dependency-url"),
    pytest.param({"requires": (f"{NAME} @ file://{{directory}}",)}, channels.DIRECTORY, id="second-directory"),
    slow({"requires": (f"{NAME} @ {{repository}}",)}, channels.VCS, id="dependency-repository"),
    pytest.param({"build_requires": (NAME,)}, channels.SDIST, id="build-requirement"),
    slow({"build_requires": (f"{NAME} @ {{url}}",)}, channels.SDIST, id="build-requirement-url"),
    pytest.param({"build_requires": (f"{NAME} @ file://{{directory}}",)}, channels.DIRECTORY, id="build-directory"),
    slow({"build_requires": (f"{NAME} @ {{repository}}",)}, channels.VCS, id="build-requirement-repository"),
]


@pytest.mark.parametrize(("asked", "rules"), ASKED)
def test_plain_pip_builds_what_directory_asks_for(
    asked: dict[str, tuple[str, ...]], rules: tuple[str, ...], shared_workspace: Workspace
) -> None:
    ask(shared_workspace, asked)
    ended = shared_workspace.pip("install", "--dry-run", "./app")
    assert shared_workspace.sentinel().exists(), str(ended)


@pytest.mark.parametrize(("asked", "rules"), ASKED)
def test_consent_ends_with_directory(
    asked: dict[str, tuple[str, ...]], rules: tuple[str, ...], shared_workspace: Workspace
) -> None:
    ask(shared_workspace, asked)
    ended = shared_workspace.guard("install", "--dry-run", "./app")
    assert refusals(ended) == rules, str(ended)
    assert not shared_workspace.sentinel().exists()
    assert leftovers(shared_workspace) == []


def ask(workspace: Workspace, asked: dict[str, tuple[str, ...]]) -> None:
    """Write a project that asks for `sourceonly` in some form."""
    channels.publish(workspace)
    filled = {key: tuple(channels.filled(workspace, text) for text in texts) for key, texts in asked.items()}
    write_project(workspace, requires=filled.get("requires", ()), build_requires=filled.get("build_requires", ()))


def test_message_names_build_that_asks(shared_workspace: Workspace) -> None:
    ask(shared_workspace, {"build_requires": (NAME,)})
    ended = shared_workspace.guard("install", "--dry-run", "./app")
    expected = f"""error: source-distribution

sourceonly has no wheel that fits, and pip would build it from source: sourceonly-1.0.tar.gz.
  required by the build of file://<cwd>/app

hint: Ask for a version that has a wheel, or allow this one:
      pip-guard guard allow source-distribution sourceonly==1.0 --reason "..."
docs: {DOCS}/source-distribution.html

Nothing was installed.
"""
    assert told(shared_workspace, ended).endswith(expected), str(ended)
    assert not shared_workspace.sentinel("app").exists()


@pytest.mark.parametrize("named", ["./app", "-e./app"])
def test_policy_can_withdraw_consent(named: str, shared_workspace: Workspace) -> None:
    write_project(shared_workspace)
    shared_workspace.add_policy('[sources]\nlocal-projects = "never"\n')
    ended = shared_workspace.guard("install", "--dry-run", named)
    assert refusals(ended) == channels.DIRECTORY
    assert not shared_workspace.sentinel("app").exists()


def test_directory_is_not_consent_for_another(shared_workspace: Workspace) -> None:
    write_project(shared_workspace)
    shared_workspace.write("requirements.txt", f"{channels.directory(shared_workspace)}\n")
    ended = shared_workspace.guard("install", "--dry-run", "./app", "-r", "requirements.txt")
    assert refusals(ended) == channels.DIRECTORY
    assert not shared_workspace.sentinel().exists()


def excuse(rule: str = "source-distribution", project: str = NAME, **more: str) -> str:
    lines = [f"rule = {rule!r}", f"project = {project!r}", "reason = 'a test'"]
    return "\n".join(["[[exceptions]]", *lines, *(f"{key} = {value}" for key, value in more.items())]) + "\n"


EXCUSED = [
    pytest.param(excuse(), (NAME,), id="name"),
    slow(excuse(project="SourceOnly"), (NAME,), id="normalised-name"),
    pytest.param(excuse(project="source*"), (NAME,), id="pattern"),
    pytest.param(excuse(version="'==1.0'"), (NAME,), id="version"),
    slow(excuse(version="'>=0.9,<2'"), (NAME,), id="version-range"),
    slow(excuse(expires="2999-12-31"), (NAME,), id="not-expired"),
    pytest.param(excuse(hash="'sha256:{digest}'"), (NAME,), id="hash-from-index"),
    slow(excuse(hash="'sha256:{digest}'"), (f"{NAME} @ {{url}}#sha256={{digest}}",), id="hash-of-url"),
    pytest.param(excuse(), (f"{NAME} @ {{url}}",), id="named-url"),
    pytest.param(excuse(), ("{archive}",), id="archive"),
    pytest.param(excuse("vcs-requirement"), (f"{NAME} @ {{repository}}",), id="repository"),
    pytest.param(excuse("local-project"), ("-r", "requirements.txt"), id="directory"),
]
NOT_EXCUSED = [
    pytest.param(excuse(project="other"), (NAME,), channels.SDIST, id="other-name"),
    pytest.param(excuse(version="'==2.0'"), (NAME,), channels.SDIST, id="other-version"),
    pytest.param(excuse(expires="2020-01-31"), (NAME,), channels.SDIST, id="expired"),
    pytest.param(excuse(hash=f"'sha256:{'0' * 64}'"), (NAME,), channels.SDIST, id="other-hash"),
    pytest.param(excuse(hash="'sha256:{digest}'"), (f"{NAME} @ {{url}}",), channels.SDIST, id="hash-not-checked"),
    slow(excuse("vcs-requirement"), (NAME,), channels.SDIST, id="other-rule"),
    slow(excuse(), (f"{NAME} @ {{repository}}",), channels.VCS, id="repository-as-sdist"),
    pytest.param(excuse(), ("parent",), channels.SDIST, id="name-chosen-by-dependency"),
]


@pytest.mark.parametrize(("policy", "wanted"), EXCUSED)
def test_exception_lets_build(policy: str, wanted: tuple[str, ...], shared_workspace: Workspace) -> None:
    ended = run_with(shared_workspace, policy, wanted)
    assert ended.check().stdout.endswith("Would install sourceonly-1.0\n")
    assert shared_workspace.sentinel().exists()


@pytest.mark.parametrize(("policy", "wanted", "rules"), NOT_EXCUSED)
def test_exception_does_not_fit(
    policy: str, wanted: tuple[str, ...], rules: tuple[str, ...], shared_workspace: Workspace
) -> None:
    ended = run_with(shared_workspace, policy, wanted)
    assert refusals(ended) == rules, str(ended)
    assert not shared_workspace.sentinel().exists()


def run_with(workspace: Workspace, policy: str, wanted: tuple[str, ...]) -> Completed:
    channels.requirements(workspace, "{name} @ file://{directory}\n")
    channels.dependency_url(workspace)
    workspace.add_policy(policy.format(digest=sha256(channels.sdist(workspace).content)))
    return workspace.guard("install", "--dry-run", *(channels.filled(workspace, text) for text in wanted))


def test_excused_project_is_installed(workspace: Workspace) -> None:
    channels.publish(workspace)
    workspace.index.publish(make_wheel("harmless"))
    workspace.guard("install", NAME, "harmless", policy=excuse()).check()
    assert workspace.added() == {"sourceonly==1.0", "harmless==1.0"}


def test_exception_covers_one_project_of_two(shared_workspace: Workspace) -> None:
    channels.publish(shared_workspace)
    shared_workspace.index.publish(make_sdist("second", sentinel=shared_workspace.sentinel("second")))
    ended = shared_workspace.guard("install", "--dry-run", NAME, "second", policy=excuse())
    assert refusals(ended) == channels.SDIST
    assert not shared_workspace.sentinel("second").exists()


def test_exception_does_not_cover_build_requirements(shared_workspace: Workspace) -> None:
    shared_workspace.index.publish(make_sdist("builder", sentinel=shared_workspace.sentinel("builder")))
    wanted = make_sdist(NAME, sentinel=shared_workspace.sentinel(), build_requires=["builder"])
    shared_workspace.index.publish(wanted)
    ended = shared_workspace.guard("install", "--dry-run", NAME, policy=excuse())
    assert refusals(ended) == channels.SDIST
    assert not shared_workspace.sentinel("builder").exists()
    assert not shared_workspace.sentinel().exists()


ALLOWED_ONCE = [
    pytest.param("source-distribution", (NAME,), id="rule"),
    pytest.param("source-distribution:sourceonly", (NAME,), id="project"),
    pytest.param("source-distribution:SourceOnly", ("{archive}",), id="archive"),
    pytest.param("vcs-requirement", ("{repository}",), id="repository"),
    pytest.param("local-project", ("-r", "requirements.txt"), id="directory"),
]


@pytest.mark.parametrize(("allowed", "wanted"), ALLOWED_ONCE)
def test_option_allows_once(allowed: str, wanted: tuple[str, ...], shared_workspace: Workspace) -> None:
    channels.requirements(shared_workspace, "{directory}\n")
    arguments = ["install", "--dry-run", *(channels.filled(shared_workspace, text) for text in wanted)]
    shared_workspace.guard(*arguments, f"--guard-allow={allowed}").check()
    assert shared_workspace.sentinel().exists()
    shared_workspace.sentinel().unlink()
    assert len(refusals(shared_workspace.guard(*arguments))) == 1
    assert not shared_workspace.sentinel().exists()


@pytest.mark.parametrize("allowed", ["source-distribution:other", "vcs-requirement", "local-project:sourceonly"])
def test_option_does_not_fit(allowed: str, shared_workspace: Workspace) -> None:
    channels.publish(shared_workspace)
    ended = shared_workspace.guard(f"--guard-allow={allowed}", "install", "--dry-run", NAME)
    assert refusals(ended) == channels.SDIST
    assert not shared_workspace.sentinel().exists()


def test_remedy_of_message_helps(shared_workspace: Workspace) -> None:
    channels.publish(shared_workspace)
    refused = shared_workspace.guard("install", "--dry-run", NAME)
    assert 'pip-guard guard allow source-distribution sourceonly==1.0 --reason "..."' in refused.stderr
    shared_workspace.guard("guard", "allow", "source-distribution", f"{NAME}==1.0", "--reason", "a test").check()
    shared_workspace.guard("install", "--dry-run", NAME).check()
    assert shared_workspace.sentinel().exists()
