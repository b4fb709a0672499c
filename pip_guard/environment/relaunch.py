"""Run pip-guard in another interpreter: the active one, or the one that ``--python`` names."""

from __future__ import annotations

import os
import sys

from pip_guard.environment.active import (
    IN_TARGET,
    PATH,
    RUNNER,
    choose,
    is_in_target,
    this_invocation,
)
from pip_guard.environment.module_origins import (
    find_foreign_modules,
    find_startup_modules,
    leave_foreign_folders,
    own_modules,
    restore_python_path,
)
from pip_guard.frozen import frozen

# NOTE: a command that works on another environment waits for all imports of this module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pip_guard.environment.active import SelectedEnvironment
    from pip_guard.errors import GuardError
    from pip_guard.facts.origin import Setting

# The first bytes of an executable: ELF, Mach-O (both byte orders, 32 and 64 bits, universal) and PE.
_MAGIC = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"MZ")
OPTION = "--python"
_INTERPRETERS = ("bin/python", "Scripts/python.exe")
# The shortest abbreviation of ``--python``, and the command that may need no environment.
_UNDECIDED = ("--py", "guard")


@frozen
class MainOptions:
    """What pip's options before the name of its command say of the interpreter; `repairs`: the command shows or removes settings."""

    interpreter: Setting | None
    needs_no_environment: bool = False
    repairs: bool = False


class Launch:
    """The start of this process with these arguments; `environment` is the value of ``--guard-environment``.

    `refuse` takes facts about the start, and returns the exit code if they are refused. The methods return an exit code if that is
    the end: after a refusal, or because another interpreter was run instead.
    """

    def __init__(self, arguments: Sequence[str], *, environment: str | None, refuse: Callable[..., int | None]) -> None:
        self._arguments = arguments
        self._environment = environment
        self._refuse = refuse
        self._invocation = None if is_in_target() else this_invocation()
        self._has_looked_for_active = False

    def enter_environment(self, pip_arguments: Sequence[str], *, named: str | None) -> int | None:
        """Enter the environment to work on, and judge which pip would be imported there.

        What needs pip's parser is left to `choose_interpreter`: `named` is the value of ``--python`` in the arguments that are left
        for pip, where it is certain to be that. Only what looks wrong is judged, so that commands that only read load no rules.
        """
        foreign = (*find_startup_modules(), *find_foreign_modules())
        if not foreign and (code := self._enter(pip_arguments, named)) is not None:
            return code
        if restore_python_path():
            foreign = find_foreign_modules()
        if foreign:
            path = leave_foreign_folders(foreign)
            if code := self._refuse(modules=foreign):
                return code
            sys.path[:] = path
        return None

    def _enter(self, pip_arguments: Sequence[str], named: str | None) -> int | None:
        if not any(argument.startswith(_UNDECIDED) for argument in pip_arguments):
            return self._enter_active()
        if named is None or self._invocation is None or IN_TARGET in os.environ:
            return None
        interpreter, _ = look_for_interpreter(named)
        # An invalid one is reported later, when the policy is known.
        return None if interpreter is None else run_in(interpreter, self._arguments, named=True)

    def choose_interpreter(self, options: MainOptions, rules_are_off: Callable[[], bool]) -> int | None:
        """Start over with the interpreter that ``--python`` names, or the active one; refuse one that only a setting names."""
        setting = options.interpreter
        if setting is not None and setting.by_command_line:
            if look_for_interpreter(setting.value)[0] is None and rules_are_off():
                return None  # and pip will start it, or say what is wrong
            return run_in(find_interpreter(setting.value), self._arguments, named=True)
        enters = not options.needs_no_environment and not self._has_looked_for_active
        if enters and (code := self._enter_active()) is not None:
            return code
        if setting is None:
            return None
        # a command that shows or removes settings is not refused because of one
        if not options.repairs and not is_this_interpreter(setting.value):
            if (code := self._refuse(interpreter_setting=setting)) is not None:
                return code
            if rules_are_off():
                return None  # and pip will start it, or say what is wrong
        os.environ[IN_TARGET] = "1"
        return None

    def _enter_active(self) -> int | None:
        """Start over in the environment that is active, where pip-guard works on that and is not installed in it."""
        self._has_looked_for_active = True
        choice = None if self._invocation is None else choose(self._invocation, self._environment)
        return None if choice is None else run_in(find_chosen(choice), self._arguments)


