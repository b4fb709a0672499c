"""Look at everything once, and put together what there is to say of it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from pip_guard.frozen import frozen
from pip_guard.integrations.base_interpreter import BaseInterpreter
from pip_guard.integrations.integration import DoorState, UserContext
from pip_guard.integrations.interpreter import state_of
from pip_guard.integrations.registry import load_doors
from pip_guard.integrations.survey.entry_points import Entrance, Evidence, Machine, State, find_entrances
from pip_guard.integrations.survey.locations import find_interpreters, program_folders

# The shells that there is a door for, and the programs that they are.
SHELLS = {"bash": "bash", "zsh": "zsh", "fish": "fish", "powershell": "pwsh"}
# The doors that open no other way into pip, but settle what pip does where nothing guards it.
FLOORS = ("pip-config", "uv-config")


@frozen
class Survey:
    """What was found: the doors, and the floors under what is not guarded."""

    entrances: tuple[Entrance, ...]
    floors: tuple[DoorState, ...]
    uv: str | None

    @property
    def guarded(self) -> bool:
        """Tell whether every door is known to be guarded."""
        return all(entrance.state is State.GUARDED for entrance in self.entrances)


def take_survey(context: UserContext, working_directory: str, named: Iterable[str] = ()) -> Survey:
    """Find every door of this machine; `named` are environments and interpreters to look at in addition."""
    environ = context.environ
    states = [state for door in load_doors() for state in door.states(context)]
    places = [*((path, "the command line") for path in named), (sys.prefix, "pip-guard's own")]
    machine = Machine(
        interpreters=tuple(find_interpreters(environ, context.home, working_directory, places)),
        folders=tuple(folder for folder, _ in program_folders(environ, context.home)),
        search_path=environ.get("PATH", ""),
        launcher=str(context.launcher),
    )
    evidence = Evidence(
        hook_in=lambda library, program: _hook_in(library, program, context),
        shims=tuple(state for state in states if state.door == "shims" and state.enabled),
        shells=dict(_shells(states, environ.get("PATH", ""))),
    )
    return Survey(
        entrances=tuple(find_entrances(machine, evidence)),
        floors=tuple(state for state in states if state.door in FLOORS),
        uv=shutil.which("uv", path=environ.get("PATH", "")),
    )


def _shells(states: Iterable[DoorState], search_path: str) -> Iterator[tuple[str, DoorState]]:
    """Yield the shells that are installed, and what became of each."""
    known = {state.place: state for state in states if state.door == "shell"}
    for shell, program in SHELLS.items():
        if shutil.which(program, path=search_path) is not None:
            yield shell, known.get(shell) or DoorState(door="shell", place=shell, enabled=False, covers="")


def _hook_in(library: str, program: str, context: UserContext) -> DoorState:
    return state_of(BaseInterpreter(executable=Path(program), library=Path(library)), context)
