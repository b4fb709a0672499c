"""Say which doors of this machine are guarded, by what, and how to close the others."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from pip_guard.actions import GuardRequest
from pip_guard.commands.assembly import KNOWN_RULES
from pip_guard.distributions.installed.self_check import OWN_DISTRIBUTION, Condition, Integrity, verify_distribution
from pip_guard.errors import PolicyError, UsageError
from pip_guard.frozen import frozen, replace
from pip_guard.integrations.integration import IntegrationState, read_user_context
from pip_guard.integrations.survey.entry_points import EntryPoint, EntryPointKind, EntryPointState
from pip_guard.integrations.survey.self_test import SelfTest, run_self_test
from pip_guard.integrations.survey.survey import Survey, take_survey
from pip_guard.options import OwnOptions
from pip_guard.pip_adapter.version import pip_version
from pip_guard.policy.files import load_policy
from pip_guard.policy.layers import Layer, Trust
from pip_guard.report.text import clean
from pip_guard.urls.redaction import redact

SCHEMA = 1
OPEN = 1
# What nothing here can guard, so that nobody believes otherwise.
LIMITS = (
    "programs that import pip themselves, where no start-up hook sees them",
    "python -S, and a PYTHONPATH that is set later and holds a sitecustomize",
    "a copy of pip that lies elsewhere, interpreters that lie elsewhere, and other installers",
)
_LABELS = {EntryPointState.OPEN: "OPEN", EntryPointState.UNKNOWN: "unknown", EntryPointState.GUARDED: "guarded"}
_BROKEN = frozenset({Condition.CHANGED, Condition.INCOMPLETE})
# A project's file that says nothing of policy.
_EMPTY = Layer(trust=Trust.PROJECT)
_ORDER = tuple(_LABELS)
_INDENT = " " * 9


@frozen
class Status:
    """Everything that is to be said."""

    survey: Survey
    self_test: SelfTest
    own_files: Integrity
    policy: tuple[str, ...]
    policy_problem: str | None

    @property
    def guarded(self) -> bool:
        """Tell whether nothing is open, and pip-guard is what it should be."""
        return (
            self.survey.guarded
            and self.self_test.passed
            and self.own_files.condition not in _BROKEN
            and self.policy_problem is None
        )


def run(arguments: Sequence[str], request: GuardRequest, own: OwnOptions) -> int:
    """Print what is guarded and what is not; return 0 if all that was asked about is guarded, else 1. Raises `UsageError`."""
    survey = take_survey(read_user_context(), os.getcwd(), arguments)
    if arguments:
        survey = _about(survey, arguments)
    policy, problem = _policy(own)
    options = () if own.policy is None else (f"--guard-policy={own.policy}",)
    status = Status(
        survey=survey,
        self_test=run_self_test(os.environ, *options),
        own_files=verify_distribution(),
        policy=policy,
        policy_problem=problem,
    )
    if request.has("--json"):
        print(redact(json.dumps(_describe(status), indent=2)))
    else:
        print(clean("\n".join(_render(status))))
    return 0 if status.guarded else OPEN


def _about(survey: Survey, asked: Sequence[str]) -> Survey:
    """Leave out what was not asked about. Raises `UsageError` for what is no door here."""
    chosen: dict[str, EntryPoint] = {}
    for name in asked:
        fitting = [entry_point for entry_point in survey.entry_points if _fits(entry_point, name)]
        if not fitting:
            raise UsageError(
                f"There is no door {name} here.",
                hint="Name a command (pip), a shell (bash), or the path of a script, an interpreter or an environment.",
            )
        chosen.update({entry_point.key: entry_point for entry_point in fitting})
    return Survey(entry_points=tuple(chosen.values()), fallback_settings=survey.fallback_settings, uv=survey.uv)


def _fits(entry_point: EntryPoint, name: str) -> bool:
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
    """Return the files that the policy in force comes from, the nearest to the user last, and what is wrong with them."""
    try:
        merged = load_policy(own.policy, os.environ, KNOWN_RULES).merged
    except PolicyError as error:
        return (), error.message
    layers = () if merged is None else merged.layers
    return tuple(
        layer.source for layer in layers if layer != replace(_EMPTY, trust=layer.trust, source=layer.source)
    ), None


def _version() -> str:
    try:
        return importlib.metadata.version(OWN_DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return "(version unknown)"


def _describe(status: Status) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "guarded": status.guarded,
        "doors": [
            {
                "door": entry_point.key,
                "kind": entry_point.kind.value,
                "name": entry_point.name,
                "path": entry_point.path,
                "state": entry_point.state.value,
                "reason": entry_point.reason,
                "remedy": entry_point.remedy,
            }
            for entry_point in status.survey.entry_points
        ],
        "floors": [
            {
                "floor": floor.integration,
                "place": floor.place,
                "set": floor.enabled,
                "problems": [list(p) for p in floor.problems],
            }
            for floor in status.survey.fallback_settings
        ],
        "uv": status.survey.uv,
        "rehearsal": {
            "passed": status.self_test.passed,
            "exit_code": status.self_test.exit_code,
            "rules": list(status.self_test.rules),
            "explanation": status.self_test.explanation,
        },
        "own_files": {
            "condition": status.own_files.condition.value,
            "problems": list(status.own_files.problems),
        },
        "policy": {"files": list(status.policy), "problem": status.policy_problem},
        "limits": list(LIMITS),
        "versions": {"pip-guard": _version(), "pip": pip_version(), "python": platform.python_version()},
    }


def _render(status: Status) -> Iterator[str]:
    yield f"pip-guard {_version()} with pip {pip_version()}, on Python {platform.python_version()} ({sys.prefix})"
    yield f"  self-test  {status.self_test.explanation}"
    yield f"  own files  {_own_files(status.own_files)}"
    yield f"  policy     {status.policy_problem or ', '.join(status.policy) or 'no file: the defaults'}"
    yield ""
    entry_points = sorted(status.survey.entry_points, key=_rank)
    for (state, reason, remedy), group in groupby(entry_points, key=_rank_key):
        yield f"{_LABELS[state]:8} {_names(group)}"
        yield f"{_INDENT}{reason}"
        if remedy is not None:
            yield f"{_INDENT}-> {remedy}"
    yield ""
    yield from _floors(status.survey.fallback_settings, status.survey.uv)
    yield "Guarded by nothing here: " + "; ".join(LIMITS) + "."
    yield ""
    yield _sum(status)


def _rank(entry_point: EntryPoint) -> tuple[int, str, str]:
    return _ORDER.index(entry_point.state), entry_point.reason, entry_point.remedy or ""


def _rank_key(entry_point: EntryPoint) -> tuple[EntryPointState, str, str | None]:
    return entry_point.state, entry_point.reason, entry_point.remedy


def _names(group: Iterable[EntryPoint]) -> str:
    """Name doors; those of one folder together."""
    names: dict[tuple[str, str], list[str]] = {}
    for entry_point in group:
        before, name, behind = _name(entry_point)
        names.setdefault((before, behind), []).append(name)
    return ", ".join(
        before + (f"{{{','.join(together)}}}" if len(together) > 1 else together[0]) + behind
        for (before, behind), together in names.items()
    )


def _name(entry_point: EntryPoint) -> tuple[str, str, str]:
    """Return the name of a door, between what it has in common with others."""
    match entry_point.kind:
        case EntryPointKind.COMMAND:
            return "", entry_point.name, f" on PATH ({os.path.dirname(entry_point.path or '')})"
        case EntryPointKind.SHELL:
            return f"typed into {entry_point.name}", "", ""
        case EntryPointKind.MODULE:
            return f"{entry_point.name} -m pip", "", ""
        case EntryPointKind.SCRIPT:
            folder, separator, name = entry_point.name.rpartition("/")
            return f"{folder}{separator}", name, ""


def _own_files(found: Integrity) -> str:
    if found.condition is Condition.INTACT:
        return f"{found.files}, all as they were installed"
    if found.condition in _BROKEN:
        return f"{found.condition.value.upper()}: {'; '.join(found.problems)}"
    return f"not verified, because pip-guard is {found.condition.value} here"


def _floors(fallback_settings: Iterable[IntegrationState], uv: str | None) -> Iterator[str]:
    for floor in fallback_settings:
        name = {"pip-config": "pip's own configuration", "uv-config": "uv's configuration"}.get(
            floor.integration, floor.integration
        )
        state = "is set" if floor.works else "is not set" if not floor.enabled else floor.problems[0][0]
        yield f"Floor under what is open, in {name} ({floor.place}): {state}."
        if not floor.works:
            yield f"{_INDENT}-> pip-guard guard enable --{floor.integration}"
    if uv is not None:
        yield f"uv is installed ({uv}): nothing that guards pip guards it."


def _sum(status: Status) -> str:
    states = [entry_point.state for entry_point in status.survey.entry_points]
    counted = ", ".join(f"{states.count(state)} {state.value}" for state in reversed(_ORDER))
    verdict = "Guarded" if status.guarded else "NOT guarded"
    return f"{verdict}: {counted}."
