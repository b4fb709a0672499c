"""The ways by which source code reaches pip and is built: one function a way, one table of all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.kit.simple_api import sha256
from tests.kit.sources import ArchiveFormat, Sdist, Style, make_sdist, make_setuptools_stub, make_source_tree
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace

NAME = "sourceonly"
DRY = ("install", "--dry-run")
ONLY_BINARY = "--only-binary=:all:"
SDIST = ("source-distribution",)
DIRECTORY = ("local-project",)
VCS = ("vcs-requirement",)
UNAPPROVED_SDIST = ("source-distribution", "direct-url")


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """A command line that makes plain pip run the code of `sourceonly`."""

    arguments: tuple[str | Path, ...]
    env: Mapping[str, str | None] = field(default_factory=dict)


Channel: TypeAlias = Callable[[Workspace], Attempt]


def sdist(workspace: Workspace, fmt: ArchiveFormat = "tar.gz", style: Style = "pep517") -> Sdist:
    return make_sdist(NAME, sentinel=workspace.sentinel(), fmt=fmt, style=style)


def publish(workspace: Workspace) -> str:
    return workspace.index.publish(sdist(workspace))


def written(workspace: Workspace, fmt: ArchiveFormat = "tar.gz") -> Path:
    archive = sdist(workspace, fmt)
    return workspace.write(archive.filename, archive.content)


def tree(workspace: Workspace) -> dict[str, str]:
    return make_source_tree(None, NAME, sentinel=workspace.sentinel())


def directory(workspace: Workspace, name: str = NAME) -> Path:
    return workspace.write_tree(name, tree(workspace))


def repository(workspace: Workspace) -> str:
    return workspace.write_git_repository(f"{NAME}.git", tree(workspace))


def from_index(workspace: Workspace, *arguments: str, command: tuple[str, ...] = DRY) -> Attempt:
    """Offer an sdist on the index and ask for it by name."""
    publish(workspace)
    return Attempt(arguments=(*command, *arguments, NAME))


def from_html_index(workspace: Workspace) -> Attempt:
    workspace.index.html_only = True
    return from_index(workspace)


def with_setup_script(workspace: Workspace) -> Attempt:
    """Offer an sdist that has no more than a setup.py."""
    workspace.index.publish(make_setuptools_stub())
    workspace.index.publish(sdist(workspace, style="setup.py"))
    return Attempt(arguments=(*DRY, NAME))


def newer_than_wheel(workspace: Workspace) -> Attempt:
    """Ask for the version of which there is no wheel."""
    publish(workspace)
    workspace.index.publish(make_wheel(NAME, "0.9"))
    return Attempt(arguments=(*DRY, f"{NAME}>=1"))


def without_isolation(workspace: Workspace) -> Attempt:
    return from_index(workspace, "--no-build-isolation")


def isolated(workspace: Workspace) -> Attempt:
    """Let pip ignore the environment and the user's configuration."""
    settings = ("--isolated", "--index-url", workspace.index.url, "--cert", str(workspace.index.ca_path))
    return from_index(workspace, *settings)


def into_folder(workspace: Workspace, option: str) -> Attempt:
    publish(workspace)
    return Attempt(arguments=("install", f"{option}={workspace.home / 'folder'}", NAME))


def from_find_links(workspace: Workspace) -> Attempt:
    return Attempt(arguments=(*DRY, "--no-index", "--find-links", written(workspace).parent, NAME))


def from_remote_find_links(workspace: Workspace) -> Attempt:
    page = workspace.index.page("/simple/links.html", f'<a href="{publish(workspace)}">x</a>', "text/html")
    workspace.policy(workspace.approval.replace("approved = [", f'approved = ["{page}", '))
    return Attempt(arguments=(*DRY, "--no-index", "--find-links", page, NAME))


def dependency(workspace: Workspace, requirement: str, options: tuple[str, ...] = ()) -> Attempt:
    """Offer a wheel that depends on a requirement, and ask for that wheel."""
    workspace.index.publish(make_wheel("parent", requires=[requirement]))
    return Attempt(arguments=(*DRY, *options, "parent"))


def dependency_name(workspace: Workspace) -> Attempt:
    publish(workspace)
    return dependency(workspace, NAME)


def dependency_url(workspace: Workspace, options: tuple[str, ...] = ()) -> Attempt:
    return dependency(workspace, f"{NAME} @ {publish(workspace)}", options)


def dependency_file(workspace: Workspace) -> Attempt:
    return dependency(workspace, f"{NAME} @ {written(workspace).as_uri()}")


