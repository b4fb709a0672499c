"""Make a Debian machine in a folder, with developers, shells and a project, and start pip by its entry points."""

from __future__ import annotations

import functools
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

import platformdirs
import pytest

from tests.e2e.reach.entry_points import COPIED, VENV, EntryPoint
from tests.kit import wheelhouse
from tests.kit.folders import new_folder
from tests.kit.sources import make_sdist

SUITE = "bookworm"
PACKAGES = (
    *("ca-certificates", "python3", "python3-pip", "python3-venv"),
    *("fish", "make", "procps", "sudo", "tmux", "util-linux", "bsdutils", "zsh"),
)
CACHE = platformdirs.user_cache_path("pip-guard-tests") / "debian"
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
GUARD = "/opt/pip-guard"
DRIVER = Path(__file__).with_name("driver.py")
ENTRIES = "/srv/entries"
DOWNLOAD = "download --no-deps --no-index --no-cache-dir --no-build-isolation --disable-pip-version-check"
REFUSED = "Nothing was downloaded."
# What refuses an sdist to a developer, and anything to root.
RULES = ("source-distribution", "running-as-root")
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

State = Literal["open", "guarded", "unreachable"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """What came of one entry point, and what was said there."""

    state: State
    output: str


class Machine:
    """A Debian system in a folder; what runs there sees nothing of this machine but its kernel."""

    def __init__(self, root: Path) -> None:
        """Take a folder that holds a system."""
        self.root = root

    def run(
        self, *argv: str, user: str = "root", env: Mapping[str, str] | None = None, timeout: float = 300
    ) -> subprocess.CompletedProcess[str]:
        """Run a command there, in the user's home."""
        home = "/root" if user == "root" else f"/home/{user}"
        environ = {"HOME": home, "USER": user, "LOGNAME": user, "PATH": SYSTEM_PATH, "LANG": "C.UTF-8", **(env or {})}
        # NOTE: the search path is that of the other side.
        mounted = (
            f"PATH={SYSTEM_PATH}:$PATH; "
            'mount --bind /dev "$0/dev" && mount -t proc proc "$0/proc" && '
            f'exec chroot --userspec="$1" "$0" /usr/bin/env PATH={shlex.quote(environ["PATH"])} '
        )
        command = [mounted + '/bin/sh -c \'cd && exec "$@"\' sh "${@:2}"', str(self.root), user, *argv]
        return subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "/bin/bash", "-c", *command],
            env=environ,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def check(self, *argv: str, user: str = "root", env: Mapping[str, str] | None = None) -> str:
        """Run a command that must succeed there, and return what it wrote."""
        ended = self.run(*argv, user=user, env=env)
        assert ended.returncode == 0, f"{argv}\n{ended.stdout}\n{ended.stderr}"
        return ended.stdout

    def copy_in(self, source: Path, target: str) -> None:
        """Copy a file into a folder there."""
        folder = self.root / target.lstrip("/")
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, folder)

    def session(self, user: str) -> dict[str, str]:
        """Return the environment that a person has after logging in."""
        written = self.check("su", "-", user, "-c", "env -0")
        return dict(variable.split("=", 1) for variable in written.split("\0") if variable)

    def use(self, entries: Iterable[EntryPoint], *, environ: Mapping[str, str] | None = None) -> dict[str, Reach]:
        """Let every entry point fetch an sdist whose build leaves a mark, and say what came of each.

        `environ` is put on top of what the developer and root have after logging in.
        """
        entries = tuple(entries)
        base = self.root / ENTRIES.lstrip("/")
        shutil.rmtree(base, ignore_errors=True)
        for entry in entries:
            folder = base / entry.id
            folder.mkdir(parents=True)
            make_sdist("marker", sentinel=Path(ENTRIES, entry.id, "built")).write(folder)
            folder.chmod(0o777)
        order = {
            "root": str(self.root),
            "environ": {user: {**self.session(user), "TERM": "xterm", **(environ or {})} for user in ("dev", "root")},
            "jobs": os.cpu_count(),
            "entries": [
                {"id": entry.id, "line": _line(entry), "terminal": entry.terminal, "user": entry.user}
                for entry in entries
            ],
        }
        ended = subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", sys.executable, "-I", str(DRIVER)],
            input=json.dumps(order),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        outputs: dict[str, str] = json.loads(ended.stdout)
        return {entry.id: _reach(base / entry.id / "built", outputs[entry.id]) for entry in entries}


