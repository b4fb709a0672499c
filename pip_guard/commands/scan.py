"""Judge what is installed already, by the same rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from pip_guard.actions import GuardRequest
from pip_guard.commands.assembly import effective_policy
from pip_guard.commands.scanning import Scan, scan
from pip_guard.distributions.installed.libraries import library_folders_below, running_library_folders
from pip_guard.engine.evaluate import INTERNAL_ERROR
from pip_guard.environment.clock import in_local_time
from pip_guard.errors import ExitCode, UsageError
from pip_guard.options import OwnOptions
from pip_guard.rules import ALL_RULES

if TYPE_CHECKING:
    from pip_guard.advisories.interface import AdvisorySource, Transport
    from pip_guard.policy.model import Policy

EXAMPLE = "Like this: pip-guard guard scan --path DIR --format json"


def run(arguments: Sequence[str], request: GuardRequest, own: OwnOptions) -> int:
    """Print what was found, and return the exit code. Raises `PolicyError` and `UsageError`."""
    if arguments:
        raise UsageError("scan takes no arguments.", hint=EXAMPLE)
    form = request.text("--format") or ("json" if request.has("--json") else "text")
    path = request.text("--path")
    places = running_library_folders() if path is None else library_folders_below(path)
    policy = effective_policy(own)
    now = datetime.now(timezone.utc)
    found = scan(places, policy, ALL_RULES, in_local_time(now).date(), lambda: _make_source(policy))
    print(_render(found, form, now), end="")
    return _exit_code(found)


def _make_source(policy: Policy) -> AdvisorySource:
    from pip_guard.advisories.source import make_source

    return make_source(policy.advisories, _make_transport)


def _make_transport() -> Transport:
    from pip_guard.pip_adapter.network.advisory_transport import make_transport

    return make_transport()


def _render(found: Scan, form: str, now: datetime) -> str:
    match form:
        case "json":
            from pip_guard.report.scan_json import render_json

            return render_json(found)
        case "sarif":
            from pip_guard.report.sarif import render_sarif

            return render_sarif(found, ALL_RULES)
        case "cyclonedx":
            from pip_guard.report.cyclonedx import render_cyclonedx

            return render_cyclonedx(found, now)
        case _:
            from pip_guard.report.scan_text import render_text
            from pip_guard.report.stream import wants_colour

            return render_text(found, colour=wants_colour("stdout"))


def _exit_code(found: Scan) -> int:
    if not found.verdict.refused:
        return 0
    failed = any(finding.rule == INTERNAL_ERROR for finding in found.verdict.findings)
    return ExitCode.INTERNAL if failed else ExitCode.REFUSED
