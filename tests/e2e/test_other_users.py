"""What other users of the machine can write, and files that are none."""

from __future__ import annotations

import os
import py_compile
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.outcome import refusals
from tests.e2e.settings import write_configuration
from tests.kit.run import run
from tests.kit.wheels import make_wheel
from tests.kit.workspace import Workspace

OTHER_USER = 24802
WRITABLE = ("writable-configuration",)
NO_CONFIGURATION = {"PIP_CONFIG_FILE": None}
# Local wheels are judged by other rules, too.
LOCAL = '[rules]\ndirect-url = "off"\nrecent-release = "off"\n'


@pytest.fixture
def other_user(workspace: Workspace) -> Iterator[Path]:
    """Let another user reach all that is readable in the workspace; return a folder of that user's."""
    if os.geteuid() != 0:
        pytest.skip("only root can act as two users")
    workspace.index.publish(make_wheel("harmless"))
    for path in (workspace.home, workspace.cwd):
        path.chmod(0o755)
    folder = workspace.folder / "other"
    folder.mkdir()
    os.chown(folder, OTHER_USER, OTHER_USER)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def let_write(path: Path, entry: str = f"u:{OTHER_USER}:rwx") -> None:
    """Let somebody write by an access list."""
    setfacl = shutil.which("setfacl")
    if setfacl is None:
        pytest.skip("setfacl, of the package acl, is not there")
    if subprocess.run([setfacl, "-m", entry, path], capture_output=True, check=False).returncode != 0:
        pytest.skip("this file system has no access lists")


def as_other(workspace: Workspace, script: str) -> None:
    run(["/bin/sh", "-c", script], env={"PATH": "/usr/bin:/bin"}, cwd=workspace.folder, user=OTHER_USER).check()


def test_refuses_configuration_that_an_access_list_opens(workspace: Workspace, other_user: Path) -> None:
    path = write_configuration(workspace, "[global]\ntimeout = 5\n")
    workspace.guard("install", "--dry-run", "harmless", env=NO_CONFIGURATION).check()
    let_write(path)
    as_other(workspace, f"echo '# mine' >> {path}")
    ended = workspace.guard("install", "harmless", env=NO_CONFIGURATION)
    assert refusals(ended) == WRITABLE
    assert f"pip would obey {path} (configuration), which the user {OTHER_USER} can write.\n" in ended.stderr
    path.chmod(0o600)  # as the hint says: what the access list gives is no more than the group bits
    workspace.guard("install", "harmless", env=NO_CONFIGURATION).check()


def test_refuses_configuration_in_a_folder_that_an_access_list_opens(workspace: Workspace, other_user: Path) -> None:
    path = write_configuration(workspace, "[global]\ntimeout = 5\n")
    let_write(path.parent)
    ended = workspace.guard("install", "harmless", env=NO_CONFIGURATION)
    assert refusals(ended) == WRITABLE
    assert f"which the user {OTHER_USER} can replace, because they can write its folder.\n" in ended.stderr


def test_local_wheel_cannot_be_swapped_by_an_access_list(workspace: Workspace, other_user: Path) -> None:
    good, other = make_wheel("local", "2.0"), make_wheel("other", "2.0")
    bad = other_user / "bad.whl"
    bad.write_bytes(make_wheel("local", "2.0", files={"swapped.py": ""}).content)
    path = workspace.write(f"wheels/{good.filename}", good.content)
    let_write(path.parent)
    let_write(path)
    url = workspace.index.publish(other)
    swapped = []

    def swap(*_: object) -> bytes:
        as_other(workspace, f"cp {bad} {path}")
        swapped.append(path)
        return f'<!DOCTYPE html><a href="{url}">{other.filename}</a>'.encode()

    workspace.index.page("/simple/other/", swap, "text/html")
    workspace.guard("install", f"./wheels/{good.filename}", "other", policy=LOCAL).check()
    assert swapped
    assert workspace.added() == {"local==2.0", "other==2.0"}
    assert not (workspace.venv.site_packages / "swapped.py").exists()


@pytest.mark.parametrize(
    ("mode", "refused"), [pytest.param(0o777, True, id="open"), pytest.param(0o1777, False, id="sticky")]
)
def test_refuses_a_temporary_folder_in_which_others_can_swap_files(
    workspace: Workspace, other_user: Path, mode: int, refused: bool
) -> None:
    temporary = workspace.folder / "temporary"
    temporary.mkdir()
    temporary.chmod(mode)
    private = temporary / "pip-unpack-private"
    private.mkdir(mode=0o700)
    swap = f"mv {private} {temporary}/theirs"
    if refused:  # this is what the other user can do to any folder that pip makes there
        as_other(workspace, swap)
        assert not private.exists()
    ended = workspace.guard("install", "harmless", env={"TMPDIR": str(temporary)})
    if refused:
        assert refusals(ended) == WRITABLE
        assert f"pip would obey {temporary} (temporary files), which others can write.\n" in ended.stderr
    else:
        ended.check()


