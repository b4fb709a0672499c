"""Show the versions of pip-guard, pip and Python, and the policy files in force."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence

from pip_guard import __version__
from pip_guard.commands.assembly import KNOWN_RULES
from pip_guard.errors import UsageError
from pip_guard.guard_actions import GuardRequest
from pip_guard.options import OwnOptions
from pip_guard.pip_adapter.version import pip_version
from pip_guard.policy.files import load_policy
from pip_guard.report.text import clean

SCHEMA = 1


def run(arguments: Sequence[str], request: GuardRequest, own: OwnOptions) -> int:
    """Print the versions and the policy files. Raises `UsageError`, and `PolicyError` where a file cannot be used."""
    if arguments:
        raise UsageError("version takes no arguments.", hint="Example: pip-guard guard version --json")
    merged = load_policy(own.policy, os.environ, KNOWN_RULES).merged
    layers = () if merged is None else merged.layers
    python = platform.python_version()
    if request.has("--json"):
        policies = [{"trust": layer.trust.value, "path": layer.source, "locked": layer.locked} for layer in layers]
        versions = {"pip-guard": __version__, "pip": pip_version(), "python": python}
        print(
            json.dumps(
                {"schema": SCHEMA, "versions": versions, "interpreter": sys.executable, "policies": policies}, indent=2
            )
        )
        return 0
    print(f"pip-guard {__version__}\npip {pip_version()}\nPython {python} ({clean(sys.executable)})")
    for layer in layers:
        print(f"policy of the {layer.trust.value}: {clean(layer.source)}{' (locked)' if layer.locked else ''}")
    if not layers:
        print("no policy file: the defaults are in force")
    return 0
