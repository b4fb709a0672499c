"""The machine: rules that change the workspace and that run commands in it, and what must hold after each command."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any, ClassVar

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.e2e.machine import words
from tests.e2e.machine.model import DEFAULTS, STANDING, UNTOUCHED, Flaw, Model, Place, Release
from tests.e2e.machine.words import FILES, Option
from tests.e2e.machine.world import Deed, World
from tests.e2e.outcome import NOTHING_INSTALLED

REFUSED = 40
CODES = frozenset({0, 1, 2, REFUSED})
REFUSAL = re.compile(r"^error: [a-z-]+$", re.MULTILINE)
# Where a traceback ends: pip has some of its own.
INNERMOST = re.compile(r'  File "([^"]+)", line \d+, in .*\n(?: {4}.*\n)+(?=\S)')
# What a refused command may leave: what was fetched before, for the next one.
KEPT = ("home/.cache/", "work/cache/")
# Where pip keeps what it has cloned, if it may, whatever comes of the command.
CLONES = ("venv/src/cloned/", "work/elsewhere/cloned/")
# Files that lie in wait: where, what, and the folder of a program that is to be found first.
MARKING = "open('<planted-mark>', 'w')\n"
PLANTS = {
    "keyring.py": (MARKING, ""),
    "../venv/pip.conf": ("[global]\nno-binary = :all:\nextra-index-url = <rogue>\n", ""),
    "bin/uname": ("#!/bin/sh\necho > <planted-mark>\n", "bin"),
    "bin/git": ("#!/bin/sh\necho > <planted-mark>\n", "bin"),
    "setup.py": (MARKING, ""),
}
LOOSENING = '[tool.pip-guard.rules]\nsource-distribution = "off"\nunapproved-host = "off"\n'
RULES = sorted(set(DEFAULTS) - UNTOUCHED)
EXCUSABLE = (
    "source-distribution",
    "recent-release",
    "record-mismatch",
    "startup-code",
    "planted-file",
    "local-project",
)
EXCUSED_ANYWHERE = ("vcs-requirement", "lookalike-project-name", "direct-url", "wrong-index", "yanked-release")

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
        def changed(self: Machine, then: list[tuple[str, ...]], **values: object) -> None:
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
        self.variables: dict[str, str] = {}
        self.configuration: dict[tuple[str, str], str] = {("global", "index-url"): "<approved>"}
        self.lines: dict[str, list[str]] = {}
        self.is_plain = True
        self.world.begin_anew()
        self._write_policy()
        self._write_configuration()
        for name in FILES:
            self._write_file(name)

    @change(
        offered=st.lists(st.tuples(RELEASES, st.sampled_from(["", "{0.project}", "{0.key}"])), min_size=1, max_size=3)
    )
    def publish(self, offered: list[tuple[Release, str]]) -> None:
        """Offer releases whose number is not taken, and ask for some."""
        for release, asked in offered:
            if release.key not in self.model.releases:
                self.model.releases[release.key] = release
                self.world.publish(release)
            if asked:
                self._compare(("install", "--upgrade", asked.format(release)))

    @change(name=st.sampled_from(list(FILES)), line=words.lines, locked=st.sampled_from(words.LOCKED))
    def write_line(self, name: str, line: str, locked: str) -> None:
        """Add something to a file that commands read requirements from, and let one read it."""
        self.lines.setdefault(name, []).append(locked if name == "pylock.toml" else line)
        self._write_file(name)
        self._run(("install", "--upgrade", *FILES[name], "harmless"))

    @change(option=words.options, section=st.sampled_from([None, *words.SECTIONS]))
    def set_option(self, option: Option, section: str | None) -> None:
        """Set an option by a variable, or in a section of the configuration file, and let a command see it."""
        self.is_plain = False
        if section is None:
            self.variables[f"PIP_{option.name.upper().replace('-', '_')}"] = option.value or "1"
        else:
            self.configuration[section, option.name] = option.value or "true"
            self._write_configuration()
        self._run(("install", "--upgrade", "harmless"))

    @change(names=st.sets(st.sampled_from(list(FILES))))
    def clean_up(self, names: set[str]) -> None:
        """Remove what variables and the configuration file set, and begin some files anew."""
        for name in sorted(names):
            self.lines.pop(name, None)
            self._write_file(name)
        self.variables.clear()
        self.configuration = {("global", "index-url"): "<approved>"}
        self._write_configuration()
        self.is_plain = not (self.world.workspace.venv.path / "pip.conf").exists()

    @change(name=st.sampled_from(RULES), severity=st.sampled_from(["error", "error", "warning", "off"]))
    def decide_severity(self, name: str, severity: str) -> None:
        """Let the policy say what comes of a rule."""
        self.model.severities[name] = severity
        self._write_policy()

    @change(
        name=st.sampled_from(EXCUSABLE + EXCUSED_ANYWHERE),
        project=st.sampled_from((*words.PROJECTS, "project", "cloned")),
        version=st.sampled_from([None, "1.0", "2.0", "3.0"]),
    )
    def excuse(self, name: str, project: str, version: str | None) -> None:
        """Add an exception to the policy."""
        self.model.exceptions.add((name, project, version if name in EXCUSABLE else None))
        self._write_policy()

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
        self._write_policy()

    @change(name=st.sampled_from(list(PLANTS)))
    def plant(self, name: str) -> None:
        """Leave a file for pip to find."""
        text, folder = PLANTS[name]
        self.world.write(name, text)
        if folder:
            (self.world.workspace.cwd / name).chmod(0o755)
            self.variables["PATH"] = f"<work>/bin:{self.world.workspace.environ['PATH']}"
        self.is_plain = False

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
            alone = self.world.guard_process(last, self.variables)
            self._hold(last, alone)
            assert (alone.effects, alone.told.stderr) == (deed.effects, deed.told.stderr), f"{deed}\n{alone}"

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

    def _compare(self, command: tuple[str, ...]) -> None:
        deed = self._run(command)
        if not self.is_plain or self.model.severities.get("missing-hash") == "error":
            return
        self.world.take_back()
        bare = self.world.pip(command, self.variables)
        if self._is_allowed(command, bare):
            event("compared with pip")
            assert deed.effects == bare.effects, f"{deed}\n{bare}"
            assert "warning: " in deed.told.stderr or deed.told.stderr == bare.told.stderr, f"{deed}\n{bare}"
        else:
            self.world.take_back()

    def _run(self, command: tuple[str, ...]) -> Deed:
        deed = self.world.guard(command, self.variables)
        event(f"{command[0]}: {deed.ended.returncode}")
        for found in REFUSAL.findall(deed.ended.stderr):
            event(found)
        self._hold(command, deed)
        return deed

    def _hold(self, command: tuple[str, ...], deed: Deed) -> None:
        """Check what must hold after every command under guard."""
        ended = deed.ended
        assert ended.returncode in CODES, str(deed)
        assert "internal-error" not in ended.output, str(deed)
        assert not any("/pip_guard/" in frame for frame in INNERMOST.findall(ended.stderr)), str(deed)
        ran = deed.marks - self.model.may_run(command)
        assert not ran, f"{deed}\nran: {set(ran)}"
        assert self.model.rogue_may_be_asked or not deed.rogue_requests, f"{deed}\n{deed.rogue_requests}"
        wrong = {key for key in deed.arrived if not self.model.allows(key, command)}
        assert not wrong, f"{deed}\nmay not arrive: {wrong}"
        for key in deed.arrived:
            assert not self.model.is_confused(key.partition("==")[0], deed.asked_twice), f"{deed}\noffered twice: {key}"
        refused = ended.returncode == REFUSED
        assert bool(REFUSAL.search(ended.stderr)) is refused, str(deed)
        assert ended.stderr.endswith(NOTHING_INSTALLED) is refused, str(deed)
        if ended.returncode:
            kept = (*KEPT, *(CLONES if self.model.allows("cloned==1.9", command) else ()))
            left = [path for path, found in deed.changes.items() if found != "a folder" and not path.startswith(kept)]
            assert not left, f"{deed}\nchanged though it failed: {left}"
        assert not deed.leftovers, f"{deed}\nleft behind: {deed.leftovers}"

    def _is_allowed(self, command: tuple[str, ...], bare: Deed) -> bool:
        """Tell whether pip-guard must do what bare pip has done."""
        return (
            bare.ended.returncode == 0
            and bare.marks <= self.model.may_run(command)
            and not bare.rogue_requests
            and all(self.model.allows(key, command) for key in bare.arrived | bare.asked)
        )

    def _write_policy(self) -> None:
        self.world.workspace.policy(self.world.fill(self.model.render()))

    def _write_configuration(self) -> None:
        text = "".join(
            f"[{section}]\n{name} = {value}\n" for (section, name), value in sorted(self.configuration.items())
        )
        self.world.write(self.world.workspace.home / ".config" / "pip" / "pip.conf", text)

    def _write_file(self, name: str) -> None:
        lines = self.lines.get(name, [])
        named = [line for line in lines if not line.startswith(("-", "<"))]
        match name:
            case "pyproject.toml":
                text = f"{LOOSENING}[dependency-groups]\ndev = {named}\n"
            case "script.py":
                text = "".join(["# /// script\n", f"# dependencies = {named}\n", "# ///\n"])
            case "pylock.toml":
                text = "\n".join(['lock-version = "1.0"', 'created-by = "tests"', *lines, ""])
            case _:
                text = "".join(f"{line}\n" for line in lines)
        self.world.write(name, text)
