"""Fallback settings in pip's own configuration file, for every pip that is not guarded."""

from __future__ import annotations

import configparser
import io
import locale
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from pip_guard.errors import GuardError
from pip_guard.guard_actions import GuardRequest
from pip_guard.integrations.file_edits import Change, Edit, has_block, read, removals, with_block_at, without_block
from pip_guard.integrations.integration import (
    Integration,
    IntegrationState,
    UserContext,
    allows_newer,
    chosen_age,
    unreadable,
)

NAME = "pip-config"
_SECTION = "global"
_AGE = "uploaded-prior-to"
# The header of the section, with the indentation of the next line that is neither empty nor a comment.
_HEADER = re.compile(
    rb"^[^\S\n]*\[global\][^\n]*(?:\n|\Z)(?=(?:\s*(?:[#;][^\n]*)?\n)*(?P<indent>[^\S\n]*))", re.MULTILINE
)
_Settings: TypeAlias = Mapping[str, Mapping[str, str]]
# Other values that mean the same to pip.
_SAME = {"require-virtualenv": ("y", "yes", "t", "on", "1")}
_COVERS = "what pip builds and where it installs, wherever it is started; an option or a variable of pip's overrides it"


def plan_enable(request: GuardRequest, context: UserContext) -> tuple[Change, ...]:
    """Plan to add the settings to the file. Raises `GuardError` if it sets them to other values."""
    path = configuration_file(context)
    before = read(path)
    plain = without_block(before)
    settings = _parse(path, plain)
    wanted = _wanted(context, chosen_age(request, context, _set_age(path, before)))
    for conflict in _conflicts(path, settings, wanted):
        raise GuardError(f"{conflict}.", hint="Remove that setting, and enable this again.")
    missing = {name: value for name, value in wanted.items() if name not in settings.get(_SECTION, {})}
    if not missing:
        return ()
    after = _add(path, plain, settings, missing)
    return (Edit(path=path, before=before, after=after),) if after != before else ()


def plan_disable(request: GuardRequest, context: UserContext) -> tuple[Change, ...]:
    """Plan to remove the settings from the file."""
    return removals([configuration_file(context)])


def states(context: UserContext) -> tuple[IntegrationState, ...]:
    """Return whether the file has the settings, and what overrides them."""
    path = configuration_file(context)
    try:
        content = read(path)
    except OSError as error:
        return (unreadable(NAME, str(path), _COVERS, error),)
    enabled = has_block(content)
    return (
        IntegrationState(
            integration=NAME,
            place=str(path),
            enabled=enabled,
            covers=_COVERS,
            files=(path,) if enabled else (),
            problems=tuple(_problems(path, content, context)),
        ),
    )


def _problems(path: Path, content: bytes | None, context: UserContext) -> Iterator[tuple[str, str]]:
    try:
        settings = _parse(path, content)
    except GuardError as error:
        yield error.message, error.hint
        return
    wanted = _wanted(context, _set_age(path, content))
    yield from ((conflict, "Remove that setting.") for conflict in _conflicts(path, settings, wanted))
    missing = ", ".join(name for name in wanted if name not in settings.get(_SECTION, {}))
    if missing and has_block(content):
        yield f"[{_SECTION}] in {path} no longer sets {missing}", f"pip-guard guard enable --{NAME}"


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


def _wanted(context: UserContext, age: str | None) -> dict[str, str]:
    values = {"only-binary": ":all:", "require-virtualenv": "true", "index-url": context.index, _AGE: age}
    return {name: value for name, value in values.items() if value is not None}


def _set_age(path: Path, content: bytes | None) -> str | None:
    """Return the minimum age that the lines of this integration set, or None."""
    own, other = (_parse(path, text).get(_SECTION, {}).get(_AGE) for text in (content, without_block(content)))
    return own if other is None else None


def _conflicts(path: Path, settings: _Settings, wanted: Mapping[str, str]) -> Iterator[str]:
    """Yield what overrides the settings for any command: each reads the section of its own name after [global]."""
    for section, values in settings.items():
        for name, value in values.items():
            if name == "no-binary" and value.strip() not in ("", ":none:"):
                yield f"[{section}] in {path} sets no-binary, so pip builds sdists again"
            elif name == _AGE and name in wanted:
                if allows_newer(value, wanted[name]):
                    yield f"[{section}] in {path} already sets {name} to {value}, which may be newer"
            elif name in wanted and value.strip().lower() not in (wanted[name].lower(), *_SAME.get(name, ())):
                yield f"[{section}] in {path} already sets {name} to another value"


def _add(path: Path, content: bytes | None, settings: _Settings, missing: Mapping[str, str]) -> bytes:
    """Return the content with the settings in its section. Raises `GuardError` if pip would read anything else than before."""
    expected = {**settings, _SECTION: {**settings.get(_SECTION, {}), **missing}}
    comment = "# What pip does where pip-guard does not run. To undo: pip-guard guard disable --pip-config"
    lines = [f"{name} = {value}" for name, value in missing.items()]
    if _SECTION not in settings:
        return with_block_at(content, None, "\n".join([comment, f"[{_SECTION}]", *lines]))
    for header in _HEADER.finditer(content or b""):
        # NOTE: a line that is indented deeper than ours before it would continue the value of that.
        indent = header["indent"].decode()
        body = "\n".join([comment, *(indent + line for line in lines)])
        after = with_block_at(content, header.end(), body)
        if _parse(path, after) == expected:
            return after
    raise GuardError(
        f"pip-guard cannot add settings to [{_SECTION}] in {path}.", hint="Add these lines to it:\n" + "\n".join(lines)
    )


def _parse(path: Path, content: bytes | None) -> _Settings:
    """Return the settings in each section, as pip reads them. Raises `GuardError` if pip cannot read them."""
    parser = configparser.RawConfigParser()
    parser.optionxform = lambda name: name.lower().replace("_", "-").removeprefix("--")  # type: ignore[assignment, method-assign]
    try:
        parser.read_file(io.TextIOWrapper(io.BytesIO(content or b""), encoding=_encoding()), source=str(path))
    except (configparser.Error, UnicodeDecodeError) as error:
        raise GuardError(f"pip cannot read {path}: {error}", hint="Correct that file first.") from None
    return {section: dict(parser.items(section)) for section in parser.sections()}


def _encoding() -> str:
    return "utf-8" if sys.flags.utf8_mode else locale.getpreferredencoding(False)


INTEGRATION = Integration(
    name=NAME,
    summary="Fallback settings in pip's own configuration: no builds, no installs outside virtual environments.",
    plan_enable=plan_enable,
    plan_disable=plan_disable,
    states=states,
)
