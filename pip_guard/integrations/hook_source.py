"""Run pip under guard, however it is started. The source of this module is copied into the `sitecustomize.py` of an interpreter.

It runs at every start of that interpreter. So it takes well under a millisecond if that is not a start of pip, imports only what
is already loaded, and needs no file of pip-guard. Only tests import it.
"""

import os
import sys

from pip_guard.integrations.hook_detection import ENTRY_POINT, FUNCTIONS, find_pip, is_ensurepip, is_old_script

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

REFUSED = 40
# Tells `relaunch_script.py` under which name pip was started.
STARTED_AS = "_PIP_GUARD_STARTED_AS"
# Tells `pip_adapter.entry` that pip would warn of the script.
OLD_SCRIPT = "_PIP_GUARD_OLD_SCRIPT"


def start(here: str, *, runner: str, modules: str, needed: tuple[str, ...], hides: bool) -> None:
    """Hand over to pip-guard if pip starts, or later if it is called; run the `sitecustomize` that `here` hides.

    `runner` is pip-guard's `relaunch_script.py`, `modules` its first argument, and `needed` are the files that must exist.
    """
    try:
        found = find_pip(sys.orig_argv, sys.argv)
    except Exception:  # noqa: BLE001 -- nothing may keep Python from starting
        found = None
    if found is not None:
        os.environ[STARTED_AS] = name_of_pip(sys.argv[0])
        if is_old_script(sys.argv[0]):
            os.environ[OLD_SCRIPT] = "1"
        hand_over(here, [*found[0], runner, modules, *found[1]], needed)
    sys.meta_path.insert(0, Watch(lambda arguments: run_beside(here, [runner, modules, *arguments], needed)))
    if hides:
        run_hidden(here)


def name_of_pip(script: str) -> str:
    """Return the name of the script that runs pip, for its usage lines."""
    name = os.path.basename(script)
    return "__main__.py" if name in ("-m", "__pip-runner__.py") else name


def hand_over(here: str, arguments: list[str], needed: tuple[str, ...]) -> None:
    """Replace this process by pip-guard, or refuse; never returns."""
    try:
        reason = find_obstacle(needed)
        if reason is None:
            flush()
            run([sys.executable, *arguments])
    except Exception as error:  # noqa: BLE001 -- what cannot be guarded is refused
        reason = f"{type(error).__name__}: {error}"
    try:
        refuse(here, str(reason))
    finally:
        # NOTE: while Python starts, any other exit is reported as a fatal error of Python.
        os._exit(REFUSED)


def run(command: list[str]) -> None:
    """Replace this process by a command; never returns."""
    if os.name == "posix":
        os.execv(command[0], command)
    import subprocess

    os._exit(subprocess.run(command, check=False).returncode)


def run_beside(here: str, arguments: list[str], needed: tuple[str, ...]) -> int:
    """Run pip-guard in a child process, and return its exit code."""
    import subprocess

    reason = find_obstacle(needed)
    if reason is not None:
        refuse(here, reason)
        return REFUSED
    flush()
    return subprocess.run([sys.executable, *arguments], check=False).returncode


def find_obstacle(needed: tuple[str, ...]) -> str | None:
    """Return why pip-guard cannot be started, or None if it can."""
    for path in needed:
        if not os.access(path, os.R_OK):
            return f"{path} {'cannot be read' if os.path.exists(path) else 'is missing'}"
    return None if sys.executable else "Python does not know where its interpreter is"


def flush() -> None:
    """Flush the standard streams before another process writes to them."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def refuse(here: str, reason: str) -> None:
    """Say why pip is refused, and what to do."""
    sys.stderr.write(
        f"error: pip runs under guard here, but pip-guard cannot be started: {reason}.\n\n"
        'hint: Install pip-guard there again, or remove the lines from "# >>> pip-guard >>>" to "# <<< pip-guard <<<"\n'
        f"      from {here}\n\n"
        "Nothing was installed.\n"
    )
    sys.stderr.flush()


class Watch:
    """A finder that only finds the module through which programs call pip, and makes it call `guard` instead."""

    def __init__(self, guard: "Callable[[list[str]], int]") -> None:
        self._guard = guard

    def find_spec(
        self, name: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        """Find the module with the other finders, and wrap its loader."""
        if name != ENTRY_POINT:
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None and spec.loader is not None:
                spec.loader = GuardingLoader(spec.loader, self._guard)  # type: ignore[assignment]  # it forwards everything else
                return spec
        return None


class GuardingLoader:
    """A loader that forwards to another one, and guards the functions that run pip."""

    def __init__(self, loader: "Loader", guard: "Callable[[list[str]], int]") -> None:
        self._loader = loader
        self._guard = guard

    def __getattr__(self, name: str) -> "Any":
        return getattr(self._loader, name)

    def exec_module(self, module: "ModuleType") -> None:
        """Load the module, and replace its functions that run pip."""
        self._loader.exec_module(module)
        for name in FUNCTIONS:
            if hasattr(module, name):
                setattr(module, name, guarded(getattr(module, name), self._guard))


def guarded(
    function: "Callable[[list[str] | None], int]", guard: "Callable[[list[str]], int]"
) -> "Callable[[list[str] | None], int]":
    """Return a function that runs pip under guard instead of the given one."""

    def main(args: "list[str] | None" = None) -> int:
        if "pip_guard" in sys.modules or is_ensurepip(sys.orig_argv):
            return function(args)
        return guard(sys.argv[1:] if args is None else args)

    return main


def run_hidden(here: str) -> None:
    """Run the `sitecustomize` that would be imported if there were none at `here`."""
    from _frozen_importlib import module_from_spec
    from _frozen_importlib_external import PathFinder

    folder, file = os.path.split(here)
    if folder not in sys.path:
        return
    name = os.path.splitext(file)[0]
    spec = PathFinder.find_spec(name, sys.path[sys.path.index(folder) + 1 :])
    if spec is not None and spec.loader is not None:
        module = module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
