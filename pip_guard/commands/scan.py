"""Judge installed distributions by the same rules as wheels that pip is about to install."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING

from pip_guard.commands.assembly import effective_policy
from pip_guard.distributions.installed.inspect import Inspection, Installed, inspect_library_folder, origin_of
from pip_guard.distributions.installed.libraries import (
    LibraryFolder,
    library_folders_below,
    running_library_folders,
)
from pip_guard.engine.evaluate import evaluate, exit_code
from pip_guard.engine.messages import name_some
from pip_guard.engine.rule import AnyRule
from pip_guard.environment.clock import in_local_time
from pip_guard.errors import UsageError
from pip_guard.facts.origin import Facts
from pip_guard.facts.resolution import AdvisoryFacts
from pip_guard.facts.violation import Severity
from pip_guard.guard_actions import GuardRequest
from pip_guard.options import OwnOptions
from pip_guard.policy.model import ADVISORY_RULES
from pip_guard.report.scan import Scan
from pip_guard.rules import ALL_RULES

if TYPE_CHECKING:
    from pip_guard.advisories.interface import AdvisorySource, Transport
    from pip_guard.policy.model import Policy

EXAMPLE = "Example: pip-guard guard scan --path DIR --format json"
_MOST_THREADS = 8
# Names to list before the rest is counted.
_NAMED = 5
_SITE_CONFIGURATIONS = ("pip.conf", "pip.ini")


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
    return exit_code(found.verdict) or 0


def _make_source(policy: Policy) -> AdvisorySource:
    from pip_guard.advisories.source import make_source

    return make_source(policy.advisories, _make_transport)


def _make_transport() -> Transport:
    from pip_guard.pip_adapter.commands.advisory_transport import make_transport

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


def scan(
    places: Sequence[LibraryFolder],
    policy: Policy,
    rules: Sequence[AnyRule],
    today: date,
    make_source: Callable[[], AdvisorySource],
) -> Scan:
    """Inspect and judge all that is installed in these places; `make_source` is called only if advisories are needed."""
    with ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1)) as pool:
        inspections = [inspect_library_folder(place, pool) for place in places]
    installed = tuple(each for inspection in inspections for each in inspection.installed)
    known = tuple(_ask(installed, policy, make_source))
    facts = [*(fact for inspection in inspections for fact in inspection.facts), *known]
    return Scan(
        places=tuple(places),
        installed=installed,
        advisories=tuple(fact for fact in known if isinstance(fact, AdvisoryFacts)),
        verdict=evaluate(facts, policy, rules, today),
        notes=tuple(note for inspection in inspections for note in _notes(inspection)),
    )


def _ask(installed: Iterable[Installed], policy: Policy, make_source: Callable[[], AdvisorySource]) -> Iterator[Facts]:
    """Query advisories about all releases, except those whose names are private."""
    if all(policy.severity(rule, Severity.ERROR) is Severity.OFF for rule in ADVISORY_RULES):
        return
    from pip_guard.advisories.query import AdvisoryQuery, QueriedRelease

    subjects = [
        QueriedRelease(
            project=each.distribution.project, version=each.distribution.version, origin=origin_of(each.place)
        )
        for each in installed
        if each.is_published and not _is_private(each.distribution.project, policy)
    ]
    if subjects:
        query = AdvisoryQuery(subjects, make_source())
        query.start()
        yield from query.collect()


def _is_private(project: str, policy: Policy) -> bool:
    """Tell whether the policy pins a project to an index whose projects are never looked up."""
    owner = policy.indexes.owner(project)
    return owner is not None and owner in policy.advisories.exempt_indexes


def _notes(inspection: Inspection) -> Iterator[str]:
    place, library = inspection.place, inspection.place.library
    managed = [each for each in inspection.installed if place.is_managed]
    if managed:
        yield (
            f"{library} belongs to the system's package manager, which can verify its {_count(managed)} (dpkg --verify);"
            " neither their files were compared, nor were advisories asked about them."
        )
    of_conda = [each for each in inspection.installed if each.distribution.is_of_conda]
    if of_conda:
        yield f"conda changes files as it installs, so the {_count(of_conda)} it brought to {library} cannot be verified."
    bare = [each for each in inspection.installed if each.distribution.rows is None and not place.is_managed]
    if bare:
        yield f"{_count(bare)} in {library} without RECORD cannot be verified: {name_some((each.distribution.project for each in bare), _NAMED)}."
    for name in _SITE_CONFIGURATIONS:
        path = os.path.join(place.prefix, name)
        if not place.is_target and os.path.lexists(path):
            yield f"pip obeys {path}, which is not judged here: pip-guard guard config shows what it says."


def _count(installed: Sequence[Installed]) -> str:
    return f"{len(installed)} distribution{'s' if len(installed) > 1 else ''}"
