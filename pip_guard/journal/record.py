"""Build the records of the journal, whose format is published in docs/reference/journal.schema.json."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from enum import Enum

from pip_guard.engine.summary import CommandSummary, ExcusedFinding
from pip_guard.facts.resolution import ChosenFile
from pip_guard.frozen import frozen, replace
from pip_guard.journal.process import ProcessInfo
from pip_guard.policy.exceptions import PolicyException
from pip_guard.policy.model import Policy
from pip_guard.urls.location import Location
from pip_guard.urls.redaction import HIDDEN, redact

SCHEMA = 1
# NOTE: texts, which `re` compiles when they are first used: that takes longer than to write the record.
# An option or key whose value a build gets, up to the value, as pip lets options be abbreviated and joined.
_BUILD_OPTION = (
    r"-[A-Za-z]*?C(?!-)|--(?:conf|glo|build-o)[a-z-]*(?:=|(?=\Z))"
    r"|[\w-]+\.(?:config-settings|global-option|build-option)(?=\Z)"
)
# A value whose name says that it is secret, such as a build option.
_TELLING_VALUE = (
    r"(?is)(?P<name>(?:-C|--?[\w-]+=)?[\w.-]*"
    r"(?:token|secret|passw(?:or)?d|passphrase|(?:api|private)[_-]?key|credential|authorization)[\w.-]*=).+"
)
# A host with user and password that is not a URL, such as a proxy without a scheme.
_USERINFO = r"(?P<before>(?:--?[\w-]+=)?)(?P<user>[^\s/@:=]+):(?!//)[^\s@]+(?P<host>@[^\s@]+)"


class Event(Enum):
    """When a record was written: before the command changed anything, or at its end."""

    BEGIN = "begin"
    END = "end"


class Outcome(Enum):
    """The outcome of a command."""

    BEGUN = "begun"
    ALLOWED = "allowed"
    FAILED = "failed"
    WOULD_REFUSE = "would-have-refused"
    REFUSED = "refused"
    ERROR = "error"


@frozen
class PolicyFingerprint:
    """What a record says about the policy."""

    digest: str
    mode: str


def outcome_of(summary: CommandSummary, exit_code: int) -> Outcome:
    """Return the outcome of a command that has ended."""
    if summary.refused:
        return Outcome.REFUSED
    if summary.would_refuse:
        return Outcome.WOULD_REFUSE
    return Outcome.FAILED if exit_code else Outcome.ALLOWED


def build_record(
    summary: CommandSummary,
    *,
    event: Event,
    outcome: Outcome,
    identity: str,
    now: datetime,
    process_info: ProcessInfo,
    policy: PolicyFingerprint,
    exit_code: int | None = None,
    error: str | None = None,
) -> dict[str, object]:
    """Return a record; all records of a command share its `identity`."""
    return {
        "schema": SCHEMA,
        "event": event.value,
        "id": identity,
        "time": now.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "host": process_info.host,
        "user": process_info.user,
        "pid": process_info.pid,
        "cwd": process_info.cwd,
        "argv": hide_secrets(process_info.argv),
        "command": summary.command,
        "interpreter": process_info.interpreter,
        "environment": process_info.environment,
        "destination": summary.destination,
        "versions": {"pip_guard": process_info.guard, "pip": process_info.pip, "python": process_info.python},
        "policy": policy.digest,
        "mode": policy.mode,
        "verdict": outcome.value,
        "exit_code": exit_code,
        "error": error,
        "findings": [finding.describe() for finding in summary.findings],
        "exceptions": [_describe_excuse(excuse) for excuse in summary.excused],
        "enforced": list(summary.enforced),
        "held_back": [release.describe() for release in summary.held_back],
        "files": [_describe_file(file) for file in summary.files],
    }


def render(record: Mapping[str, object]) -> bytes:
    """Return a record as one line of ASCII, without credentials."""
    return redact(json.dumps(_clean(record))).encode("ascii") + b"\n"


def mark(policy: Policy) -> PolicyFingerprint:
    """Return the fingerprint of a policy, independent of ``--guard-allow`` and of the files that it comes from."""
    indexes = policy.indexes
    # NOTE: there may be thousands of these; the repr of plain tuples takes a tenth of the time.
    content = (
        [_entry(exception) for exception in policy.exceptions if not exception.once],
        [_entry(exception) for exception in policy.ineffective],
        [_pins(pins) for pins in (indexes.projects, *indexes.restrictions)],
        replace(
            policy,
            exceptions=(),
            ineffective=(),
            path=None,
            passed_over=(),
            indexes=replace(indexes, projects={}, restrictions=()),
        ),
    )
    return PolicyFingerprint(
        digest=f"sha256:{hashlib.sha256(repr(content).encode()).hexdigest()}", mode=str(policy.mode.value)
    )


def _entry(exception: PolicyException) -> tuple[object, ...]:
    return (
        *(exception.rule, exception.project, exception.version, exception.hash, exception.reason),
        exception.url and str(exception.url),
        exception.expires and exception.expires.isoformat(),
    )


def _pins(pins: Mapping[str, Location]) -> list[tuple[str, str]]:
    places = {id(place): str(place) for place in {id(place): place for place in pins.values()}.values()}
    return [(name, places[id(place)]) for name, place in pins.items()]


def hide_secrets(argv: Sequence[str]) -> list[str]:
    """Hide the secrets in arguments that are not URLs; every value of a build option may be one."""
    hidden: list[str] = []
    for argument in argv:
        previous = hidden[-1] if hidden else ""
        if re.fullmatch(_BUILD_OPTION, previous):
            hidden.append(_hide_build_value(argument))
        elif _takes_host(previous) and "@" in argument:
            hidden.append(_hide_user(argument))
        else:
            hidden.append(_hide_secret(argument))
    return hidden


def _hide_secret(argument: str) -> str:
    if argument.startswith("-") and (match := re.match(_BUILD_OPTION, argument)):
        return f"{match[0]}{_hide_build_value(argument[match.end() :])}"
    if argument.startswith("--tru") and "@" in argument:
        option, equals, host = argument.partition("=")
        return f"{option}{equals}{_hide_user(host)}"
    if "=" in argument and (match := re.fullmatch(_TELLING_VALUE, argument)):
        return f"{match['name']}{HIDDEN}"
    if "@" in argument and (match := re.fullmatch(_USERINFO, argument)):
        return f"{match['before']}{match['user']}:{HIDDEN}{match['host']}"
    return argument


def _hide_build_value(value: str) -> str:
    """Hide a value except for the name of the setting in it, if there is one."""
    name, equals, secret = value.partition("=")
    return f"{name}={HIDDEN}" if equals and secret else HIDDEN if value and not equals else value


def _hide_user(host: str) -> str:
    userinfo, _, rest = host.rpartition("@")
    return f"{userinfo.partition(':')[0]}:{HIDDEN}@{rest}" if ":" in userinfo else f"{HIDDEN}@{rest}"


def _takes_host(option: str) -> bool:
    """Tell whether the next argument is a host: after the option, or the key of ``pip config set``."""
    return "=" not in option and (option.startswith("--tru") or option.endswith(".trusted-host"))


def _describe_excuse(excuse: ExcusedFinding) -> dict[str, object]:
    exception = excuse.exception
    return {
        **excuse.finding.describe(),
        "entry": {
            "rule": exception.rule,
            "project": exception.project,
            "version": exception.version,
            "hash": exception.hash,
            "reason": exception.reason,
            "expires": None if exception.expires is None else exception.expires.isoformat(),
            "once": exception.once,
        },
    }


def _describe_file(file: ChosenFile) -> dict[str, object]:
    return {
        "project": file.project,
        "version": file.version,
        "filename": file.filename,
        "url": file.url,
        "hashes": sorted(file.hashes),
        "size": file.size,
        "for_build": file.for_build,
    }


def _clean(value: object) -> object:
    """Escape what is not valid text: JSON cannot express every argument or path."""
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case list():
            return [_clean(item) for item in value]
        case Mapping():
            return {key: _clean(item) for key, item in value.items()}
        case _:
            return value
