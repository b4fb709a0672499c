"""The ways that words describe, and what rows prepare."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.e2e.histories.world import World
from tests.e2e.remedies.row import Attempt, Way, add_lines
from tests.kit.wheels import Wheel, make_wheel


def instead(line: str, environ: Mapping[str, str | None] | None = None, *, alone: bool = False) -> Way:
    """Run another command."""
    return lambda world: Attempt(line=world.fill(line), environ=environ or {}, alone=alone)


def after(*changes: Callable[[World], object]) -> Way:
    """Change something, and run the same command."""

    def change(world: World) -> None:
        for each in changes:
            each(world)

    return change


def decide(table: str, *lines: str) -> Way:
    """Write lines into the policy."""
    return lambda world: add_lines(world, f"[{table}]", [world.fill(line) for line in lines], None)


def all_of(*changes: Callable[[World], object]) -> Callable[[World], None]:
    """Prepare several things."""

    def prepare(world: World) -> None:
        for each in changes:
            each(world)

    return prepare


def install(*wheels: Wheel) -> Callable[[World], None]:
    """Let plain pip install wheels of an approved index."""

    def prepare(world: World) -> None:
        for wheel in wheels:
            world.index.publish(wheel)
            world.pip(("install", "--no-deps", f"{wheel.name}=={wheel.version}"), {"PIP_INDEX_URL": "<approved>"})

    return prepare


def install_what(*words: str) -> Callable[[World], None]:
    """Let plain pip install something."""

    def prepare(world: World) -> None:
        ended = world.pip(("install", *words), {"PIP_INDEX_URL": "<approved>"}).ended
        assert ended.returncode == 0, str(ended)

    return prepare


def uninstall(project: str) -> Callable[[World], None]:
    """Let plain pip uninstall a project."""

    def undo(world: World) -> None:
        ended = world.pip(("uninstall", "--yes", project), {}).ended
        assert ended.returncode == 0, str(ended)

    return undo


def plant(path: str, text: str) -> Callable[[World], None]:
    """Write a file beside the installed distributions."""
    return lambda world: world.write(world.workspace.venv.site_packages / path, text)


def remove(path: str) -> Callable[[World], None]:
    """Remove a file from beside the installed distributions."""
    return lambda world: (world.workspace.venv.site_packages / path).unlink()


def brings(files: Mapping[str, str] | None = None, **more: Mapping[str, str | bytes]) -> Wheel:
    """Make a release of `demo` with some files."""
    return make_wheel("demo", "2.0", files={"demo.py": "", **(files or {})}, **more)  # type: ignore[arg-type]