def _line(entry: EntryPoint) -> str:
    folder = f"{ENTRIES}/{entry.id}"
    arguments = f"{DOWNLOAD} -d {folder}/out {folder}/marker-1.0.tar.gz"
    return entry.line.format(args=arguments, folder=folder, log=f"{folder}/log")


def _reach(mark: Path, output: str) -> Reach:
    if mark.exists():
        return Reach(state="open", output=output)
    plain = ESCAPES.sub("", output)
    refused = REFUSED in plain and any(f"error: {rule}" in plain for rule in RULES)
    return Reach(state="guarded" if refused else "unreachable", output=output)


def make_machine() -> Machine:
    """Copy the system with its developers, which is made once a session."""
    folder = new_folder("machine-")
    subprocess.run(["cp", "-a", "--reflink=auto", f"{_prepared().root}/.", str(folder)], check=True)
    return Machine(folder)


@functools.cache
def _prepared() -> Machine:
    folder = new_folder("debian-")
    with tarfile.open(system_archive(*PACKAGES)) as archive:
        archive.extractall(folder, filter="fully_trusted")
    machine = Machine(folder)
    for user in ("dev", "other"):
        machine.check("useradd", "--create-home", "--shell", "/bin/bash", user)
    _write(folder, "etc/sudoers.d/dev", "dev ALL=(ALL:ALL) NOPASSWD: ALL\n", mode=0o440)
    # a shell of zsh's that finds no settings asks what to do about that
    _write(folder, "home/dev/.zshrc", "PROMPT='> '\n")
    _write(folder, "home/dev/.config/fish/config.fish", "set fish_greeting\n")
    machine.check("chown", "--recursive", "dev:dev", "/home/dev")
    machine.check("mkdir", "-p", str(Path(VENV).parent), user="dev")
    machine.check("python3", "-m", "venv", VENV, user="dev")
    machine.check("python3", "-m", "venv", "--copies", COPIED, user="dev")
    for wheel in (wheelhouse.built_wheel(), wheelhouse.pip_wheel(), *wheelhouse.dependency_wheels()):
        machine.copy_in(wheel, "/srv/wheels")
    return machine


def install_guard(machine: Machine, folder: str = GUARD) -> str:
    """Install pip-guard once for the machine, in a virtual environment of its own; return its command."""
    machine.check("python3", "-m", "venv", folder)
    pip = (f"{folder}/bin/python", "-m", "pip", "install", "--quiet", "--no-index", "--find-links=/srv/wheels")
    machine.check(*pip, "--upgrade", "pip", "pip-guard-shim")
    return f"{folder}/bin/pip-guard"


def _write(root: Path, name: str, text: str, *, mode: int = 0o644) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


@functools.cache
def system_archive(*packages: str) -> Path:
    """Get the archive of a minimal Debian, from the cache or from Debian's own servers."""
    wanted = sorted(packages)
    archive = CACHE / f"{SUITE}-{platform.machine()}-{sha256(' '.join(wanted).encode()).hexdigest()[:12]}.tar"
    if not archive.exists():
        skip_without("mmdebstrap")
        archive.parent.mkdir(parents=True, exist_ok=True)
        partial = archive.with_suffix(".partial")
        made = subprocess.run(
            [
                "mmdebstrap",
                "--quiet",
                "--variant=minbase",
                "--format=tar",
                f"--include={','.join(wanted)}",
                SUITE,
                partial,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            partial.unlink(missing_ok=True)
            pytest.skip(f"no Debian can be made here: {made.stderr.strip()[-300:]}")
        partial.replace(archive)
    return archive


def skip_without(*programs: str) -> None:
    """Skip a test that needs root on Linux, and programs."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can start a machine in a folder")
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
