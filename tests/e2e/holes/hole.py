"""Say what a hole is, and in what words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.e2e.histories.deeds import Deed
from tests.e2e.histories.model import Release
from tests.e2e.histories.world import World

Effect = Callable[[World, Deed], bool]
BOTH_APPROVED = '[indexes]\napproved = ["<approved>", "<rogue>"]\nfile-hosts = ["<approved-files>", "<rogue-files>"]\n'


@dataclass(frozen=True, kw_only=True)
class Hole:
    """What a command does if pip-guard lacks all of some parts, and does not do while it has one of them.

    `policy` stands before the approval of the index, unless it approves by itself. Where `alone`, the command runs in a process
    of its own, as `user` (0 is root).
    """

    without: tuple[str, ...]
    line: str
    happens: Effect
    prepare: Callable[[World], object] = lambda world: None
    policy: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)
    alone: bool = False
    user: int | None = None

    @property
    def id(self) -> str:
        """What the test is called."""
        return "+".join(each.rpartition(".")[2].replace(" ", "-") for each in self.without)


def arrives(key: str) -> Effect:
    """A release comes."""
    return lambda world, deed: key in deed.arrived


def leaves_out(key: str) -> Effect:
    """A release that is allowed does not come."""
    return lambda world, deed: key not in deed.arrived


def runs(mark: str) -> Effect:
    """Code runs."""
    return lambda world, deed: mark in deed.marks


def ends_well(world: World, deed: Deed) -> bool:
    """The command succeeds."""
    return deed.ended.returncode == 0


def is_no_refusal(world: World, deed: Deed) -> bool:
    """Whatever the command ends with, it says nothing of a rule."""
    return not deed.refusals


def is_refused(world: World, deed: Deed) -> bool:
    """A rule refuses, though the command has done what it was to do."""
    return bool(deed.refusals)


def asks_rogue(world: World, deed: Deed) -> bool:
    """The rogue index gets a request."""
    return bool(deed.rogue_requests)


def says_nothing_of(rule: str) -> Effect:
    """There is no warning."""
    return lambda world, deed: f"warning: {rule}\n" not in deed.ended.stderr


def offer(*releases: Release) -> Callable[[World], object]:
    """Publish releases."""

    def publish(world: World) -> None:
        for release in releases:
            world.publish(release)

    return publish


def write(name: str, text: str) -> Callable[[World], object]:
    """Write a file into the working directory."""
    return lambda world: world.write(name, text)
