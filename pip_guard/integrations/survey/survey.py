"""Survey a machine: every entry point of pip, and the fallback settings."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from pip_guard.frozen import frozen
from pip_guard.integrations.base_interpreter import BaseInterpreter
from pip_guard.integrations.integration import IntegrationState, UserContext
from pip_guard.integrations.interpreter import state_of
from pip_guard.integrations.registry import load_integrations
from pip_guard.integrations.shell_files import SHELLS
from pip_guard.integrations.survey.entry_points import EntryPoint, EntryPointState, Evidence, Machine, find_entry_points
from pip_guard.integrations.survey.locations import find_interpreters, program_folders

# The integrations that guard nothing, but limit what an unguarded pip or uv does.
FALLBACKS = ("pip-config", "uv-config")


@frozen
class Survey:
    """The entry points that were found, the fallback settings, and the paths of uv, and of a pipx that would install with it."""

    entry_points: tuple[EntryPoint, ...]
    fallback_settings: tuple[IntegrationState, ...]
    uv: str | None
    pipx: str | None = None

    @property
    def guarded(self) -> bool:
        """Tell whether every entry point is known to be guarded."""
        return all(entry_point.state is EntryPointState.GUARDED for entry_point in self.entry_points)


def take_survey(context: UserContext, working_directory: str, named: Iterable[str] = ()) -> Survey:
    """Find every entry point on this machine; `named` are more environments and interpreters to look at."""
    environ = context.environ
    states = [state for integration in load_integrations() for state in integration.states(context)]
    machine = Machine(
        interpreters=tuple(find_interpreters(environ, context.home, working_directory, (*named, sys.prefix))),
        folders=tuple(program_folders(environ, context.home)),
        search_path=environ.get("PATH", ""),
        launcher=str(context.launcher),
    )
    evidence = Evidence(
        hook_in=lambda library, program: _hook_in(library, program, context),
        shims=tuple(state for state in states if state.integration == "shims" and state.enabled),
        shells=dict(_shells(states, environ.get("PATH", ""))),
    )
    uv = shutil.which("uv", path=environ.get("PATH", ""))
    uses_pip = uv is None or environ.get("PIPX_DEFAULT_BACKEND") == "pip"
    return Survey(
        entry_points=tuple(find_entry_points(machine, evidence)),
        fallback_settings=tuple(state for state in states if state.integration in FALLBACKS),
        uv=uv,
        pipx=None if uses_pip else shutil.which("pipx", path=environ.get("PATH", "")),
    )


def _shells(states: Iterable[IntegrationState], search_path: str) -> Iterator[tuple[str, IntegrationState]]:
    """Yield the installed shells, with the state of each."""
    known = {state.place: state for state in states if state.integration == "shell"}
    for shell in SHELLS:
        if shutil.which("pwsh" if shell == "powershell" else shell, path=search_path) is not None:
            yield (
                shell,
                known.get(shell) or IntegrationState(integration="shell", place=shell, enabled=False, covers=""),
            )


def _hook_in(library: str, program: str, context: UserContext) -> IntegrationState:
    return state_of(BaseInterpreter(executable=Path(program), library=Path(library)), context)