def test_refuses_a_wheel_that_is_a_fifo(workspace: Workspace) -> None:
    path = workspace.cwd / "demo-1.0-py3-none-any.whl"
    os.mkfifo(path)
    workspace.give(path)
    for command in ("install", "download"):
        ended = workspace.guard(command, f"./{path.name}", policy=LOCAL, timeout=30)
        assert ended.returncode != 0
        assert f"{path} is not a regular file." in ended.stderr
        assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("arguments", [("-r", "/dev/zero"), ("harmless", "-c", "file:///dev/zero")])
def test_refuses_requirements_without_an_end(arguments: tuple[str, ...], workspace: Workspace) -> None:
    workspace.index.publish(make_wheel("harmless"))
    limited = 'ulimit -v 1000000; exec "$0" "$@"'
    command: tuple[str | Path, ...] = (workspace.venv.scripts / "pip-guard", "install", *arguments)
    ended = workspace.run("/bin/sh", "-c", limited, *command, timeout=30)
    assert ended.returncode != 0
    assert "/dev/zero is too large for a file of requirements: more than 32 MiB." in ended.stderr, str(ended)
    assert "Traceback" not in ended.stderr


def test_reads_requirements_from_a_pipe(workspace: Workspace) -> None:
    workspace.index.publish(make_wheel("harmless"))
    script = 'echo harmless | "$0" install --requirement /dev/stdin'
    workspace.run("/bin/sh", "-c", script, workspace.venv.scripts / "pip-guard").check()
    assert workspace.added() == {"harmless==1.0"}


def test_refuses_a_command_before_which_others_ran(workspace: Workspace) -> None:
    workspace.index.publish(make_wheel("harmless"))
    folder = workspace.cwd / "theirs"
    workspace.write("theirs/sitecustomize.py", f"open({str(workspace.sentinel())!r}, 'w').close()\n")
    for command in (("install", "harmless"), ("list",)):
        ended = workspace.guard(*command, env={"PYTHONPATH": str(folder)})
        assert refusals(ended) == ("foreign-module",)
        assert f"sitecustomize ran before pip-guard, from {folder}/sitecustomize.py" in ended.stderr
    workspace.sentinel().unlink()
    shims = workspace.home / "shims"
    workspace.guard("guard", "enable", "--shims", shims).check()
    path = {"PATH": f"{shims}:{workspace.venv.scripts}:/usr/bin:/bin"}
    workspace.run(shims / "pip", "install", "harmless", env={"PYTHONPATH": str(folder), **path}).check()
    assert not workspace.sentinel().exists()
    assert workspace.added() == {"harmless==1.0"}


def test_refuses_a_folder_of_bytecode_that_others_can_write(workspace: Workspace, other_user: Path) -> None:
    prefix = workspace.folder / "bytecode"
    prefix.mkdir()
    prefix.chmod(0o1777)
    env = {"PYTHONPYCACHEPREFIX": str(prefix)}
    ended = workspace.guard("install", "harmless", env=env)
    assert refusals(ended) == WRITABLE
    assert f"pip would obey {prefix} (bytecode), which others can write.\n" in ended.stderr
    workspace.guard(
        "install", "--dry-run", "harmless", env={"PYTHONPYCACHEPREFIX": str(workspace.home / "cache")}
    ).check()
    # What another user puts there runs in the next command, but not where a shim starts Python.
    workspace.run("/bin/sh", "-c", f"rm -r {prefix}/*").check()
    module = workspace.venv.site_packages / "pip_guard" / "__init__.py"
    target = Path(f"{prefix}{module.parent}/__init__.{sys.implementation.cache_tag}.pyc")
    code = f"open({str(workspace.sentinel())!r}, 'w').close()"
    planted = other_user / "planted.py"
    planted.write_text(code)
    compiled = other_user / "planted.pyc"
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(planted), str(compiled), invalidation_mode=unchecked)
    as_other(workspace, f"mkdir -p {target.parent} && cp {compiled} {target}")
    (workspace.folder / "sentinels").chmod(0o777)
    workspace.guard("--version", env=env)
    assert workspace.sentinel().exists()
    workspace.sentinel().unlink()
    shims = workspace.home / "shims"
    workspace.guard("guard", "enable", "--shims", shims).check()
    path = {"PATH": f"{shims}:{workspace.venv.scripts}:/usr/bin:/bin"}
    workspace.run(shims / "pip", "install", "harmless", env={**env, **path}).check()
    assert not workspace.sentinel().exists()
