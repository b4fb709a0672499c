"""Write an exception into the user's policy file, keeping all that is in it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from pip_guard.commands.assembly import KNOWN_RULES, find_rule
from pip_guard.engine.rule import AnyRule
from pip_guard.environment.clock import local_now
from pip_guard.errors import LockedError, PolicyError, UsageError
from pip_guard.guard_actions import GuardRequest
from pip_guard.integrations.file_edits import Edit, apply
from pip_guard.names.normalize import PROJECT, normalize_name
from pip_guard.options import OwnOptions
from pip_guard.policy.editing import with_entry
from pip_guard.policy.files import find_policy, load_admin_policy, read_policy_text, user_policy_path
from pip_guard.policy.parser import parse_policy
from pip_guard.policy.toml import render_toml

EXAMPLE = 'Example: pip-guard guard allow source-distribution docopt==0.6.2 --reason "no wheel upstream"'
# The names of conditions in messages.
_CONDITIONS = {"project": "a project", "version": "a version", "hash": "a hash", "url": "a URL"}


def run(arguments: Sequence[str], request: GuardRequest, own: OwnOptions) -> int:
    """Add an exception for a project, one version of it, a file or a place. Raises `UsageError`, `PolicyError` and `LockedError`."""
    rule, conditions = read_conditions("allow", arguments, request, EXAMPLE)
    reason = request.text("--reason")
    if not reason or not reason.strip(" .\N{HORIZONTAL ELLIPSIS}<>"):
        raise UsageError(
            f'"{reason}" is a placeholder: say why.' if reason and reason.strip() else "An exception needs a reason.",
            hint=EXAMPLE,
        )
    expires = _parse_date(request.text("--expires"))
    _check_matches(rule, conditions)
    admin = load_admin_policy(KNOWN_RULES)
    if admin.lock is not None and admin.locks(rule.id):
        raise LockedError(f"An exception from {rule.id}", admin.lock.source)
    entry = _render({"rule": rule.id, **conditions, "reason": reason}, expires)
    path = find_policy(own.policy, os.environ) or user_policy_path()
    before = read_policy_text(path) if os.path.lexists(path) else ""
    after = with_entry(before, entry)
    parse_policy(before, source=str(path), rules=KNOWN_RULES)
    parse_policy(after, source=str(path), rules=KNOWN_RULES)
    write_policy(path, before, after)
    print(f"Added to {path}:\n\n{entry}", end="")
    return 0


def write_policy(path: Path, before: str | None, after: str) -> None:
    """Replace the content of the user's policy file, None if there is none yet. Raises `PolicyError`."""
    try:
        apply([Edit(path=path, before=None if before is None else before.encode(), after=after.encode())])
    except OSError as error:
        raise PolicyError([f"{path}: {error.strerror or error}"]) from None


def read_conditions(
    action: str, arguments: Sequence[str], request: GuardRequest, example: str
) -> tuple[AnyRule, dict[str, str]]:
    """Return the rule, and the keys of the exception that the arguments and options name. Raises `UsageError`."""
    given = {key: value for key in ("hash", "url") if (value := request.text(f"--{key}")) is not None}
    if not 1 <= len(arguments) <= 2 or (len(arguments) == 1 and not given):
        raise UsageError(f"{action} needs a rule, and a project, --url or --hash.", hint=example)
    rule = find_rule(arguments[0])
    if "url" in given and given["url"].startswith((".", os.sep)):
        given["url"] = Path(os.path.abspath(given["url"])).as_uri()
    if len(arguments) == 1:
        return rule, given
    wanted = arguments[1]
    project, equals, version = wanted.partition("==")
    project = normalize_name(project.strip())
    if PROJECT.fullmatch(project) is None or (equals and not _is_version(version)):
        raise UsageError(f"{wanted} is not a project, or a project and a version.", hint=example)
    return rule, {"project": project, **({"version": f"=={version.strip()}"} if equals else {}), **given}


def _check_matches(rule: AnyRule, conditions: Mapping[str, str]) -> None:
    """Refuse an exception that no refusal of the rule can match. Raises `UsageError`."""
    if not rule.conditions:
        raise UsageError(
            f"{rule.id} is not about projects, so an exception would have no effect.",
            hint=f'{rule.remediation}\nOr set its severity in the policy: [rules] {rule.id} = "warning"',
        )
    for condition in conditions:
        if condition not in rule.conditions:
            known = " and ".join(_CONDITIONS[name] for name in rule.conditions)
            raise UsageError(
                f"A refusal by {rule.id} never names {_CONDITIONS[condition]}, so this exception would have no effect.",
                hint=f"An exception from {rule.id} can name {known}.",
            )


def _render(fields: Mapping[str, str], expires: date | None) -> str:
    lines = ["[[exceptions]]", *(f"{key} = {render_toml(value)}" for key, value in fields.items())]
    if expires is not None:
        lines.append(f"expires = {expires.isoformat()}")
    return "\n".join(lines) + "\n"


def _is_version(version: str) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        SpecifierSet(f"=={version.strip()}")
    except InvalidSpecifier:
        return False
    return True


def _parse_date(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text} is not a date.", hint="Example: --expires 2027-01-31") from None
    if day < local_now().date():
        raise UsageError(f"{text} has passed, so this exception would have no effect.", hint=EXAMPLE)
    return day
