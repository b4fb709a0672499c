"""Show the policy in force with the source of each value, or check a policy file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

from pip_guard.commands.assembly import KNOWN_RULES
from pip_guard.environment.clock import local_now
from pip_guard.errors import ExitCode, PolicyError, UsageError
from pip_guard.frozen import replace
from pip_guard.guard_actions import GuardRequest
from pip_guard.options import OwnOptions
from pip_guard.policy.files import PROJECT_FILE, load_policy, read_policy_text
from pip_guard.policy.layers import Merged, Trust, merge
from pip_guard.policy.parser import PolicyTextError, parse_layer
from pip_guard.policy.schema import render_schema
from pip_guard.policy.toml import render_toml
from pip_guard.policy.view import (
    ShownException,
    ShownValue,
    profile_of,
    show_exceptions,
    show_ignored,
    show_restrictions,
    show_values,
)
from pip_guard.report.text import clean
from pip_guard.urls.redaction import redact

SCHEMA = 2
# When a rule, project and version of an exception last excused anything.
Uses = Mapping[tuple[str, str | None, str | None], datetime]
COMMENT = "# "
# The states in which an exception excuses something.
COUNTING = ("in force", "expires soon")


def run(arguments: Sequence[str], request: GuardRequest, own: OwnOptions) -> int:
    """Print the policy in force, the result of a check, or the schema. Raises `UsageError` and `PolicyError`."""
    if arguments:
        raise UsageError("policy takes no arguments.", hint="Example: pip-guard guard policy --check policy.toml")
    if request.has("--schema"):
        print(render_schema(KNOWN_RULES.ids), end="")
        return 0
    as_json = request.has("--json")
    file = request.text("--check")
    if file is not None:
        return _check(Path(file), as_json=as_json)
    today = local_now().date()
    loaded = load_policy(own.policy, os.environ, KNOWN_RULES)
    merged = replace(loaded.merged or merge((), KNOWN_RULES.severities), policy=loaded.policy)
    uses = _last_uses(merged)
    if as_json:
        print(redact(json.dumps(describe(merged, today, uses), indent=2)))
    else:
        print(clean(render(merged, today, uses)))
    return 0


def _last_uses(merged: Merged) -> Uses | None:
    """Return when exceptions were last used according to this user's journal, or None if there is no journal."""
    from pip_guard.journal.reader import read_journal, used_exceptions
    from pip_guard.journal.writer import journal_path

    path = journal_path(merged.policy.journal)
    try:
        return used_exceptions(read_journal(path).records) if os.path.exists(path) else None
    except OSError:
        return None


def _check(path: Path, *, as_json: bool) -> int:
    trust = Trust.PROJECT if path.name == PROJECT_FILE else Trust.ADMINISTRATOR
    try:
        parse_layer(read_policy_text(path), trust=trust, source=str(path), rules=KNOWN_RULES)
    except PolicyError as error:
        if not as_json:
            raise
        defects = error.defects if isinstance(error, PolicyTextError) else ()
        problems: list[dict[str, object]] = [
            {"line": defect.line, "key": defect.key or None, "message": defect.message} for defect in defects
        ]
        if not problems:  # it could not even be read
            problems = [{"line": None, "key": None, "message": problem} for problem in error.problems]
        print(json.dumps({"schema": SCHEMA, "file": str(path), "ok": False, "problems": problems}, indent=2))
        return ExitCode.POLICY
    if as_json:
        print(json.dumps({"schema": SCHEMA, "file": str(path), "ok": True, "problems": []}, indent=2))
    else:
        print(f"{path}: OK")
    return 0


def describe(merged: Merged, today: date, uses: Uses | None = None) -> dict[str, object]:
    """Return the policy in its published JSON form."""
    profile = profile_of(merged)
    return {
        "schema": SCHEMA,
        "profile": None if profile is None or profile.profile is None else profile.profile.value,
        "mode": merged.policy.mode.value,
        "locked": None if merged.lock is None else merged.lock.source,
        "files": [{"layer": layer.trust.value, "file": layer.source} for layer in merged.layers],
        "passed_over": [{"file": file, "reason": reason} for file, reason in merged.policy.passed_over],
        "values": [_describe(value) for value in show_values(merged, KNOWN_RULES.severities)],
        "restrictions": [_describe(value) for value in show_restrictions(merged)],
        "ignored": [_describe(value) for value in show_ignored(merged)],
        "exceptions": [
            _describe_exception(exception, uses) for exception in show_exceptions(merged, today, uses or {})
        ],
    }