def dependency_directory(workspace: Workspace) -> Attempt:
    return dependency(workspace, f"{NAME} @ {directory(workspace).as_uri()}")


def dependency_repository(workspace: Workspace) -> Attempt:
    return dependency(workspace, f"{NAME} @ {repository(workspace)}")


def dependency_in_extra(workspace: Workspace) -> Attempt:
    workspace.index.publish(make_wheel("parent", extras={"all": [f"{NAME} @ {publish(workspace)}"]}))
    return Attempt(arguments=(*DRY, "parent[all]"))


def direct_url(workspace: Workspace, command: tuple[str, ...] = DRY) -> Attempt:
    return Attempt(arguments=(*command, publish(workspace)))


def named_url(workspace: Workspace) -> Attempt:
    return Attempt(arguments=(*DRY, f"{NAME} @ {publish(workspace)}"))


def hashed_url(workspace: Workspace) -> Attempt:
    return Attempt(arguments=(*DRY, f"{NAME} @ {publish(workspace)}#sha256={sha256(sdist(workspace).content)}"))


def url_without_ending(workspace: Workspace) -> Attempt:
    """Serve an archive under an address that does not say what it is; pip goes by the type of the content."""
    url = workspace.index.page("/files/latest", sdist(workspace, "tar").content, "application/x-tar")
    return Attempt(arguments=(*DRY, f"{NAME} @ {url}"))


def local_archive(workspace: Workspace, fmt: ArchiveFormat = "tar.gz") -> Attempt:
    return Attempt(arguments=(*DRY, written(workspace, fmt)))


def local_archive_by_bare_name(workspace: Workspace) -> Attempt:
    return Attempt(arguments=(*DRY, written(workspace).name))


def local_archive_by_file_url(workspace: Workspace) -> Attempt:
    return Attempt(arguments=(*DRY, written(workspace).as_uri()))


def repository_url(workspace: Workspace, form: str = "{}") -> Attempt:
    return Attempt(arguments=(*DRY, form.format(repository(workspace))))


def editable_repository(workspace: Workspace) -> Attempt:
    folder = ("--src", str(workspace.home / "src"))
    return Attempt(arguments=(*DRY, *folder, "-e", f"{repository(workspace)}#egg={NAME}"))


def filled(workspace: Workspace, text: str) -> str:
    """Make the things that a text names in {braces}, and put them in."""
    makers: Mapping[str, Callable[[Workspace], object]] = {
        "name": lambda _: NAME,
        "url": publish,
        "filename": lambda workspace: sdist(workspace).filename,
        "digest": lambda workspace: sha256(sdist(workspace).content),
        "archive": written,
        "directory": directory,
        "archive_name": lambda workspace: written(workspace).name,
        "repository": repository,
        "clone": lambda workspace: repository(workspace).removeprefix("git+"),
        "commit": commit,
    }
    return text.format(**{name: make(workspace) for name, make in makers.items() if f"{{{name}}}" in text})


def requirements(workspace: Workspace, text: str) -> Attempt:
    """Write a requirements file and ask for what is in it; the index offers the sdist, too."""
    publish(workspace)
    workspace.write("requirements.txt", filled(workspace, text))
    return Attempt(arguments=(*DRY, ONLY_BINARY, "-r", "requirements.txt"))


def expanded_variable(workspace: Workspace) -> Attempt:
    attempt = requirements(workspace, "${{WHERE}}\n")
    return Attempt(arguments=attempt.arguments, env={"WHERE": publish(workspace)})


def nested_requirements(workspace: Workspace) -> Attempt:
    workspace.write("reqs/base.txt", f"--no-binary {NAME}\n{NAME}\n")
    return requirements(workspace, "-r reqs/base.txt\n")


def nested_constraints(workspace: Workspace) -> Attempt:
    workspace.write("reqs/limits.txt", f"--no-binary {NAME}\n")
    return requirements(workspace, "{name}\n-c reqs/limits.txt\n")


def remote_requirements(workspace: Workspace) -> Attempt:
    """Fetch the requirements from a host that the policy approves."""
    url = workspace.index.page("/files/requirements.txt", f"--no-binary {NAME}\n{NAME}\n")
    publish(workspace)
    return Attempt(arguments=(*DRY, ONLY_BINARY, "-r", url))


def constraints(workspace: Workspace, text: str) -> Attempt:
    publish(workspace)
    workspace.write("limits.txt", filled(workspace, text))
    return Attempt(arguments=(*DRY, ONLY_BINARY, "-c", "limits.txt", NAME))