def find_interpreter(named: str, *, option: str = OPTION) -> str:
    """Return the interpreter that a value of ``--python`` names: a file, or the folder of an environment.

    Nothing is run. Raises `GuardError`, which names the `option`, if it is not an interpreter.
    """
    path, reason = look_for_interpreter(named)
    if path is None:
        raise _no_interpreter(named, reason, option)
    return path


def look_for_interpreter(named: str) -> tuple[str | None, str]:
    """Return the interpreter that a value of ``--python`` names, or None and why it is not one."""
    path = named
    if os.path.isdir(named):
        found = [path for relative in _INTERPRETERS if os.path.exists(path := os.path.join(named, relative))]
        if not found:
            return None, "it is a folder without an interpreter"
        path = found[0]
    if not os.path.exists(path):
        return None, "there is no such file"
    if not os.path.isfile(path):
        return None, "it is not a file"
    try:
        with open(path, "rb") as file:
            start = file.read(4)
    except OSError as error:
        return None, error.strerror or str(error)
    if not start.startswith(_MAGIC) or not os.access(path, os.X_OK):
        return None, "it is not an executable program"
    if not os.path.basename(path).lower().startswith(("python", "pypy")):
        return None, "no Python interpreter has such a name"
    return os.path.abspath(path), ""


def find_chosen(choice: SelectedEnvironment) -> str:
    """Return the interpreter of a selected environment. Raises `GuardError` if there is none."""
    if choice.source == PATH:
        if not os.path.isabs(choice.value):
            from pip_guard.errors import GuardError

            raise GuardError(
                f"There is no {choice.value} on PATH, nor in an active environment.",
                hint="Activate a virtual environment, or name an interpreter with --python. Nothing was run.",
            )
        # NOTE: it may be a version manager's script, which starts an interpreter.
        return choice.value
    if not os.path.isabs(choice.value):
        raise _no_interpreter(choice.value, "it is a relative path, which no activation sets", choice.source)
    if not os.path.isdir(choice.value):
        raise _no_interpreter(choice.value, "there is no such folder", choice.source)
    return find_interpreter(choice.value, option=choice.source)


def is_this_interpreter(named: str) -> bool:
    """Tell whether a value of ``--python`` names the running interpreter, in the running environment."""
    path, _ = look_for_interpreter(named)
    return (
        path is not None
        and os.path.dirname(path) == os.path.dirname(os.path.abspath(sys.executable))
        and os.path.samefile(path, sys.executable)
    )


def run_in(interpreter: str, arguments: Sequence[str], *, named: bool = False) -> int:
    """Start over in another interpreter, which gets pip-guard, pip and what they need from here, and nothing else.

    If ``--python`` `named` it, pip is told that this has been obeyed. Returns the exit code, if it returns at all.
    """
    command = [interpreter, RUNNER, _as_json(own_modules()), *arguments]
    environment = {**os.environ, **({IN_TARGET: "1"} if named else {})}
    if os.name == "posix":
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            os.execve(interpreter, command, environment)
        except OSError as error:
            raise _no_interpreter(interpreter, error.strerror or str(error), OPTION) from None
    import subprocess

    return subprocess.run(command, env=environment, check=False).returncode


def _as_json(modules: Mapping[str, str | None]) -> str:
    paths = modules.values()
    if all(path is not None and path.isprintable() and not {'"', "\\"}.intersection(path) for path in paths):
        return "{" + ", ".join(f'"{name}": "{path}"' for name, path in modules.items()) + "}"
    # NOTE: json imports as much as all the rest.
    import json

    return json.dumps(modules)


def _no_interpreter(named: str, reason: str, option: str) -> GuardError:
    from pip_guard.errors import GuardError

    if option.startswith("-"):
        hint = "Name an interpreter of Python 3.10 or newer, or the folder of a virtual environment. Nothing was run."
        return GuardError(f"{option} {named} cannot be used: {reason}.", hint=hint)
    return GuardError(
        f"{option} names {named} as the active environment, which cannot be used: {reason}.",
        hint="Activate another environment, deactivate this one, or name an interpreter with --python. Nothing was run.",
    )
