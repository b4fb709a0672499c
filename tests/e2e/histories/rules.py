"""The machine: rules that change the workspace, and that run commands in it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.e2e.histories import words
from tests.e2e.histories.deeds import Deed, without_notes
from tests.e2e.histories.model import (
    EXCUSABLE,
    EXCUSED_ANYWHERE,
    RULES,
    STANDING,
    STATUSES,
    Flaw,
    Model,
    Place,
    Release,
)
from tests.e2e.histories.options import Option, options
from tests.e2e.histories.oracle import hold, must_be_done
from tests.e2e.histories.state import CAREFUL, MARKING, MODULES, OWN_MODULES, PLANTS, State
from tests.e2e.histories.words import FILES
from tests.e2e.histories.world import World

RELEASES = st.builds(
    Release,
    project=st.sampled_from(words.PROJECTS),
    number=st.integers(1, 4),
    place=st.sampled_from([Place.APPROVED, Place.APPROVED, Place.ROGUE]),
    flaw=st.sampled_from([Flaw.NONE, Flaw.NONE, *Flaw]),
    requires=st.one_of(st.just(()), st.sampled_from(words.DEPENDENCIES).map(lambda text: (text,))),
)


def change(**given: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Declare a rule that changes the workspace, after which commands are run."""

    def declare(method: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(method)
        def changed(self: Machine, then: Sequence[tuple[str, ...]] = (), **values: object) -> None:
            method(self, **values)
            for command in then:
                self._run(command)

        # its overloads cannot tell what is given
        declare_rule: Any = rule
        declared: Callable[..., None] = declare_rule(then=st.lists(words.commands(), max_size=3), **given)(changed)
        return declared

    return declare


class Machine(RuleBasedStateMachine):
    """A workspace that changes at random; `world` is set by a subclass."""

    world: ClassVar[World]

    def __init__(self) -> None:
        """Begin with what is always there."""
        super().__init__()
        self.model = Model(releases={release.key: release for release in STANDING})
        self.state = State(self.world, self.model)

    @change(
        offered=st.lists(st.tuples(RELEASES, st.sampled_from(["", "{0.project}", "{0.key}"])), min_size=1, max_size=3)
    )
    def publish(self, offered: list[tuple[Release, str]]) -> None:
        """Offer releases whose number is not taken, and ask for some."""
        for release, asked in offered:
            if release.key not in self.model.releases:
                self._offer(release)
            if asked:
                self._compare(("install", "--upgrade", asked.format(release)))

    @change(
        flaws=st.lists(st.sampled_from(list(Flaw)), min_size=2, max_size=4, unique=True),
        way=st.sampled_from(words.WAYS),
        exactly=st.booleans(),
        cleanly=st.booleans(),
    )
    def offer_flawed(self, flaws: list[Flaw], way: tuple[str, ...], exactly: bool, cleanly: bool) -> None:
        """Offer a good release and then a flawed one of projects that nothing else asks for, and ask for the newest."""
        if cleanly:
            self.state.clear(())
        for flaw in flaws:
            project = f"with-{flaw.name.lower().replace('_', '-')}"
            number = sum(1 for release in self.model.releases.values() if release.project == project)
            flawed = Release(project=project, number=number + 2, flaw=flaw)
            self._offer(Release(project=project, number=number + 1))
            self._offer(flawed)
            self._compare((*way, flawed.key if exactly else project))

    @change(name=st.sampled_from(list(FILES)), line=words.lines, locked=st.sampled_from(words.LOCKED))
    def write_line(self, name: str, line: str, locked: str) -> None:
        """Add something to a file that commands read requirements from, and let one read it."""
        self.state.add_line(name, locked if name == "pylock.toml" else line)
        self._run(("install", "--upgrade", *FILES[name], "harmless"))

    @change(option=options, section=st.sampled_from([None, *words.SECTIONS]))
    def set_option(self, option: Option, section: str | None) -> None:
        """Set an option by a variable, or in a section of the configuration file, and let a command see it."""
        self.state.set_option(option, section)
        self._run(("install", "--upgrade", "harmless"))

    @change(names=st.sets(st.sampled_from(list(FILES))))
    def clean_up(self, names: set[str]) -> None:
        """Remove what variables and the configuration file set, and begin some files anew."""
        self.state.clear(sorted(names))

    @change(name=st.sampled_from(RULES), severity=st.sampled_from(["error", "error", "warning", "off"]))
    def decide_severity(self, name: str, severity: str) -> None:
        """Let the policy say what comes of a rule."""
        self.model.severities[name] = severity
        self.state.write_policy()

    @change(
        name=st.sampled_from(EXCUSABLE + EXCUSED_ANYWHERE),
        project=st.sampled_from((*words.PROJECTS, "project", "cloned")),
        version=st.sampled_from([None, "1.0", "2.0", "3.0"]),
    )
    def excuse(self, name: str, project: str, version: str | None) -> None:
        """Add an exception to the policy."""
        self.model.exceptions.add((name, project, version if name in EXCUSABLE else None))
        self.state.write_policy()

    @change(
        rogue_approved=st.booleans(),
        consent_counts=st.booleans(),
        ties=st.dictionaries(
            st.sampled_from(words.PROJECTS), st.sampled_from([Place.APPROVED, Place.ROGUE]), max_size=2
        ),
    )
    def decide_sources(self, rogue_approved: bool, consent_counts: bool, ties: dict[str, Place]) -> None:
        """Let the policy say where things may come from."""
        self.model.ties = ties
        self.model.rogue_approved = rogue_approved
        self.model.consent_counts = consent_counts
        self.state.write_policy()

    @change(name=st.sampled_from(list(PLANTS)))
    def plant(self, name: str) -> None:
        """Leave a file for pip to find."""
        self.state.plant(name)

    @change(what=st.sampled_from(["harmless", "sourceonly", "demo", "<sdist-url>"]), rogue=st.booleans())
    def fill_cache(self, what: str, rogue: bool) -> None:
        """Let bare pip fill the cache."""
        index = "--index-url=<rogue>" if rogue else "--index-url=<approved>"
        self.world.pip(
            ("wheel", "--isolated", index, f"--wheel-dir={self.world.workspace.home / 'tmp' / 'built'}", what), {}
        )
        self.world.take_back("venv", "work")

    @rule(
        commands=st.lists(words.commands(), min_size=1, max_size=4), as_process=st.sampled_from([False] * 19 + [True])
    )
    def run(self, commands: list[tuple[str, ...]], as_process: bool) -> None:
        """Run any commands; now and then, see that the last of them does the same in a process of its own."""
        *earlier, last = commands
        for command in earlier:
            self._run(command)
        deed = self._run(last)
        if as_process:
            self.world.take_back()
            alone = self.world.guard_process(last, self.state.variables)
            hold(self.model, last, alone)
            assert (alone.effects, alone.told.stderr) == (deed.effects, deed.told.stderr), f"{deed}\n{alone}"

    @change(project=st.sampled_from(words.HARMLESS), status=st.sampled_from(STATUSES))
    def set_status(self, project: str, status: str) -> None:
        """Let the approved index say what has become of a project, and ask for it."""
        self.model.statuses[project] = status
        self.world.index.set_status(project, status)
        self._compare(("install", "--upgrade", project))

    @change(observes=st.booleans())
    def decide_mode(self, observes: bool) -> None:
        """Let the policy refuse nothing, or all that it did."""
        self.model.observes = observes
        self.state.write_policy()

    @rule(verb=st.sampled_from(list(words.RESULTS)), what=words.requirements)
    def use_result(self, verb: str, what: str) -> None:
        """Install what another command has fetched, built or locked."""
        first, then = words.RESULTS[verb]
        self._run((*first, what))
        self._run((*then, *([] if verb == "lock" else [what])), *first, what)
        self.state.write_file("pylock.toml")

    @rule(module=st.sampled_from(MODULES), command=words.commands())
    def run_with_path(self, module: str, command: tuple[str, ...]) -> None:
        """Run a command in a process of its own where PYTHONPATH has a module that leaves a mark."""
        # what leaves parts out has loaded pip before anything is decided about imports
        if self.world.without:
            return
        self.world.write(f"modules/{module}.py", MARKING)
        deed = self.world.guard_process(command, {**self.state.variables, "PYTHONPATH": "<work>/modules"})
        if module not in OWN_MODULES or self.model.refuses("foreign-module"):
            hold(self.model, command, deed)
        (self.world.workspace.cwd / "modules" / f"{module}.py").unlink()

    @rule(
        what=st.lists(st.sampled_from((*words.PROJECTS, "project", "cloned")), min_size=1, max_size=2),
        file=st.sampled_from([None, *FILES.values()]),
    )
    def uninstall(self, what: list[str], file: tuple[str, str] | None) -> None:
        """Remove what may be installed."""
        self._compare(("uninstall", "--yes", *what, *(file or ())))

    @rule(commands=st.lists(words.plain_commands(), min_size=1, max_size=2))
    def run_like_pip(self, commands: list[tuple[str, ...]]) -> None:
        """Run commands that pip-guard has nothing against: it must do what pip does, if that is allowed."""
        for command in commands:
            self._compare(command)

    def _offer(self, release: Release) -> None:
        self.model.releases[release.key] = release
        self.world.publish(release)

    def _compare(self, command: tuple[str, ...]) -> None:
        """Run a command, and bare pip too: what of it is allowed must be done in the same way."""
        deed = self._run(command)
        if not self.state.is_plain or self.model.severities.get("missing-hash") == "error":
            return
        for careful in ({}, CAREFUL) if self.model.is_careful else ({},):
            self.world.take_back()
            bare = self.world.pip(command, {**self.state.variables, **careful})
            if must_be_done(self.model, command, bare):
                event("compared with careful pip" if careful else "compared with pip")
                assert deed.effects == bare.effects, f"{deed}\n{bare}"
                assert "warning: " in deed.told.stderr or without_notes(deed.told.stderr) == bare.told.stderr, (
                    f"{deed}\n{bare}"
                )
                return
        self.world.take_back()

    def _run(self, command: tuple[str, ...], *before: str) -> Deed:
        """Run a command under guard; what it may do, the words of one before it say, too."""
        deed = self.world.guard(command, self.state.variables)
        event(f"{command[0]}: {deed.ended.returncode}")
        for found in deed.refusals:
            event(found)
        hold(self.model, (*before, *command), deed)
        self.model.lines += command if command[0] == "lock" else ()  # what it writes, a later command may read
        return deed
