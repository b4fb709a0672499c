"""Report which calls of pip on this machine are guarded, by what, and how to guard the others."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby

from pip_guard import __version__
from pip_guard.commands.assembly import KNOWN_RULES
from pip_guard.distributions.installed.self_check import Condition, Integrity, verify_own_files
from pip_guard.environment.authorities import find_distrusted, is_of_system, system_bundles
from pip_guard.errors import PolicyError, UsageError
from pip_guard.facts.command import Bundle
from pip_guard.frozen import frozen, replace
from pip_guard.guard_actions import GuardRequest
from pip_guard.integrations.integration import IntegrationState, read_user_context
from pip_guard.integrations.survey.entry_points import EntryPoint, EntryPointKind, EntryPointState
from pip_guard.integrations.survey.self_test import SelfTest, run_self_test
from pip_guard.integrations.survey.survey import Survey, take_survey
from pip_guard.options import OwnOptions
from pip_guard.pip_adapter.options.values import own_bundle
from pip_guard.pip_adapter.version import pip_version
from pip_guard.policy.files import load_policy
from pip_guard.policy.layers import Layer, Trust
from pip_guard.report.text import DOCS, clean
from pip_guard.urls.redaction import redact

SCHEMA = 2
OPEN = 1
# What pip-guard cannot guard anywhere.
LIMITS = (
    "programs that import pip themselves, where no start-up hook sees them",
    "python -S, and a PYTHONPATH that is set later and holds a sitecustomize",
    "copies of pip and interpreters in other places, and other installers",
)
_LABELS = {EntryPointState.OPEN: "OPEN", EntryPointState.UNKNOWN: "unknown", EntryPointState.GUARDED: "guarded"}
_BROKEN = frozenset({Condition.CHANGED, Condition.INCOMPLETE})
_UNVERIFIED = {
    Condition.EDITABLE: "installed as editable",
    Condition.UNVERIFIABLE: "installed without a RECORD",
    Condition.NOT_INSTALLED: "not installed where it runs from",
}
_CONFIGURATION = {"pip-config": "pip's configuration", "uv-config": "uv's configuration"}
# A project's file that says nothing about the policy.
_EMPTY = Layer(trust=Trust.PROJECT)
_ORDER = tuple(_LABELS)
_INDENT = " " * 9


@frozen
class Status:
    """The contents of the report."""

    survey: Survey
    self_test: SelfTest
    own_files: Integrity
    policy: tuple[str, ...]
    policy_problem: str | None
    bundles: tuple[Bundle, ...] = ()

    @property
    def guarded(self) -> bool:
        """Tell whether nothing is open, and pip-guard itself is in order."""
        return (
            self.survey.guarded
            and self.self_test.passed
            and self.own_files.condition is Condition.INTACT
            and self.policy_problem is None
        )


def run(arguments: Sequence[str], request: GuardRequest, own: OwnOptions) -> int:
    """Print what is guarded and what is not; return 0 if all that was asked for is guarded, else 1. Raises `UsageError`."""
    survey = take_survey(read_user_context(), os.getcwd(), arguments)
    if arguments:
        survey = _only(survey, arguments)
    policy, problem = _policy(own)
    options = () if own.policy is None else (f"--guard-policy={own.policy}",)
    status = Status(
        survey=survey,
        self_test=run_self_test(os.environ, *options),
        own_files=verify_own_files(),
        policy=policy,
        policy_problem=problem,
        bundles=tuple(find_distrusted((own_bundle(), *system_bundles()))),
    )
    if request.has("--json"):
        print(redact(json.dumps(_describe(status), indent=2)))
    else:
        print(clean("\n".join(_render(status))))
    return 0 if status.guarded else OPEN


def _only(survey: Survey, asked: Sequence[str]) -> Survey:
    """Return only what was asked for. Raises `UsageError` for what was not found."""
    chosen: dict[str, EntryPoint] = {}
    for name in asked:
        matching = [entry_point for entry_point in survey.entry_points if _matches(entry_point, name)]
        if not matching:
            raise UsageError(
                f"Nothing called {name} starts pip here.",
                hint="Name a command (pip), a shell (bash), or the path of a script, an interpreter or an environment.",
            )
        chosen.update({entry_point.key: entry_point for entry_point in matching})
    return replace(survey, entry_points=tuple(chosen.values()))


def _matches(entry_point: EntryPoint, name: str) -> bool:
    if name in (entry_point.key, entry_point.name):
        return True
    if (
        entry_point.path is None
        or entry_point.kind is EntryPointKind.COMMAND
        or os.sep not in name + os.sep * os.path.exists(name)
    ):
        return False
    path = os.path.abspath(name)
    return entry_point.path == path or entry_point.path.startswith(path + os.sep)


def _policy(own: OwnOptions) -> tuple[tuple[str, ...], str | None]:
    """Return the files of the policy in force, the nearest to the user last, and what is wrong with them."""
    try:
        merged = load_policy(own.policy, os.environ, KNOWN_RULES).merged
    except PolicyError as error:
        return (), error.message
    layers = () if merged is None else merged.layers
    files = (layer.source for layer in layers if layer != replace(_EMPTY, trust=layer.trust, source=layer.source))
    return tuple(files), None


def _describe(status: Status) -> dict[str, object]:
    survey, self_test, own_files = status.survey, status.self_test, status.own_files
    return {
        "schema": SCHEMA,
        "guarded": status.guarded,
        "entry_points": [
            {
                "key": entry_point.key,
                "kind": entry_point.kind.value,
                "name": entry_point.name,
                "path": entry_point.path,
                "state": entry_point.state.value,
                "reason": entry_point.reason,
                "remedy": entry_point.remedy,
            }
            for entry_point in survey.entry_points
        ],
        "fallback_settings": [
            {
                "integration": settings.integration,
                "place": settings.place,
                "set": settings.enabled,
                "problems": [list(problem) for problem in settings.problems],
            }
            for settings in survey.fallback_settings
        ],
        "uv": survey.uv,
        "pipx": survey.pipx,
        "self_test": {
            "passed": self_test.passed,
            "exit_code": self_test.exit_code,
            "rules": list(self_test.rules),
            "explanation": self_test.explanation,
        },
        "own_files": {"condition": own_files.condition.value, "problems": list(own_files.problems)},
        "policy": {"files": list(status.policy), "problem": status.policy_problem},
        "withdrawn_authorities": [
            {"bundle": bundle.path, "names": [authority.name for authority in bundle.distrusted]}
            for bundle in status.bundles
        ],
        "limits": list(LIMITS),
        "versions": {"pip-guard": __version__, "pip": pip_version(), "python": platform.python_version()},
    }


def _render(status: Status) -> Iterator[str]:
    yield f"pip-guard {__version__} with pip {pip_version()}, on Python {platform.python_version()} ({sys.prefix})"
    yield f"  self-test  {status.self_test.explanation}"
    yield f"  own files  {_own_files(status.own_files)}"
    yield f"  policy     {status.policy_problem or ', '.join(status.policy) or 'no file: the defaults'}"
    yield ""
    for (position, reason, remedy), group in groupby(sorted(status.survey.entry_points, key=_rank), key=_rank):
        label = _LABELS[_ORDER[position]]
        for entry_point in group:
            yield f"{label:8} {_name(entry_point)}"
            label = ""
        yield f"{_INDENT}  {reason}"
        if remedy:
            yield f"{_INDENT}  -> {remedy}"
    yield ""
    yield from _fallback(status.survey)
    yield from _authorities(status.bundles)
    yield "Never guarded:"
    yield from (f"  {limit}" for limit in LIMITS)
    yield ""
    states = [entry_point.state for entry_point in status.survey.entry_points]
    counted = ", ".join(f"{states.count(state)} {state.value}" for state in reversed(_ORDER))
    yield f"{'Guarded' if status.guarded else 'NOT guarded'}: {counted}."


def _rank(entry_point: EntryPoint) -> tuple[int, str, str]:
    return _ORDER.index(entry_point.state), entry_point.reason, entry_point.remedy or ""


def _name(entry_point: EntryPoint) -> str:
    match entry_point.kind:
        case EntryPointKind.COMMAND:
            return f"{entry_point.name} on PATH ({os.path.dirname(entry_point.path or '')})"
        case EntryPointKind.SHELL:
            return f"{entry_point.name} prompt"
        case EntryPointKind.MODULE:
            return f"{entry_point.name} -m pip"
        case EntryPointKind.SCRIPT:
            return entry_point.name


def _own_files(found: Integrity) -> str:
    if found.condition is Condition.INTACT:
        return f"{found.files}, all as they were installed"
    if found.condition in _BROKEN:
        return f"{found.condition.value.upper()}: {'; '.join(found.problems)}"
    return f"NOT VERIFIED: pip-guard is {_UNVERIFIED[found.condition]}"


def _fallback(survey: Survey) -> Iterator[str]:
    for settings in survey.fallback_settings:
        where = f"Fallback settings in {_CONFIGURATION[settings.integration]} ({settings.place})"
        yield f"{where}: {_condition(settings)}."
        if not settings.works:
            yield f"{_INDENT}-> pip-guard guard enable --{settings.integration}"
    if survey.uv is not None:
        yield f"uv ({survey.uv}) is not guarded by anything that guards pip."
    if survey.pipx is not None:
        yield f"pipx ({survey.pipx}) installs with uv where it finds one, and then there is no pip to guard."
        yield f"{_INDENT}-> export PIPX_DEFAULT_BACKEND=pip"


def _authorities(bundles: Sequence[Bundle]) -> Iterator[str]:
    for bundle in bundles:
        yield f"Withdrawn certificate authorities in {bundle.path}:"
        for authority in bundle.distrusted:
            yield f"  {authority.name}, on {authority.withdrawn} ({authority.source})"
        if is_of_system(bundle.path):
            yield f"{_INDENT}-> Update the system's certificates, or exclude these: {DOCS}/rules/distrusted-authority.html"
        else:
            yield f"{_INDENT}-> Update pip."


def _condition(settings: IntegrationState) -> str:
    return settings.problems[0][0] if settings.problems else "set" if settings.enabled else "not set"
