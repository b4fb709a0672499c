"""Say what a row of the test of remedies is, and carry out what a refusal prints."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from pip_guard.rules import ALL_RULES
from tests.e2e.histories.deeds import Deed
from tests.e2e.histories.world import World
from tests.e2e.remedies.kinds import Kind

# A finding as it is shown, up to the end of its hint.
FINDING = re.compile(r"^(?:error|warning): (\S+)\n\n(.*?)\n\nhint: (.*?)\ndocs: ", re.MULTILINE | re.DOTALL)
COMMAND = "pip-guard "
REASON = "..."
PLACEHOLDER = "URL of its index"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A command, and how it is run: alone in a process of its own, there as `user` (0 is root)."""

    line: str
    environ: Mapping[str, str | None] = field(default_factory=dict)
    alone: bool = False
    user: int | None = None

    def run(self, world: World) -> Deed:
        """Run the command."""
        environ = {"PIP_INDEX_URL": "<approved>", **self.environ}
        words = shlex.split(self.line)
        if self.alone:
            return world.guard_process(words, environ, user=self.user)
        return world.guard(words, environ)


# Does what the words of a remedy say, and returns another command where they ask for one.
Way = Callable[[World], Attempt | None]


@dataclass(frozen=True, kw_only=True)
class Row(Attempt):
    """A command with a finding of one kind, and what its remedy says in words alone, if anything."""

    kind: str
    prepare: Callable[[World], object] = lambda world: None
    policy: str = ""
    without: tuple[str, ...] = ()
    needs_root: bool = False
    ways: tuple[Way, ...] = ()

    @property
    def rule(self) -> str:
        """The rule."""
        return self.kind.partition("/")[0]


def find(row: Row, kind: Kind, world: World) -> tuple[str, frozenset[str]]:
    """Run the command of a row in a fresh home; return the remedy that it prints for the kind, and the other rules that refuse."""
    world.begin_anew()
    (world.workspace.admin_config / "pip-guard" / "policy.toml").unlink(missing_ok=True)
    world.without = row.without
    world.workspace.policy(world.fill(row.policy))
    row.prepare(world)
    deed = row.run(world)
    found = [
        (message, remedy)
        for rule, message, remedy in FINDING.findall(deed.ended.output)
        if rule == row.rule and kind.fits(message, unindented(remedy))
    ]
    assert found, f"no {row.kind}, which is {kind}:\n{deed}"
    return unindented(found[0][1]), refusing(deed) - {row.rule}


def refusing(deed: Deed) -> frozenset[str]:
    """Return the rules that refused, or did not pass what is installed."""
    return frozenset(rule.id for rule in ALL_RULES if f"error: {rule.id}\n" in deed.ended.output)


def unindented(hint: str) -> str:
    """Return a hint without the space before its later lines."""
    return hint.replace(f"\n{' ' * len('hint: ')}", "\n")


def printed_ways(remedy: str, row: Row) -> Iterator[Way]:
    """Return a way for each command, and for each block of policy lines, that a remedy prints."""
    lines = remedy.splitlines()
    for number, line in enumerate(lines):
        if line.startswith(COMMAND):
            yield partial(run_printed, words=shlex.split(line)[1:], row=row)
        elif line.startswith("["):
            rest = lines[number + 1 :]
            end = next((place for place, each in enumerate(rest) if " = " not in each), len(rest))
            named = re.fullmatch(r"In (.*):", lines[number - 1])
            yield partial(add_lines, table=line, new=rest[:end], path=named and named[1])


def run_printed(world: World, words: list[str], row: Row) -> Attempt | None:
    """Run a printed command; where it ends with dots, they stand for what the refused command says besides."""
    if words[-1] == REASON and "--reason" not in words:
        first, *rest = shlex.split(row.line)
        # what comes before the name of a command is not one
        whole = [*words[:-1], *([first] if words[0].startswith("-") else []), *rest]
        return Attempt(line=shlex.join(whole), environ=row.environ, alone=row.alone, user=row.user)
    told = Attempt(line=shlex.join("tested" if word == REASON else word for word in words)).run(world)
    assert told.ended.returncode == 0, str(told)
    return None


def add_lines(world: World, table: str, new: list[str], path: str | None) -> None:
    """Write printed lines into a table of the policy, in the place of those with the same keys."""
    policy = world.workspace.policy_path
    assert path in (None, str(policy), "the policy")
    lines = policy.read_text(encoding="utf-8").splitlines()
    if table not in lines:
        lines.append(table)
    start = lines.index(table) + 1
    end = next((number for number in range(start, len(lines)) if lines[number].startswith("[")), len(lines))
    keys = {line.partition(" = ")[0] for line in new}
    kept = [line for line in lines[start:end] if line.partition(" = ")[0] not in keys]
    text = "\n".join([*lines[:start], *new, *kept, *lines[end:], ""])
    world.write(policy, text.replace(PLACEHOLDER, "<approved>"))
