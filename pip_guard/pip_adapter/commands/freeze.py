"""Have ``pip freeze`` start programs of the system only."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from optparse import Values
from typing import TYPE_CHECKING

from pip._internal.commands.freeze import FreezeCommand

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)
# The programs that pip asks for the origin of an editable project.
_PROGRAMS = ("git", "hg", "svn", "bzr")


class GuardedFreezeCommand(FreezeCommand):
    __doc__ = FreezeCommand.__doc__  # pip shows it as help

    def run(self, options: Values, args: list[str]) -> int:
        """Run pip's command, with such programs only from where root alone can put them: a wheel may bring a command called git."""
        from pip_guard.environment.programs import system_path

        path = os.environ.get("PATH", os.defpath)
        kept = system_path(path)
        replaced = {
            program: where
            for program in (_PROGRAMS if kept != path else ())
            if (where := shutil.which(program, path=path)) != shutil.which(program, path=kept)
        }
        if replaced and not _are_rules_off():
            # NOTE: an empty PATH is the working directory, which is the folder of the project.
            os.environ["PATH"] = kept or os.devnull
            sys.addaudithook(_make_hook(replaced, kept))
        return super().run(options, args)


def _are_rules_off() -> bool:
    from pip_guard.errors import GuardError
    from pip_guard.pip_adapter.session import are_rules_off

    try:
        return are_rules_off()
    except GuardError:
        return False


def _make_hook(replaced: dict[str, str | None], path: str) -> Callable[[str, tuple[object, ...]], None]:
    """Return an audit hook that says, once for each, which program is not started."""

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "subprocess.Popen" and (where := replaced.pop(str(arguments[0]), None)) is not None:
            log = logger.debug if shutil.which(str(arguments[0]), path=path) else logger.warning
            log("%s was not started: others than root can put programs into its folder.", where)

    return hook