def variable(workspace: Workspace, name: str, value: str) -> Attempt:
    publish(workspace)
    return Attempt(arguments=(*DRY, NAME), env={name: value})


def editable_variable(workspace: Workspace) -> Attempt:
    workspace.index.publish(make_wheel("harmless"))
    return Attempt(arguments=(*DRY, "harmless"), env={"PIP_EDITABLE": str(directory(workspace))})


def requirement_variable(workspace: Workspace) -> Attempt:
    workspace.index.publish(make_wheel("harmless"))
    path = workspace.write("extra.txt", f"{publish(workspace)}\n")
    return Attempt(arguments=(*DRY, "harmless"), env={"PIP_REQUIREMENT": str(path)})


def constraint_variable(workspace: Workspace) -> Attempt:
    path = workspace.write("limits.txt", f"{NAME} @ {publish(workspace)}\n")
    return Attempt(arguments=(*DRY, ONLY_BINARY, NAME), env={"PIP_CONSTRAINT": str(path)})


def configuration(workspace: Workspace, where: str, section: str, *arguments: str) -> Attempt:
    """Let a configuration file loosen what the global one says; `where` is relative to the workspace."""
    publish(workspace)
    paths = {
        "user": ".config/pip/pip.conf",
        "legacy": ".pip/pip.conf",
        "named": "named.conf",
        "global": "../etc/pip/pip.conf",
    }
    strict = workspace.home / paths["global"]
    path = workspace.home / paths[where]
    workspace.write(strict.resolve(), "[global]\nonly-binary = :all:\n")
    before = path.read_text() if path.exists() else ""
    workspace.write(path.resolve(), f"{before}[{section}]\nno-binary = {NAME}\n")
    env = {"PIP_CONFIG_FILE": str(path) if where == "named" else None}
    return Attempt(arguments=(*DRY, *arguments, NAME), env=env)


def isolated_configuration(workspace: Workspace) -> Attempt:
    """Let the global configuration file loosen pip; it counts even where pip is isolated."""
    settings = ("--isolated", "--index-url", workspace.index.url, "--cert", str(workspace.index.ca_path))
    return configuration(workspace, "global", "install", *settings)


def group(workspace: Workspace, path: str = "pyproject.toml", value: str = "dev") -> Attempt:
    """Ask for a dependency group of a project."""
    workspace.write(path, f'[dependency-groups]\ndev = ["{NAME} @ {publish(workspace)}"]\n')
    return Attempt(arguments=(*DRY, ONLY_BINARY, "--group", value))


def group_variable(workspace: Workspace) -> Attempt:
    group(workspace)
    workspace.index.publish(make_wheel("harmless"))
    return Attempt(arguments=(*DRY, ONLY_BINARY, "harmless"), env={"PIP_GROUP": "dev"})


def script(workspace: Workspace) -> Attempt:
    """Ask for what a script says that it needs (PEP 723)."""
    text = f'# /// script\n# dependencies = ["{NAME} @ {publish(workspace)}"]\n# ///\n'
    workspace.write("script.py", text)
    return Attempt(arguments=(*DRY, ONLY_BINARY, "--requirements-from-script", "script.py"))


def lock_file(workspace: Workspace, package: str) -> Attempt:
    """Ask for the one package of a lock file (PEP 751)."""
    head = f'lock-version = "1.0"\ncreated-by = "tests"\n\n[[packages]]\nname = "{NAME}"\n'
    workspace.write("pylock.toml", f"{head}{filled(workspace, package)}\n")
    return Attempt(arguments=(*DRY, "-r", "pylock.toml"))


def commit(workspace: Workspace) -> str:
    """Return the one commit of the repository, which must have been made."""
    head = workspace.folder / "sources" / f"{NAME}.git" / ".git" / "refs" / "heads" / "main"
    return head.read_text().strip()


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """A row of the table: a way, the rules that refuse it, and whether it is much like another one, and so tried less often."""

    id: str
    rules: tuple[str, ...]
    make: Channel
    alike: bool


def way(
    row: str, rules: tuple[str, ...], make: Callable[..., Attempt], *, alike: bool = False, **arguments: object
) -> Way:
    return Way(id=row, rules=rules, make=partial(make, **arguments), alike=alike)


def parameters(ways: Iterable[Way], *, fast: Collection[str] | None = None) -> list[object]:
    """Make parameters of ways; those that are not `fast`, or by default those like others, are marked as slow."""
    return [
        pytest.param(
            each.make,
            each.rules,
            id=each.id,
            marks=[pytest.mark.slow] if (each.alike if fast is None else each.id not in fast) else [],
        )
        for each in ways
    ]


