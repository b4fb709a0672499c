"""Write a commented starting policy for a developer, a container or continuous integration."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from pip_guard.commands.allow import write_policy
from pip_guard.commands.assembly import KNOWN_RULES
from pip_guard.errors import UsageError
from pip_guard.guard_actions import GuardRequest
from pip_guard.options import OwnOptions
from pip_guard.policy.files import find_policy, user_policy_path
from pip_guard.policy.keys import KEYS, AnyKey
from pip_guard.policy.profiles import PROFILES, Profile
from pip_guard.report.text import DOCS

EXAMPLE = f"Example: pip-guard guard init {Profile.CI.value}"
_REFERENCE = f"{DOCS}/reference/policy.html"
_DOCS_LINK = re.compile(r"; see \[\]\(.*?\)")


def run(arguments: Sequence[str], request: GuardRequest, own: OwnOptions) -> int:
    """Write the user's policy file if there is none. Raises `UsageError` and `PolicyError`."""
    name = arguments[0] if arguments else Profile.DEVELOPER.value
    if len(arguments) > 1 or name not in [profile.value for profile in Profile]:
        raise UsageError(f"init takes one of {', '.join(profile.value for profile in Profile)}.", hint=EXAMPLE)
    path = find_policy(own.policy, os.environ) or user_policy_path()
    if os.path.lexists(path):
        raise UsageError(
            f"{path} exists and was not overwritten.", hint="pip-guard guard policy shows the effective policy."
        )
    write_policy(path, None, starting_policy(Profile(name)))
    print(f"Wrote {path}. pip-guard guard policy shows the effective policy.")
    return 0


def starting_policy(profile: Profile) -> str:
    """Return a policy that names a profile, with every key and rule in comments."""
    lines = [
        f"# Policy of pip-guard: {_REFERENCE}",
        "# Remove the # from what you want to change, with the [table] above it; the values shown are in force without it.",
        "# To check this file: pip-guard guard policy --check FILE",
        "",
        f"# {PROFILES[profile].about}",
        f"profile = {json.dumps(profile.value)}",
        "",
    ]
    keys = sorted(KEYS.values(), key=lambda key: len(key.path) > 1)
    for table, members in groupby(keys, key=lambda key: key.path[:-1]):
        lines += [f"# [{table[0]}]"] if table else []
        for key in members:
            lines += _key(key, profile)
        lines.append("")
    lines.append("# [rules]")
    severities = {**KNOWN_RULES.severities, **PROFILES[profile].severities}
    lines += [f"# {rule} = {json.dumps(severity.value)}" for rule, severity in severities.items()]
    lines += [
        "",
        "# Exceptions are added by: pip-guard guard allow RULE PROJECT --reason TEXT",
    ]
    return "\n".join(lines) + "\n"


def _key(key: AnyKey, profile: Profile) -> Iterator[str]:
    """Yield a key with its meaning; one that has no default is shown without a value."""
    yield f"# # {_DOCS_LINK.sub('', key.about).replace('`', '')}"
    value = PROFILES[profile].values.get(key.name, key.default)
    yield f"# {key.path[-1]} = {json.dumps(key.kind.plain(value)) if value is not None else '...'}"
