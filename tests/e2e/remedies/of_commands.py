"""What is refused before anything is looked for, and what its remedies lead to."""

from __future__ import annotations

import os
from collections.abc import Callable

from tests.e2e.histories.world import World
from tests.e2e.holes.hole import write
from tests.e2e.holes.of_rules import (
    elsewhere_on_the_host,
    open_configuration,
    unknown_command,
    withdrawn_authority,
)
from tests.e2e.remedies.row import Attempt, Row, Way
from tests.e2e.remedies.ways import after, all_of, decide, instead
from tests.kit import wheelhouse

ANOTHER = 12345
UPGRADE = ("-m", "pip", "install", "--upgrade", "--only-binary", ":all:", "pip>=26.2", "pip-guard-shim")
LIMITED = '[indexes]\nlocal-find-links = "approved"\napproved = ["<approved>"]\nfile-hosts = ["<approved-files>"]\n'
OVER_HTTP = '[indexes]\napproved = ["http://pypi.invalid/simple/", "<approved>"]\nfile-hosts = ["<approved-files>"]\n'


def older_pip(version: str) -> Callable[[World], None]:
    """Let pip be an older one, and the index have the true one."""

    def prepare(world: World) -> None:
        library = world.workspace.venv.site_packages
        wheel = wheelhouse.pip_wheel()
        world.workspace.write(f"wheels/{wheel.name}", wheel.read_bytes())
        (folder,) = library.glob("pip-*.dist-info")
        now = folder.name.removeprefix("pip-").removesuffix(".dist-info")
        for name in ("METADATA", "RECORD"):
            text = (folder / name).read_text(encoding="utf-8")
            changed = text.replace(f"Version: {now}", f"Version: {version}").replace(f"pip-{now}.", f"pip-{version}.")
            world.workspace.write(folder / name, changed)
        module = library / "pip" / "__init__.py"
        world.workspace.write(module, module.read_text(encoding="utf-8").replace(f'"{now}"', f'"{version}"'))
        folder.rename(library / f"pip-{version}.dist-info")

    return prepare


def upgrade(world: World) -> None:
    """Let plain pip take the newest of itself and of pip-guard, which is there already."""
    world.workspace.python(*UPGRADE, "--no-index", "--find-links", "wheels").check()


def without_method(world: World) -> None:
    """Let pip lack a method that only `pip download` calls."""
    module = world.workspace.venv.site_packages / "pip" / "_internal" / "operations" / "prepare.py"
    text = module.read_text(encoding="utf-8")
    world.workspace.write(module, text.replace("def save_linked_requirement(", "def save_requirement("))


def second_environment(world: World) -> None:
    """Make an environment in the working directory."""
    world.workspace.python("-m", "venv", "--without-pip", "other").check()


def close_configuration(world: World) -> None:
    """Let only the user write into the configuration."""
    (world.workspace.home / ".config" / "pip" / "pip.conf").chmod(0o600)


def project_of_another(world: World) -> None:
    """Let the project's policy belong to another user."""
    os.chown(world.workspace.write("pyproject.toml", "[tool.pip-guard]\n"), ANOTHER, ANOTHER)


def own_project(world: World) -> None:
    """Let it belong to the user."""
    world.workspace.give(world.workspace.cwd / "pyproject.toml")


def local_page(world: World) -> None:
    """Let a folder stand where pip looks for the page of an index."""
    place = world.index.url.replace("https://", "https:/")
    world.write(
        f"{place}harmless/index.html", '<!DOCTYPE html><a href="<approved-files>harmless-1.0-py3-none-any.whl">x</a>'
    )


def page_with_local_file(world: World) -> None:
    """Let the index name a file of this machine."""
    link = '<a href="file://<folder>/harmless-3.7-py3-none-any.whl">harmless-3.7-py3-none-any.whl</a>'
    world.index.page("/simple/harmless/", world.fill(f"<!DOCTYPE html>{link}"), "text/html")


def name_copy(world: World) -> Attempt:
    """Download the file, and name the copy."""
    world.write("more.txt", "harmless\n")
    return Attempt(line="install -r more.txt")


def with_certificate(line: str) -> Way:
    """Name the certificate of the authority on the command line."""
    return lambda world: instead(f"{line} {world.index.ca_path}")(world)


