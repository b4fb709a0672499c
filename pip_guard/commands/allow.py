"""Write an exception into the user's policy file, keeping all that stands in it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import date

from pip_guard.actions import GuardRequest
from pip_guard.commands.assembly import KNOWN_RULES
from pip_guard.errors import LockedError, PolicyError, UsageError
from pip_guard.integrations.file_edits import Edit, apply
from pip_guard.names.normalize import PROJECT, normalize_name
from pip_guard.options import OwnOptions
from pip_guard.policy.files import find_policy, load_admin_policy, read_policy_text, user_policy_path
from pip_guard.policy.parser import parse_policy
from pip_guard.rules import ALL_RULES

EXAMPLE = 'Like this: pip-guard guard allow source-distribution docopt==0.6.2 --reason "no wheel upstream"'


def run(arguments: Sequence[str], request: GuardRequest, own: OwnOptions) -> int:
    """Excuse a project, or one version of it, from a rule. Raises `UsageError`, `PolicyError` and `LockedError`."""
    if len(arguments) != 2:
        raise UsageError("allow needs a rule and a project.", hint=EXAMPLE)
    rule, wanted = arguments
    reason = request.text("--reason")
    if not reason or not reason.strip():
        raise UsageError("An exception needs a reason.", hint=EXAMPLE)
    _check_rule(rule)
    conditions = {"hash": request.text("--hash"), "url": request.text("--url")}
    entry = _render(rule, wanted, reason, conditions, _parse_date(request.text("--expires")))
    path = find_policy(own.policy, os.environ) or user_policy_path()
    before = read_policy_text(path) if os.path.lexists(path) else ""
    separator = "" if not before else "\n" if before.endswith("\n") else "\n\n"
    after = f"{before}{separator}{entry}"
    parse_policy(before, source=str(path), rules=KNOWN_RULES)
    parse_policy(after, source=str(path), rules=KNOWN_RULES)
    try:
        apply([Edit(path=path, before=before.encode(), after=after.encode())])
    except OSError as error:
        raise PolicyError([f"{path}: {error.strerror or error}"]) from None
    print(f"Added to {path}:\n\n{entry}", end="")
    return 0


def _check_rule(rule: str) -> None:
    """Refuse a rule from which nobody can be excused here."""
    known = next((each for each in ALL_RULES if each.id == rule), None)
    if known is None:
        raise UsageError(f"There is no rule {rule}.", hint=f"The rules are {', '.join(KNOWN_RULES.ids)}.")
    if not known.names_project:
        raise UsageError(
            f"{rule} is about no project, so that an exception for one would excuse nothing.",
            hint=f'{known.remediation}\nOr set its severity in the policy: [rules] {rule} = "warning"',
        )
    admin = load_admin_policy(KNOWN_RULES)
    if admin.lock is not None and admin.locks(rule):
        raise LockedError(f"An exception from {rule}", admin.lock.source)


def _render(rule: str, wanted: str, reason: str, conditions: Mapping[str, str | None], expires: date | None) -> str:
    project, equals, version = wanted.partition("==")
    project = normalize_name(project.strip())
    if PROJECT.fullmatch(project) is None or (equals and not _is_version(version)):
        raise UsageError(f"{wanted} is not a project, or a project and a version.", hint=EXAMPLE)
    lines = ["[[exceptions]]", f"rule = {_quote(rule)}", f"project = {_quote(project)}"]
    if equals:
        lines.append(f"version = {_quote('==' + version.strip())}")
    lines += [f"{key} = {_quote(value)}" for key, value in conditions.items() if value is not None]
    lines.append(f"reason = {_quote(reason)}")
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
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text} is not a date.", hint="Write it like 2027-01-31.") from None


def _quote(text: str) -> str:
    # a JSON string is a TOML basic string, but for DEL, and for what an argument holds that was no text
    text = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
