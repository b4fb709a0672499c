"""Enable and disable integrations, and report what changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from pip_guard.errors import GuardError, UsageError
from pip_guard.guard_actions import GuardRequest
from pip_guard.integrations.file_edits import Change, Rename, apply, render
from pip_guard.integrations.integration import Integration, UserContext
from pip_guard.integrations.registry import load_integrations

DRY_RUN = "--dry-run"
# Files of one folder that are counted instead of named, if there are more.
_MANY = 2


def chosen_integrations(request: GuardRequest) -> tuple[Integration, ...]:
    """Return the integrations that a request names."""
    return tuple(integration for integration in load_integrations() if request.has(integration.flag))


def refuse_arguments(action: str, arguments: tuple[str, ...]) -> None:
    """Refuse positional arguments. Raises `UsageError`."""
    if arguments:
        raise UsageError(
            f"pip guard {action} takes options only, not {arguments[0]}.", hint="For a list: pip-guard guard enable"
        )


def enable(integrations: tuple[Integration, ...], request: GuardRequest, context: UserContext) -> tuple[Change, ...]:
    """Enable integrations, unless this is a dry run, and return the changes. Raises `GuardError`."""
    return _change(integrations, request, context, "plan_enable")


def disable(integrations: tuple[Integration, ...], request: GuardRequest, context: UserContext) -> tuple[Change, ...]:
    """Disable integrations, unless this is a dry run, and return the changes. Raises `GuardError`."""
    return _change(integrations, request, context, "plan_disable")


def report(changes: tuple[Change, ...], request: GuardRequest) -> str:
    """Describe the changes in a line, or as diffs for a dry run."""
    if not changes:
        return "Nothing to do.\n"
    if request.has(DRY_RUN):
        return render(changes)
    done: dict[str, list[Path]] = {}
    for change in changes:
        done.setdefault(_verb(change), []).append(change.path)
    return "; ".join(f"{verb} {', '.join(_names(paths))}" for verb, paths in done.items()) + "\n"


def _change(
    integrations: tuple[Integration, ...],
    request: GuardRequest,
    context: UserContext,
    how: Literal["plan_enable", "plan_disable"],
) -> tuple[Change, ...]:
    try:
        plans = [getattr(integration, how)(request, context) for integration in integrations]
        changes: tuple[Change, ...] = tuple(change for plan in plans for change in plan if change.changes)
        if not request.has(DRY_RUN):
            apply(changes)
    except OSError as error:
        raise GuardError(
            f"{error.filename or 'A file'} cannot be read or changed: {error.strerror or error}.",
            hint="Fix that and try again. No file was changed.",
        ) from None
    return changes


def _names(paths: Iterable[Path]) -> Iterator[str]:
    """Yield the paths, with many files of one folder as their number."""
    folders: dict[Path, list[Path]] = {}
    for path in paths:
        folders.setdefault(path.parent, []).append(path)
    for folder, files in folders.items():
        yield from [f"{len(files)} files in {folder}"] if len(files) > _MANY else map(str, files)


def _verb(change: Change) -> str:
    match change:
        case Rename():
            return "renamed"
        case _ if change.after is None:
            return "removed"
        case _ if change.before is None:
            return "created"
        case _:
            return "changed"
