"""Remove an exception from the user's policy file, keeping all else that is in it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from pip_guard.commands.allow import read_conditions, write_policy
from pip_guard.commands.assembly import KNOWN_RULES
from pip_guard.errors import PolicyError, UsageError
from pip_guard.frozen import replace
from pip_guard.guard_actions import GuardRequest
from pip_guard.options import OwnOptions
from pip_guard.policy.editing import without_exceptions
from pip_guard.policy.exceptions import PolicyException
from pip_guard.policy.files import find_policy, read_policy_text
from pip_guard.policy.layers import Trust
from pip_guard.policy.parser import parse_layer
from pip_guard.urls.location import InvalidURL, parse_location, split_vcs

EXAMPLE = "Example: pip-guard guard revoke source-distribution docopt==0.6.2"


def run(arguments: Sequence[str], request: GuardRequest, own: OwnOptions) -> int:
    """Remove every exception with exactly these conditions. Raises `UsageError` and `PolicyError`."""
    rule, conditions = read_conditions("revoke", arguments, request, EXAMPLE)
    path = find_policy(own.policy, os.environ)
    if path is None:
        raise UsageError(
            "You have no policy file, so there is no exception to revoke.",
            hint="pip-guard guard policy shows all of them.",
        )
    before = read_policy_text(path)
    layer = parse_layer(before, trust=Trust.ADMINISTRATOR, source=str(path), rules=KNOWN_RULES)
    wanted = _key(rule.id, conditions)
    positions = [number for number, entry in enumerate(layer.exceptions) if _key_of(entry) == wanted]
    if not positions:
        others = [entry.title for entry in layer.exceptions if entry.rule == rule.id]
        raise UsageError(
            f"{path} has no such exception.",
            hint=f"Its exceptions from {rule.id}: {'; '.join(others)}." if others else f"It has none from {rule.id}.",
        )
    after = without_exceptions(before, positions)
    if after is None:
        line = layer.lines()["exceptions", positions[0]]
        raise PolicyError([f"{path}:{line}: exceptions: is not a [[exceptions]] table; remove it with an editor"])
    kept = tuple(entry for number, entry in enumerate(layer.exceptions) if number not in positions)
    left = parse_layer(after, trust=Trust.ADMINISTRATOR, source=str(path), rules=KNOWN_RULES)
    if left != replace(layer, exceptions=kept):
        raise PolicyError([f"{path}: cannot be edited safely; remove the exception with an editor"])
    write_policy(path, before, after)
    print(f"Removed from {path}: {layer.exceptions[positions[0]].title}")
    return 0


def _key(rule: str, conditions: Mapping[str, str]) -> tuple[str | None, ...]:
    url = conditions.get("url")
    if url is not None:
        try:
            url = str(parse_location(split_vcs(url)[1]))
        except InvalidURL as error:
            raise UsageError(f"--url: {error}", hint=EXAMPLE) from None
    return rule, conditions.get("project"), conditions.get("version"), conditions.get("hash"), url


def _key_of(entry: PolicyException) -> tuple[str | None, ...]:
    version = None if entry.version is None else entry.version.replace(" ", "")
    return entry.rule, entry.project, version, entry.hash, None if entry.url is None else str(entry.url)
