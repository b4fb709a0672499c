"""Define the entry points of pip, and judge which of them are guarded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum

from pip_guard.environment.files import list_folder
from pip_guard.frozen import frozen
from pip_guard.integrations.base_interpreter import OLDEST
from pip_guard.integrations.integration import IntegrationState
from pip_guard.integrations.interpreter_layout import Interpreter, InterpreterKind, describe
from pip_guard.integrations.survey.scripts import NAME, Nature, Program, inspect

ENABLE = "pip-guard guard enable"


class EntryPointKind(Enum):
    """The kind of an entry point."""

    COMMAND = "command"  # what a shell finds on PATH under a name
    SHELL = "shell"  # what a user types at the prompt of a shell
    SCRIPT = "script"  # a program called pip, by its path
    MODULE = "module"  # python -m pip


class EntryPointState(Enum):
    """Whether an entry point is guarded."""

    GUARDED = "guarded"
    OPEN = "open"
    UNKNOWN = "unknown"


@frozen
class EntryPoint:
    """A way to start pip, and whether it is guarded.

    `reason` is what guards it, or why nothing does. `remedy` is a command, or else advice, to guard it. `path` is the file that
    is started, if there is one.
    """

    kind: EntryPointKind
    name: str
    state: EntryPointState
    reason: str
    path: str | None = None
    remedy: str | None = None

    @property
    def key(self) -> str:
        """The identifier for programs."""
        return f"{self.kind.value}:{self.name}"


@frozen
class Machine:
    """What was found on a machine; `folders` are those of programs, in the order in which they are searched."""

    interpreters: tuple[Interpreter, ...]
    folders: tuple[str, ...]
    search_path: str
    launcher: str


@frozen
class Evidence:
    """What pip-guard has installed: its hook in a library, its shims, and its lines in the files of shells.

    `hook_in` takes a library and the program that it belongs to.
    """

    hook_in: Callable[[str, str], IntegrationState]
    shims: tuple[IntegrationState, ...]
    shells: Mapping[str, IntegrationState]


def find_entry_points(machine: Machine, evidence: Evidence) -> Iterator[EntryPoint]:
    """Yield every entry point: commands and shells first, then every script and every interpreter."""
    judge = _Judge(machine, evidence)
    commands = [judge.command(name, path) for name, path in _commands(machine)]
    yield from commands
    for shell, state in evidence.shells.items():
        yield judge.shell(shell, state, commands)
    yield from judge.scripts()
    yield from (judge.module(interpreter) for interpreter in machine.interpreters if interpreter.pips)


def _commands(machine: Machine) -> Iterator[tuple[str, str]]:
    """Yield the names of pip on the search path, with the program that a shell finds."""
    names = {name for folder in machine.search_path.split(os.pathsep) for name in _pips_in(folder)}
    for name in sorted(names):
        if path := shutil.which(name, path=machine.search_path):
            yield name, path


def _pips_in(folder: str) -> list[str]:
    return [name for name in list_folder(folder) if NAME.fullmatch(name)]


class _Judge:
    """Judge entry points by what was found on the machine."""

    def __init__(self, machine: Machine, evidence: Evidence) -> None:
        self._machine = machine
        self._evidence = evidence
        # one command guards all that share a library: it names the interpreter that the library came with
        by_kind = sorted(machine.interpreters, key=lambda each: each.kind is InterpreterKind.INTERPRETER)
        self._named = {each.library: each.path for each in by_kind}
        self._shims = {str(file): state for state in evidence.shims for file in state.files}

    def command(self, name: str, path: str) -> EntryPoint:
        """Judge a command by the program that a shell finds."""
        state, reason, remedy = self._program(self._inspect(path))
        return EntryPoint(kind=EntryPointKind.COMMAND, name=name, state=state, reason=reason, path=path, remedy=remedy)

    def shell(self, shell: str, integration: IntegrationState, commands: Iterable[EntryPoint]) -> EntryPoint:
        """Judge the prompt of a shell by its own settings, or else by the commands that it finds."""
        state, reason, remedy = self._shell(shell, integration, tuple(commands))
        return EntryPoint(kind=EntryPointKind.SHELL, name=shell, state=state, reason=reason, remedy=remedy)

    def scripts(self) -> Iterator[EntryPoint]:
        """Judge every program called pip in the folders of programs, or beside an interpreter."""
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

    def _shell(
        self, shell: str, integration: IntegrationState, commands: tuple[EntryPoint, ...]
    ) -> tuple[EntryPointState, str, str | None]:
        if integration.works:
            return EntryPointState.GUARDED, integration.covers, None
        if commands and all(command.state is EntryPointState.GUARDED for command in commands):
            return EntryPointState.GUARDED, "every pip that it finds is guarded", None
        if not commands and not integration.enabled:
            return EntryPointState.GUARDED, "it finds no pip", None
        reason, remedy = next(iter(integration.problems), ("`pip` is unguarded", f"{ENABLE} --shell {shell}"))
        return EntryPointState.OPEN, reason, remedy

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
                        f"its interpreter {interpreter.path} is missing",
                        f"Remove {program.path}.",
                    )
                return self._interpreter(interpreter)
            case Nature.VERSION_MANAGER:
                return self._version_manager()
            case Nature.OTHER:
                return (
                    EntryPointState.UNKNOWN,
                    "it is not a Python script, so what it starts is unknown",
                    "Look at it.",
                )

    def _version_manager(self) -> tuple[EntryPointState, str, str | None]:
        judged = [self._interpreter(interpreter) for interpreter in self._machine.interpreters if interpreter.pips]
        for state, _, remedy in judged:
            if state is not EntryPointState.GUARDED:
                return EntryPointState.OPEN, "it may choose an interpreter that is not guarded", remedy
        return EntryPointState.GUARDED, "all interpreters that it may choose are guarded", None

    def _shim(self, path: str) -> tuple[EntryPointState, str, str | None]:
        integration = self._shims.get(path)
        if integration is None:
            return (
                EntryPointState.UNKNOWN,
                "it looks like a shim, but is in no known folder of shims",
                f"{ENABLE} --shims",
            )
        # other problems are about PATH, and not about this file
        for reason, remedy in integration.problems:
            if remedy.startswith(ENABLE):
                return EntryPointState.OPEN, reason, remedy
        return EntryPointState.GUARDED, "shim", None

    def _interpreter(self, interpreter: Interpreter) -> tuple[EntryPointState, str, str | None]:
        version = interpreter.version
        if version is not None and tuple(int(part) for part in version.split(".")) < OLDEST:
            reason = f"pip is unguarded: Python {version} is too old for a start-up hook"
            return EntryPointState.OPEN, reason, "Use Python 3.10 or newer."
        if interpreter.library is None:
            reason = f"its files do not say where the library of {interpreter.path} is"
            return EntryPointState.UNKNOWN, reason, None
        program = self._named.get(interpreter.library, interpreter.path)
        integration = self._evidence.hook_in(interpreter.library, program)
        if not integration.enabled:
            reason = f"pip is unguarded: {interpreter.library} has no start-up hook"
            return EntryPointState.OPEN, reason, _hook_or_shell(interpreter.library, program)
        if integration.problems:
            reason, remedy = integration.problems[0]
            return EntryPointState.OPEN, reason, remedy
        return EntryPointState.GUARDED, f"start-up hook in {interpreter.library}", None


def _hook_or_shell(library: str, program: str) -> str:
    """Suggest the hook of an interpreter to those who may write it, and to others what needs no privileges."""
    hook = f"{ENABLE} --interpreter {program}"
    return (
        hook if os.access(library, os.W_OK) else f"{ENABLE} --shell. With the rights of the owner of {library}: {hook}"
    )
