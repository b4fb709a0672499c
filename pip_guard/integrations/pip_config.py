"""Fallback settings in pip's own configuration file, for every pip that is not guarded."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator
from pathlib import Path

from pip_guard.actions import GuardRequest
from pip_guard.errors import GuardError
from pip_guard.integrations.file_edits import Change, Edit, has_block, read, removals, with_block_at, without_block
from pip_guard.integrations.integration import Integration, IntegrationState, UserContext, unreadable

NAME = "pip-config"
_SECTION = "global"
_HEADER = re.compile(rb"^\[global\][^\n]*(?:\n|\Z)", re.MULTILINE)
_COVERS = "what pip builds and where it installs, wherever it is started; an option or a variable of pip's overrides it"


def plan_enable(request: GuardRequest, context: UserContext) -> tuple[Change, ...]:
    """Plan to add the settings to the file. Raises `GuardError` if it sets them to other values."""
    path = configuration_file(context)
    before = read(path)
    plain = without_block(before)
    missing = dict(_missing(path, plain, context))
    if not missing:
        return ()
    header = None if plain is None else _HEADER.search(plain)
    lines = [
        "# What pip does where pip-guard does not run. To undo: pip-guard guard disable --pip-config",
        *([] if header else [f"[{_SECTION}]"]),
        *(f"{name} = {value}" for name, value in missing.items()),
    ]
    after = with_block_at(plain, header.end() if header else None, "\n".join(lines))
    return (Edit(path=path, before=before, after=after),) if after != before else ()


def plan_disable(request: GuardRequest, context: UserContext) -> tuple[Change, ...]:
    """Plan to remove the settings from the file."""
    return removals([configuration_file(context)])


def states(context: UserContext) -> tuple[IntegrationState, ...]:
    """Return whether the file has the settings."""
    path = configuration_file(context)
    try:
        enabled = has_block(read(path))
    except OSError as error:
        return (unreadable(NAME, str(path), _COVERS, error),)
    return (
        IntegrationState(
            integration=NAME, place=str(path), enabled=enabled, covers=_COVERS, files=(path,) if enabled else ()
        ),
    )


def configuration_file(context: UserContext) -> Path:
    """Return the file that pip reads for this user, or, as root, for all users."""
    if context.platform == "win32":
        folder = context.variable("PROGRAMDATA" if context.as_root else "APPDATA")
        return Path(folder or context.home) / "pip" / "pip.ini"
    if context.as_root:
        return Path("/etc/pip.conf")
    application_support = context.home / "Library" / "Application Support" / "pip"
    if context.platform == "darwin" and application_support.is_dir():
        return application_support / "pip.conf"
    return context.folder("XDG_CONFIG_HOME", ".config") / "pip" / "pip.conf"


def _missing(path: Path, content: bytes | None, context: UserContext) -> Iterator[tuple[str, str]]:
    """Yield the settings that the file lacks. Raises `GuardError` if it sets other values, or cannot be parsed."""
    parser = configparser.RawConfigParser()
    parser.optionxform = lambda name: name.lower().replace("_", "-").removeprefix("--")  # type: ignore[assignment, method-assign]
    try:
        parser.read_string((content or b"").decode("utf-8-sig", "surrogateescape"), source=str(path))
    except configparser.Error as error:
        raise GuardError(f"pip cannot read its own configuration: {error}", hint="Correct the file first.") from None
    wanted = {"only-binary": ":all:", "require-virtualenv": "true"}
    if context.index is not None:
        wanted["index-url"] = context.index
    for name, value in wanted.items():
        present = parser.get(_SECTION, name, fallback=None)
        if present is None:
            yield name, value
        elif present.strip().lower() != value.lower():
            raise GuardError(
                f"{path} already sets {name} to another value.",
                hint=f"Remove {name} from its section [{_SECTION}], or set it to {value}, and enable this again.",
            )


INTEGRATION = Integration(
    name=NAME,
    summary="Fallback settings in pip's own configuration: no builds, no installs outside virtual environments.",
    plan_enable=plan_enable,
    plan_disable=plan_disable,
    states=states,
)
