"""Find out the version of the installed pip."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# The oldest pip with no known vulnerability, as of 2026-11.
OLDEST_PIP = "26.2"


def pip_version() -> str:
    """Return the version of the installed pip. Raises `GuardError` if there is none."""
    try:
        import pip
    except ModuleNotFoundError as error:
        if error.name != "pip":
            raise
        from pip_guard.errors import GuardError

        hint = "Install it with: python -m ensurepip. Or run pip-guard from another environment, with --python."
        raise GuardError("There is no pip where pip-guard is installed.", hint=hint) from None
    return pip.__version__


def is_too_old(version: str) -> bool:
    """Tell whether a version of pip is older than the oldest that is supported."""
    return _release(version) < _release(OLDEST_PIP)


def refuse_old_pip(refuse: Callable[..., int | None]) -> int | None:
    """Have the installed pip refused if it is too old; return the exit code if it is."""
    version = pip_version()
    return refuse(pip_version=version, oldest_pip=OLDEST_PIP) if is_too_old(version) else None


def _release(version: str) -> tuple[int, int]:
    match = re.match(r"(\d+)\.(\d+)", version)
    return (int(match[1]), int(match[2])) if match is not None else (0, 0)
