"""Define the doors through which pip is entered, and judge each by the evidence that there is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum

from pip_guard.frozen import frozen
from pip_guard.integrations.integration import IntegrationState
from pip_guard.integrations.interpreter_layout import Interpreter, InterpreterKind, describe, listed
from pip_guard.integrations.survey.scripts import NAME, Nature, Program, inspect

ENABLE = "pip-guard guard enable"
# The oldest interpreter that pip-guard runs on, and whose start-up can tell what it was asked to run.
OLDEST = (3, 10)


class EntryPointKind(Enum):
    """Say by what a door is entered."""

    COMMAND = "command"  # what a shell finds on PATH under a name
    SHELL = "shell"  # what is typed at a shell's prompt
    SCRIPT = "script"  # a program called pip, by its path
    MODULE = "module"  # python -m pip


class EntryPointState(Enum):
    """Say what is known about a door."""

    GUARDED = "guarded"
    OPEN = "open"
    UNKNOWN = "unknown"


@frozen
class EntryPoint:
    """One way into pip, and whether it leads through pip-guard.

    `reason` is the evidence: the mechanism that guards it, or what pip does there. `remedy` is the command, or failing that
    the advice, that closes it. `path` is the file that is entered, where there is one.
    """

    kind: EntryPointKind
    name: str
    state: EntryPointState
    reason: str
    path: str | None = None
    remedy: str | None = None

    @property
    def key(self) -> str:
        """What names the door to programs."""
        return f"{self.kind.value}:{self.name}"


@frozen
class Machine:
    """What was found on a machine; `folders` hold programs, in the order in which they are looked for."""

    interpreters: tuple[Interpreter, ...]
    folders: tuple[str, ...]
    search_path: str
    launcher: str


@frozen
class Evidence:
    """What pip-guard has put in front of pip: its hook in a library, its shims, and its blocks in the files of shells.

    `hook_in` is given a library and the program that it belongs to.
    """

    hook_in: Callable[[str, str], IntegrationState]
    shims: tuple[IntegrationState, ...]
    shells: Mapping[str, IntegrationState]


def find_entry_points(machine: Machine, evidence: Evidence) -> Iterator[EntryPoint]:
    """Yield every door: what commands find first, what shells make of it, then each script and each interpreter."""
    judge = _Judge(machine, evidence)
    commands = [judge.command(name, path) for name, path in _commands(machine)]
    yield from commands
    for shell, state in evidence.shells.items():
        yield judge.shell(shell, state, commands)
    yield from judge.scripts()
    yield from (judge.module(interpreter) for interpreter in machine.interpreters if interpreter.pips)


def _commands(machine: Machine) -> Iterator[tuple[str, str]]:
    """Yield the names of pip that are on the search path, and what a shell finds under each."""
    names = {name for folder in machine.search_path.split(os.pathsep) for name in _pips_in(folder)}
    for name in sorted(names):
        if path := shutil.which(name, path=machine.search_path):
            yield name, path


def _pips_in(folder: str) -> list[str]:
    return [name for name in listed(folder) if NAME.fullmatch(name)]


class _Judge:
    """Judge doors; what was read once is kept."""

    def __init__(self, machine: Machine, evidence: Evidence) -> None:
        self._machine = machine
        self._evidence = evidence
        # one command closes all doors of a library: it is named by the interpreter that the library came with
        by_kind = sorted(machine.interpreters, key=lambda each: each.kind is InterpreterKind.INTERPRETER)
        self._named = {each.library: each.path for each in by_kind}
        self._shims = {str(file): state for state in evidence.shims for file in state.files}

    def command(self, name: str, path: str) -> EntryPoint:
        """Judge a command by the program that a shell finds."""
        state, reason, remedy = self._program(self._inspect(path))
        return EntryPoint(kind=EntryPointKind.COMMAND, name=name, state=state, reason=reason, path=path, remedy=remedy)

    def shell(self, shell: str, integration: IntegrationState, commands: Iterable[EntryPoint]) -> EntryPoint:
        """Judge what is typed into a shell: its own settings count, or else the commands that it finds."""
        commands = tuple(commands)
        if integration.works:
            return EntryPoint(
                kind=EntryPointKind.SHELL, name=shell, state=EntryPointState.GUARDED, reason=integration.covers
            )
        if commands and all(command.state is EntryPointState.GUARDED for command in commands):
            reason = "every pip that it finds is guarded"
            return EntryPoint(kind=EntryPointKind.SHELL, name=shell, state=EntryPointState.GUARDED, reason=reason)
        if not commands and not integration.enabled:
            return EntryPoint(
                kind=EntryPointKind.SHELL, name=shell, state=EntryPointState.GUARDED, reason="it finds no pip"
            )
        reason, remedy = next(iter(integration.problems), ("pip is typed here as it is", f"{ENABLE} --shell {shell}"))
        return EntryPoint(
            kind=EntryPointKind.SHELL, name=shell, state=EntryPointState.OPEN, reason=reason, remedy=remedy
        )

    def scripts(self) -> Iterator[EntryPoint]:
        """Judge every program called pip that lies where programs lie, or beside an interpreter."""
        beside = (interpreter.scripts for interpreter in self._machine.interpreters)
        seen = set()
        for folder in dict.fromkeys((*self._machine.folders, *beside)):
            for name in _pips_in(folder):
                path = os.path.join(folder, name)
                place = os.path.join(os.path.realpath(folder), name)
                if place in seen or not os.path.isfile(path):
                    continue
                seen.add(place)
                state, reason, remedy = self._program(self._inspect(path))
                yield EntryPoint(
                    kind=EntryPointKind.SCRIPT, name=path, state=state, reason=reason, path=path, remedy=remedy
                )

    def module(self, interpreter: Interpreter) -> EntryPoint:
        """Judge ``python -m pip`` of an interpreter."""
        state, reason, remedy = self._interpreter(interpreter)
        return EntryPoint(
            kind=EntryPointKind.MODULE,
            name=interpreter.path,
            state=state,
            reason=reason,
            path=interpreter.path,
            remedy=remedy,
        )

    def _inspect(self, path: str) -> Program:
        return inspect(path, launcher=self._machine.launcher, search_path=self._machine.search_path)

    def _program(self, program: Program) -> tuple[EntryPointState, str, str | None]:
        match program.nature:
            case Nature.GUARD:
                return EntryPointState.GUARDED, "it is pip-guard", None
            case Nature.SHIM:
                return self._shim(program.path)
            case Nature.SCRIPT:
                interpreter = describe(program.interpreter or "")
                if not os.path.isfile(interpreter.path):
                    return (
                        EntryPointState.UNKNOWN,
                        f"its interpreter {interpreter.path} is not there",
                        f"Remove {program.path}.",
                    )
                return self._interpreter(interpreter)
            case Nature.VERSION_MANAGER:
                return self._chooser()
            case Nature.OTHER:
                return (
                    EntryPointState.UNKNOWN,
                    "it is no script of Python's, and what it starts cannot be read",
                    "Look into it.",
                )

    def _chooser(self) -> tuple[EntryPointState, str, str | None]:
        judged = [self._interpreter(interpreter) for interpreter in self._machine.interpreters if interpreter.pips]
        for state, _, remedy in judged:
            if state is not EntryPointState.GUARDED:
                return EntryPointState.OPEN, "it chooses an interpreter, and not all of them are guarded", remedy
        return EntryPointState.GUARDED, "it chooses an interpreter, and all of them are guarded", None

    def _shim(self, path: str) -> tuple[EntryPointState, str, str | None]:
        integration = self._shims.get(path)
        if integration is None:
            return (
                EntryPointState.UNKNOWN,
                "it looks like a shim, but no folder of shims is known here",
                f"{ENABLE} --shims",
            )
        # what else may be wrong is about what stands on PATH, and not about who gets here
        for reason, remedy in integration.problems:
            if remedy.startswith(ENABLE):
                return EntryPointState.OPEN, reason, remedy
        return EntryPointState.GUARDED, "shim", None

    def _interpreter(self, interpreter: Interpreter) -> tuple[EntryPointState, str, str | None]:
        version = interpreter.version
        if version is not None and tuple(int(part) for part in version.split(".")) < OLDEST:
            reason = f"pip runs as it is: Python {version} is too old for a start-up hook"
            return EntryPointState.OPEN, reason, "Use a newer Python; nothing of pip-guard's runs on this one."
        if interpreter.library is None:
            reason = f"where the library of {interpreter.path} is cannot be read from its files"
            return EntryPointState.UNKNOWN, reason, None
        program = self._named.get(interpreter.library, interpreter.path)
        integration = self._evidence.hook_in(interpreter.library, program)
        if not integration.enabled:
            reason = f"pip runs as it is: {interpreter.library} has no start-up hook"
            return EntryPointState.OPEN, reason, f"{ENABLE} --interpreter {program}"
        if integration.problems:
            reason, remedy = integration.problems[0]
            return EntryPointState.OPEN, reason, remedy
        return EntryPointState.GUARDED, f"start-up hook in {interpreter.library}", None
