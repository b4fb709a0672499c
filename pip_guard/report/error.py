"""Show an error because of which pip-guard could not decide."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pip_guard.errors import GuardError


def show_error(error: GuardError, *, as_json: bool, of_action: bool = False) -> int:
    """Write an error to standard error, for a person or for a program; return its exit code."""
    if as_json:
        from pip_guard.report.json import write_error

        write_error(error)
    else:
        from pip_guard.report.stream import columns, wants_colour, write
        from pip_guard.report.text import render_error

        write(render_error(error, colour=wants_colour(), width=columns(), of_action=of_action))
    return error.exit_code
