"""Say how other programs do the same work, and get them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

from tests.benchmark.result import PIP, UV
from tests.benchmark.works import Work
from tests.kit.environments import VirtualEnvironment, make_virtual_environment
from tests.kit.folders import new_folder
from tests.kit.index import LocalIndex
from tests.kit.run import run
from tests.kit.users import ordinary_user
from tests.kit.wheelhouse import AMBIENT

# What makes the command of a program, from the environment to work on.
Caller = Callable[[VirtualEnvironment, Work], list[str]]
# What makes it for a tool that stands before pip, from the folder of its scripts.
WRAPPERS: Mapping[str, Callable[[Path, VirtualEnvironment, Work], list[str]]] = {
    "scfw": lambda scripts, environment, work: [
        *(str(scripts / "scfw"), "run", "--allow-on-warning", "--executable", str(environment.scripts / PIP)),
        *(PIP, *work.arguments),
    ],
    # It works on the environment that it is in: what this one has already would not be installed.
    "secpipw": lambda scripts, environment, work: [
        *(str(scripts / "spip"), *work.arguments[:1], "--target", str(environment.site_packages)),
        *work.arguments[1:],
    ],
}
# Enough to compare: these tools do pip's work, and more.
SLOW_WORKS = ("`install --dry-run`, 25 ms a request", "`install`, cold cache, no latency")


def make_others(index: LocalIndex, missing: dict[str, str]) -> dict[str, tuple[Caller, Callable[[Work], bool]]]:
    """Return how each program is called, and which works it does; the others are added to `missing`, with the reason."""
    others: dict[str, tuple[Caller, Callable[[Work], bool]]] = {}
    if find_spec(UV) is None:
        missing[UV] = "it is not installed here"
    else:
        others[UV] = (make_uv(index), lambda work: bool(work.uv))
    for tool in WRAPPERS:
        scripts = install(tool)
        if scripts is None:
            missing[tool] = "it cannot be installed here"
        else:
            others[tool] = (wrapped(tool, scripts), lambda work: work.name in SLOW_WORKS)
    return others


def make_uv(index: LocalIndex) -> Caller:
    """Return what makes the command of uv, which is copied to where an ordinary user can run it."""
    from uv import find_uv_bin

    program = shutil.copy(find_uv_bin(), new_folder("uv-") / UV)
    options = ("--default-index", index.url, "--no-config")
    return lambda environment, work: [str(program), "pip", *work.uv, *options, "--python", str(environment.python)]


def install(tool: str) -> Path | None:
    """Install a tool into an environment of its own, and return the folder of its scripts."""
    folder = new_folder(f"{tool}-")
    environment = make_virtual_environment(folder / "venv", with_guard=False, user=ordinary_user())
    command = [str(environment.scripts / PIP), "install", "--quiet", "--only-binary=:all:", tool]
    return None if run(command, env=AMBIENT, cwd=folder, timeout=300).returncode else environment.scripts


def wrapped(tool: str, scripts: Path) -> Caller:
    """Return what makes the command of a tool that stands before pip."""
    return lambda environment, work: WRAPPERS[tool](scripts, environment, work)
