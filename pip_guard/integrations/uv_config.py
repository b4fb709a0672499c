"""Fallback settings in the configuration file of uv, which nothing that guards pip covers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from pip_guard.errors import GuardError
from pip_guard.guard_actions import GuardRequest
from pip_guard.integrations.file_edits import Change, Edit, has_block, read, removals, with_block, without_block
from pip_guard.integrations.integration import (
    Integration,
    IntegrationState,
    UserContext,
    allows_newer,
    chosen_age,
    unreadable,
)
from pip_guard.policy.toml import TOMLError, parse_toml

NAME = "uv-config"
_AGE = "exclude-newer"
_COVERS = "what uv builds, wherever it is started; an option, a variable or a project of its own overrides it"
_INDEXES = ("index", "index-url", "extra-index-url", "find-links")


def plan_enable(request: GuardRequest, context: UserContext) -> tuple[Change, ...]:
    """Plan to add the settings to the file. Raises `GuardError` if it sets other values, or there is no uv."""
    if _uv(context) is None:
        raise GuardError("There is no uv on PATH.", hint="Nothing needs to be enabled for it.")
    path = configuration_file(context)
    before = read(path)
    plain = without_block(before)
    settings = _settings(path, plain)
    # A minimum age that this integration has set is kept.
    set_before = None if _AGE in settings else _settings(path, before).get(_AGE)
    missing = {
        **dict(_missing(path, settings, context)),
        **_missing_age(path, settings, chosen_age(request, context, set_before)),
    }
    if not missing:
        return ()
    comment = "# What uv may do. To undo: pip-guard guard disable --uv-config"
    # NOTE: keys after the header of a table belong to that table, so these go first.
    body = "\n".join([comment, *(f"{name} = {json.dumps(value)}" for name, value in missing.items())])
    edit = Edit(path=path, before=before, after=with_block(plain, body, first=True))
    return (edit,) if edit.changes else ()


def plan_disable(request: GuardRequest, context: UserContext) -> tuple[Change, ...]:
    """Plan to remove the settings from the file."""
    return removals([configuration_file(context)])


def states(context: UserContext) -> tuple[IntegrationState, ...]:
    """Return whether the file has the settings; nothing if there is no uv."""
    path = configuration_file(context)
    try:
        enabled = has_block(read(path))
    except OSError as error:
        return (unreadable(NAME, str(path), _COVERS, error),)
    if not enabled and _uv(context) is None:
        return ()
    return (
        IntegrationState(
            integration=NAME, place=str(path), enabled=enabled, covers=_COVERS, files=(path,) if enabled else ()
        ),
    )


def configuration_file(context: UserContext) -> Path:
    """Return the file that uv reads for this user, or, as root, for all users."""
    if context.platform == "win32":
        folder = context.variable("PROGRAMDATA" if context.as_root else "APPDATA")
        return Path(folder or context.home) / "uv" / "uv.toml"
    if context.as_root:
        return Path("/etc/uv/uv.toml")
    return context.folder("XDG_CONFIG_HOME", ".config") / "uv" / "uv.toml"


def _uv(context: UserContext) -> str | None:
    return shutil.which("uv", path=context.variable("PATH") or "")


def _settings(path: Path, content: bytes | None) -> Mapping[str, object]:
    try:
        return parse_toml((content or b"").decode("utf-8-sig"))
    except (TOMLError, UnicodeDecodeError) as error:
        raise GuardError(
            f"uv cannot read its own configuration: {path}: {error}", hint="Correct the file first."
        ) from None


def _missing(path: Path, settings: Mapping[str, object], context: UserContext) -> Iterator[tuple[str, bool | str]]:
    pips = settings.get("pip")
    for name, table in (("no-build", settings), ("pip.no-build", pips if isinstance(pips, Mapping) else {})):
        if table.get("no-build") is False:
            raise GuardError(
                f"{path} lets uv build: it sets {name} to false.", hint="Remove that, and enable this again."
            )
    if "no-build" not in settings:
        yield "no-build", True
    if context.index is None:
        return
    others = [name for name in _INDEXES if name in settings]
    if not others:
        yield "index-url", context.index
    elif others != ["index-url"] or str(settings["index-url"]).rstrip("/") != context.index.rstrip("/"):
        raise GuardError(
            f"{path} names indexes already: {', '.join(others)}.",
            hint=f"Remove them, or set index-url to {context.index} alone, and enable this again.",
        )


def _missing_age(path: Path, settings: Mapping[str, object], wanted: str | None) -> dict[str, str]:
    pips = settings.get("pip")
    for name, table in ((_AGE, settings), (f"pip.{_AGE}", pips if isinstance(pips, Mapping) else {})):
        if wanted is not None and _AGE in table and allows_newer(table[_AGE], wanted):
            raise GuardError(
                f"{path} already sets {name} to {table[_AGE]}, which may be newer.",
                hint="Remove that, and enable this again.",
            )
    return {} if wanted is None or _AGE in settings else {_AGE: wanted}


INTEGRATION = Integration(
    name=NAME,
    summary="Fallback settings in uv's own configuration: no builds.",
    plan_enable=plan_enable,
    plan_disable=plan_disable,
    states=states,
)