ROWS = (
    Row(
        kind="unsupported-pip/check-1",
        line="list",
        alone=True,
        prepare=older_pip("25.3"),
        ways=(after(upgrade),),
    ),
    Row(
        kind="unsupported-pip/check-2",
        line="brew harmless",
        alone=True,
        prepare=all_of(older_pip("26.2"), unknown_command),
        ways=(after(upgrade),),
    ),
    Row(
        kind="unsupported-pip/check-3",
        line="install harmless",
        alone=True,
        prepare=all_of(older_pip("26.2"), without_method),
        ways=(after(upgrade),),
    ),
    Row(
        kind="distrusted-authority/check",
        line="install harmless --cert bundle.pem",
        alone=True,
        prepare=withdrawn_authority,
        ways=(after(lambda world: world.write("bundle.pem", world.index.ca_path.read_text(encoding="utf-8"))),),
    ),
    Row(
        kind="foreign-module/check-1",
        line="list",
        environ={"PYTHONPATH": "<work>/modules"},
        alone=True,
        prepare=write("modules/pip/__init__.py", ""),
        ways=(instead("list", {"PYTHONPATH": None}, alone=True),),
    ),
    Row(
        kind="foreign-module/check-2",
        line="install harmless",
        environ={"PIP_PYTHON": "<work>/other/bin/python"},
        alone=True,
        prepare=second_environment,
        ways=(instead("install harmless"),),
    ),
    Row(
        kind="running-as-root/check",
        line="install harmless",
        alone=True,
        user=0,
        needs_root=True,
        policy='[rules]\nwritable-configuration = "off"\n',
        ways=(instead("install harmless", alone=True),),
    ),
    Row(
        kind="outside-virtual-environment/check-1",
        line="install harmless",
        environ={"PIP_LOG": "log.txt"},
        ways=(instead("install harmless --log log.txt", {"PIP_LOG": "log.txt"}), instead("install harmless")),
    ),
    Row(
        kind="outside-virtual-environment/check-2:1",
        line="install --user harmless",
        ways=(instead("install harmless"),),
    ),
    Row(
        kind="outside-virtual-environment/check-3",
        line="install harmless",
        environ={"PIP_TARGET": "elsewhere"},
        ways=(instead("install --target elsewhere harmless", {"PIP_TARGET": "elsewhere"}), instead("install harmless")),
    ),
    Row(
        kind="unapproved-index/check-1",
        line="install harmless",
        prepare=page_with_local_file,
        ways=(instead("install <folder>/harmless-3.7-py3-none-any.whl"),),
    ),
    Row(
        kind="unapproved-index/check-2",
        line="install harmless",
        prepare=local_page,
        ways=(after(lambda world: (world.workspace.cwd / "https:").rename(world.workspace.cwd / "else")),),
    ),
    Row(
        kind="unapproved-index/violation",
        line="install --index-url=<rogue> harmless",
        ways=(instead("install harmless"),),
    ),
    Row(
        kind="insecure-transport/judge",
        line="install --index-url=http://pypi.invalid/simple/ harmless",
        policy=OVER_HTTP,
        ways=(instead("install --index-url=<approved> harmless"),),
    ),
    Row(
        kind="trusted-host/check",
        line="install --trusted-host=<rogue-host> harmless",
        ways=(instead("install harmless"), with_certificate("install harmless --cert")),
    ),
    Row(kind="find-links/check:1", line="install harmless", environ={"PIP_FIND_LINKS": "<folder>"}),
    Row(
        kind="find-links/check:1",
        line="install -r requirements.txt",
        prepare=write("requirements.txt", "--find-links <folder>\nharmless\n"),
    ),
    Row(kind="find-links/check:2", line="install --find-links <folder> harmless", policy=LIMITED),
    Row(
        kind="remote-requirements-file/check",
        line="install -r <origin>/elsewhere/more.txt",
        prepare=elsewhere_on_the_host,
        ways=(name_copy,),
    ),
    Row(
        kind="writable-configuration/check-1",
        line="install harmless",
        needs_root=True,
        prepare=project_of_another,
        ways=(after(own_project),),
    ),
    Row(
        kind="writable-configuration/check-2",
        line="install harmless",
        prepare=open_configuration,
        ways=(after(close_configuration),),
    ),
    Row(
        kind="configuration-change/check-1",
        line="config edit",
        environ={"PIP_EDITOR": "true"},
        prepare=write("<home>/.config/pip/pip.conf", ""),
        ways=(instead("config --editor true edit"), instead("config edit", {"EDITOR": "true"})),
    ),
    Row(
        kind="configuration-change/check-2",
        line="config set global.timeout '60\nretries = 9'",
        ways=(instead("config set global.timeout 60"), instead("config set global.retries 9")),
    ),
    Row(
        kind="configuration-change/check-3",
        line="config set global.target elsewhere",
        ways=(instead("install --target elsewhere harmless"),),
    ),
    *(
        Row(kind="configuration-change/check-4", line=f"config set global.{setting}")
        for setting in (
            "index-url <rogue>",
            "find-links <folder>",
            "constraint <origin>/elsewhere/limits.txt",
            "proxy http://proxy.invalid:3128",
        )
    ),
    Row(
        kind="configuration-change/check-5",
        line="config set global.trusted-host <rogue-host>",
        ways=(with_certificate("config set global.cert"),),
    ),
    Row(
        kind="unwritten-journal/check",
        line="install harmless",
        policy='[journal]\nrequired = true\npath = "/dev/full/journal.jsonl"\n',
        ways=(decide("journal", 'path = "<home>/journal.jsonl"'),),
    ),
)