LOCKED_SDIST = 'version = "1.0"\nsdist = {{ name = "{filename}", url = "{url}", hashes = {{ sha256 = "{digest}" }} }}'
LOCKED_ARCHIVE = 'archive = {{ url = "{url}", hashes = {{ sha256 = "{digest}" }} }}'
LOCKED_DIRECTORY = 'directory = {{ path = "{directory}" }}'
LOCKED_EDITABLE = 'directory = {{ path = "{directory}", editable = true }}'
LOCKED_REPOSITORY = 'vcs = {{ type = "git", url = "{clone}", commit-id = "{commit}" }}'

CHANNELS = [
    # An index, or what stands in for one, offers the sdist.
    way("index", SDIST, from_index),
    way("html-index", SDIST, from_html_index, alike=True),
    way("setup-script", SDIST, with_setup_script, alike=True),
    way("newer-than-wheel", SDIST, newer_than_wheel),
    way("no-build-isolation", SDIST, without_isolation, alike=True),
    way("isolated", SDIST, isolated),
    way(
        "legacy-resolver",
        SDIST,
        from_index,
        command=("install", "--dry-run", "--use-deprecated=legacy-resolver"),
        alike=True,
    ),
    way("only-deps", SDIST, from_index, command=("install", "--dry-run", "--only-deps"), alike=True),
    way("download", SDIST, from_index, command=("download", "--dest", "files")),
    way("wheel", SDIST, from_index, command=("wheel", "--wheel-dir", "files"), alike=True),
    way("lock", SDIST, from_index, command=("lock", "--output", "-")),
    way("target", SDIST, into_folder, option="--target", alike=True),
    way("prefix", SDIST, into_folder, option="--prefix", alike=True),
    way("root", SDIST, into_folder, option="--root", alike=True),
    way("report", SDIST, from_index, command=(*DRY, "--report", "report.json"), alike=True),
    way("no-deps", SDIST, from_index, command=(*DRY, "--no-deps"), alike=True),
    way("upgrade", SDIST, from_index, command=(*DRY, "--upgrade", "--force-reinstall"), alike=True),
    way("prefer-binary", SDIST, from_index, command=(*DRY, "--prefer-binary"), alike=True),
    way("ignore-requires-python", SDIST, from_index, command=(*DRY, "--ignore-requires-python"), alike=True),
    way("config-settings", SDIST, from_index, command=(*DRY, "--config-settings=a=b"), alike=True),
    way("fast-deps", SDIST, from_index, command=(*DRY, "--use-feature=fast-deps"), alike=True),
    way("inprocess", SDIST, from_index, command=(*DRY, "--use-feature=inprocess-build-deps"), alike=True),
    way("no-binary", SDIST, from_index, command=(*DRY, "--no-binary", NAME), alike=True),
    way("no-binary-all", SDIST, from_index, command=(*DRY, "--no-binary=:all:"), alike=True),
    way("only-binary-none", SDIST, from_index, command=(*DRY, ONLY_BINARY, "--only-binary=:none:"), alike=True),
    way("abbreviated", SDIST, from_index, command=(*DRY, "--no-bin", NAME), alike=True),
    way("find-links", SDIST, from_find_links, alike=True),
    way("remote-find-links", SDIST, from_remote_find_links, alike=True),
    # A wheel depends on it.
    way("dependency", SDIST, dependency_name),
    way("dependency-url", SDIST, dependency_url),
    way(
        "dependency-url-legacy-resolver",
        SDIST,
        dependency_url,
        options=("--use-deprecated=legacy-resolver",),
        alike=True,
    ),
    way("dependency-in-extra", SDIST, dependency_in_extra, alike=True),
    way("dependency-file", UNAPPROVED_SDIST, dependency_file, alike=True),
    way("dependency-directory", DIRECTORY, dependency_directory),
    way("dependency-repository", VCS, dependency_repository),
    # It has an address of its own.
    way("url", SDIST, direct_url),
    way("named-url", SDIST, named_url),
    way("hashed-url", SDIST, hashed_url, alike=True),
    way("url-without-ending", SDIST, url_without_ending, alike=True),
    way("download-url", SDIST, direct_url, command=("download", "--dest", "files", "--no-deps"), alike=True),
    way("wheel-url", SDIST, direct_url, command=("wheel", "--wheel-dir", "files"), alike=True),
    way("lock-url", SDIST, direct_url, command=("lock", "--output", "-"), alike=True),
    way("archive", SDIST, local_archive),
    way("archive-zip", SDIST, local_archive, fmt="zip", alike=True),
    way("archive-tar", SDIST, local_archive, fmt="tar", alike=True),
    way("archive-tgz", SDIST, local_archive, fmt="tgz", alike=True),
    way("archive-bz2", SDIST, local_archive, fmt="tar.bz2", alike=True),
    way("archive-xz", SDIST, local_archive, fmt="tar.xz", alike=True),
    way("archive-bare-name", SDIST, local_archive_by_bare_name, alike=True),
    way("archive-file-url", SDIST, local_archive_by_file_url, alike=True),
    way("repository", VCS, repository_url, form="{}"),
    way("named-repository", VCS, repository_url, form=NAME + " @ {}@main", alike=True),
    way("editable-repository", VCS, editable_repository, alike=True),
    # A file of requirements asks for it, or loosens what the command line says.
    way("file-no-binary-before", SDIST, requirements, text="--no-binary {name}\n{name}\n"),
    way("file-no-binary-after", SDIST, requirements, text="{name}\n--no-binary {name}\n", alike=True),
    way("file-abbreviated", SDIST, requirements, text="--no-bin {name}\n{name}\n", alike=True),
    way("file-on-requirement-line", SDIST, requirements, text="{name} --no-binary {name}\n"),
    way("file-no-binary-all", SDIST, requirements, text="--no-binary :all:\n{name}\n", alike=True),
    way("file-only-binary-none", SDIST, requirements, text="--only-binary :none:\n{name}\n", alike=True),
    way("file-url", SDIST, requirements, text="{url}\n", alike=True),
    way("file-named-url", SDIST, requirements, text="{name} @ {url}\n", alike=True),
    way("file-archive", UNAPPROVED_SDIST, requirements, text="{archive}\n", alike=True),
    way("file-directory", DIRECTORY, requirements, text="{directory}\n"),
    way("file-relative-archive", UNAPPROVED_SDIST, requirements, text="./{archive_name}\n", alike=True),
    way("file-editable", DIRECTORY, requirements, text="-e {directory}\n"),
    way("file-named-directory", DIRECTORY, requirements, text="{name} @ file://{directory}\n", alike=True),
    way("file-repository", VCS, requirements, text="{repository}\n", alike=True),
    way("file-variable", SDIST, expanded_variable),
    way("file-nested", SDIST, nested_requirements, alike=True),
    way("file-nested-constraints", SDIST, nested_constraints, alike=True),
    way("file-remote", SDIST, remote_requirements),
    way("constraints-no-binary", SDIST, constraints, text="--no-binary {name}\n"),
    way("constraints-url", SDIST, constraints, text="{name} @ {url}\n"),
    # A variable does.
    way("variable-no-binary", SDIST, variable, name="PIP_NO_BINARY", value=":all:", alike=True),
    way("variable-only-binary-none", SDIST, variable, name="PIP_ONLY_BINARY", value=":none:", alike=True),
    way("variable-editable", DIRECTORY, editable_variable),
    way("variable-requirement", SDIST, requirement_variable, alike=True),
    way("variable-constraint", SDIST, constraint_variable),
    way("variable-group", SDIST, group_variable, alike=True),
    # A configuration file does.
    way("global-configuration", SDIST, configuration, where="global", section="install"),
    way("user-configuration", SDIST, configuration, where="user", section="global", alike=True),
    way("user-configuration-install", SDIST, configuration, where="user", section="install", alike=True),
    way("user-configuration-env", SDIST, configuration, where="user", section=":env:", alike=True),
    way("legacy-configuration", SDIST, configuration, where="legacy", section="install", alike=True),
    way("named-configuration", SDIST, configuration, where="named", section="install", alike=True),
    way("named-configuration-env", SDIST, configuration, where="named", section=":env:", alike=True),
    way("isolated-configuration", SDIST, isolated_configuration, alike=True),
    # A group, a script or a lock file does.
    way("group", SDIST, group),
    way("group-of-path", SDIST, group, path="sub/pyproject.toml", value="sub/pyproject.toml:dev", alike=True),
    way("script", SDIST, script),
    way("lock-file-sdist", SDIST, lock_file, package=LOCKED_SDIST),
    way("lock-file-archive", SDIST, lock_file, package=LOCKED_ARCHIVE, alike=True),
    way("lock-file-directory", DIRECTORY, lock_file, package=LOCKED_DIRECTORY, alike=True),
    way("lock-file-editable", DIRECTORY, lock_file, package=LOCKED_EDITABLE, alike=True),
    way("lock-file-repository", VCS, lock_file, package=LOCKED_REPOSITORY),
]