def render(merged: Merged, today: date, uses: Uses | None = None) -> str:
    """Return the policy as a policy file with the source of each value in a comment."""
    lines = [*_render_files(merged), ""]
    values = sorted(show_values(merged, KNOWN_RULES.severities), key=lambda value: len(value.path) > 1)
    for table, members in groupby(values, key=lambda value: value.path[:-1]):
        lines += [f"[{'.'.join(table)}]"] if table else []
        lines += [f"{_pair(value)}  # {value.origin}{', locked' if value.locked else ''}" for value in members]
        lines.append("")
    for exception in show_exceptions(merged, today, uses or {}):
        comment = "" if exception.state in COUNTING else COMMENT
        lines.append(f"# {exception.state}{_use(exception, uses)}: {_place(exception)}")
        lines += [f"{comment}{line}" for line in _entry(exception)]
        lines.append("")
    lines += _render_rest(
        "a project must also come from the index, or from the publisher, that these name:", show_restrictions(merged)
    )
    lines += _render_rest("looser than its file may make it, and so without effect:", show_ignored(merged))
    return "\n".join(lines).rstrip()


def _render_files(merged: Merged) -> Iterator[str]:
    for trust in Trust:
        files = [layer for layer in merged.layers if layer.trust is trust]
        for layer in files:
            profile = "" if layer.profile is None else f", profile {layer.profile.value}"
            yield f"# {trust.value}: {layer.source}{profile}{', locked' if layer is merged.lock else ''}"
        if not files:
            yield f"# {trust.value}: none"
    for file, reason in merged.policy.passed_over:
        yield f"# not read: {file}, which {reason}"


def _render_rest(title: str, values: Iterable[ShownValue]) -> list[str]:
    lines = [f"#   {'.'.join(value.path)} = {render_toml(value.value)}  # {value.origin}" for value in values]
    return [f"# {title}", *lines, ""] if lines else []


def _pair(value: ShownValue) -> str:
    name = value.path[-1]
    key = name if name.replace("-", "").isalnum() and name.isascii() else render_toml(name)
    return f"{key} = {render_toml(value.value)}"


def _entry(exception: ShownException) -> Iterator[str]:
    yield "[[exceptions]]"
    for key, value in _fields(exception).items():
        if value is not None:
            yield f"{key} = {value if key == 'expires' else render_toml(value)}"


def _fields(exception: ShownException) -> dict[str, str | None]:
    entry = exception.entry
    return {
        "rule": entry.rule,
        "project": entry.project,
        "version": entry.version,
        "hash": entry.hash,
        "url": None if entry.url is None else str(entry.url),
        "reason": entry.reason,
        "expires": None if entry.expires is None else entry.expires.isoformat(),
    }


def _place(exception: ShownException) -> str:
    line = "" if exception.line is None else f":{exception.line}"
    return f"{exception.entry.source}{line} ({exception.layer})"


def _describe(value: ShownValue) -> dict[str, object]:
    return {
        "key": list(value.path),
        "value": value.value,
        "layer": value.layer,
        "file": value.file,
        "line": value.line,
        "profile": value.profile,
        "locked": value.locked,
    }


def _use(exception: ShownException, uses: Uses | None) -> str:
    if uses is None:
        return ""
    return ", unused so far" if exception.last_used is None else f", last used on {exception.last_used:%Y-%m-%d}"


def _describe_exception(exception: ShownException, uses: Uses | None) -> dict[str, object]:
    return {
        **_fields(exception),
        "state": exception.state,
        "unused": None if uses is None else exception.last_used is None,
        "last_used": None if exception.last_used is None else exception.last_used.isoformat(),
        "layer": exception.layer,
        "file": exception.entry.source,
        "line": exception.line,
    }
