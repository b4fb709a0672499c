"""Show the journal: what was done, what was refused, and what exceptions allowed."""

from __future__ import annotations

import fnmatch
import os
import re
import shlex
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from itertools import chain

from pip_guard.commands.assembly import KNOWN_RULES, effective_policy
from pip_guard.engine.evaluate import INTERNAL_ERROR
from pip_guard.environment.clock import in_local_time
from pip_guard.errors import GuardError, UsageError
from pip_guard.guard_actions import GuardRequest
from pip_guard.journal.reader import Reading, Record, RecordedFinding, Tail
from pip_guard.journal.record import Outcome
from pip_guard.journal.writer import journal_path
from pip_guard.names.normalize import normalize_name
from pip_guard.options import OwnOptions
from pip_guard.report.stream import wants_colour
from pip_guard.report.text import clean

EXAMPLE = "Example: pip-guard guard log --since 7d --refused"
# Seconds between two reads of a file that is followed.
PAUSE = 0.25
_AGO = re.compile(r"(?P<number>\d{1,5})(?P<unit>[mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_COLOURS = {
    Outcome.REFUSED: "\x1b[1;31m",
    Outcome.ERROR: "\x1b[1;31m",
    Outcome.WOULD_REFUSE: "\x1b[1;33m",
    Outcome.FAILED: "\x1b[1;33m",
    Outcome.BEGUN: "\x1b[1;33m",
}
_RESET = "\x1b[0m"
_WORDS = {Outcome.BEGUN: "unended", Outcome.WOULD_REFUSE: "observed"}


def run(arguments: Sequence[str], request: GuardRequest, own: OwnOptions) -> int:
    """Print the journal, or other files of its format, and return 0. Raises `UsageError` and `GuardError`."""
    wanted = _read_filters(request)
    last = _read_count(request.text("-n"))
    follows = request.has("--follow")
    if follows and (arguments or request.has("--summary")):
        raise UsageError("--follow cannot be combined with files or --summary.", hint=EXAMPLE)
    show = _print_line if request.has("--json") else _print_text(names_host=bool(arguments))
    reading, tails = Reading(), _open(arguments, own)
    try:
        for tail in () if arguments else tails:  # of a file that is named, no others are read
            reading.add_older(tail.path)
        _read_new(reading, tails)
        records = [record for record in reading.records if wanted(record)]
        if request.has("--summary"):
            _print_summary(records)
        else:
            for record in records[max(len(records) - last, 0) :] if last is not None else records:
                show(record)
        while follows:
            sys.stdout.flush()
            time.sleep(PAUSE)
            for record in filter(wanted, _read_new(reading, tails)):
                show(record)
    except BrokenPipeError:
        # The reader has left; the interpreter would flush at exit, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise GuardError(
            f"The journal cannot be read: {error.filename}: {error.strerror}.", hint="Each user has their own journal."
        ) from None
    except KeyboardInterrupt:  # how users stop following
        pass
    else:
        _print_gaps(reading.unreadable + sum(tail.has_rest for tail in tails), reading.newer)
    finally:
        for tail in tails:
            tail.close()
    return 0


def _open(arguments: Sequence[str], own: OwnOptions) -> list[Tail]:
    """Open the given files, or the journal."""
    if missing := [path for path in arguments if not os.path.exists(path)]:
        raise UsageError(f"{missing[0]} does not exist.", hint=EXAMPLE)
    return [Tail(path) for path in arguments or [journal_path(effective_policy(own).journal)]]


def _read_new(reading: Reading, tails: Iterable[Tail]) -> list[Record]:
    return reading.add(chain.from_iterable(tail.new_lines() for tail in tails))


def _read_filters(request: GuardRequest) -> Callable[[Record], bool]:
    """Return a filter for records."""
    since = _read_time(request.text("--since"), datetime.now(timezone.utc))
    rule = request.text("--rule")
    if rule is not None and rule not in (known := (*KNOWN_RULES.ids, INTERNAL_ERROR)):
        raise UsageError(f"There is no rule {rule}.", hint=f"The rules are {', '.join(known)}.")
    project = request.text("--project")
    pattern = None if project is None else normalize_name(project)
    only_refused = request.has("--refused")

    def wanted(record: Record) -> bool:
        return (
            (since is None or record.time >= since)
            and (rule is None or any(finding.rule == rule for finding in (*record.findings, *record.excused)))
            and (pattern is None or any(fnmatch.fnmatchcase(name, pattern) for name in record.projects))
            and (not only_refused or record.refused)
        )

    return wanted


def _read_time(text: str | None, now: datetime) -> datetime | None:
    if text is None:
        return None
    if match := _AGO.fullmatch(text):
        return now - timedelta(**{_UNITS[match["unit"]]: int(match["number"])})
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise UsageError(
            f"{text!r} is not a valid time.",
            hint="Write 30m, 12h, 7d or 2w, or a time such as 2027-01-31 or 2027-01-31T12:00.",
        ) from None
    return in_local_time(moment)


def _read_count(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit():
        raise UsageError(f"-n takes a number, not {text!r}.", hint=EXAMPLE)
    return int(text)


def _print_line(record: Record) -> None:
    print(record.line)


def _print_text(*, names_host: bool) -> Callable[[Record], None]:
    colour = wants_colour("stdout")
    return lambda record: print("\n".join(_render(record, names_host=names_host, colour=colour)))


def _render(record: Record, *, names_host: bool, colour: bool) -> Iterator[str]:
    moment = record.time.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%SZ")
    word = f"{_WORDS.get(record.outcome, record.outcome.value):8}"
    if colour and record.outcome in _COLOURS:
        word = f"{_COLOURS[record.outcome]}{word}{_RESET}"
    code = "-" if record.exit_code is None else str(record.exit_code)
    who = f"{record.user}@{record.host}" if names_host else record.user
    yield f"{moment}  {word}  {code:>3}  {_one_line(who)}  {_one_line(shlex.join(['pip', *record.argv]))}"
    if record.error is not None:
        yield f"    {_one_line(record.error)}"
    for finding in record.findings:
        mark = (
            "would refuse: " if finding.would_refuse else "" if finding.severity == "error" else f"{finding.severity}: "
        )
        yield f"    {mark}{finding.rule}: {_one_line(finding.message)}"
    for finding in record.excused:
        how = "once, on the command line" if finding.once else f"by an exception ({_one_line(finding.reason)})"
        yield f"    allowed {how}: {finding.rule}{_release(finding)}"


def _release(finding: RecordedFinding) -> str:
    return "".join(f" {_one_line(part)}" for part in (finding.project, finding.version) if part)


def _one_line(text: str) -> str:
    return clean(" ".join(text.split()))


def _print_summary(records: Iterable[Record]) -> None:
    """Print how often each rule refused each release, most frequent first."""
    counts = Counter(
        f"{finding.rule}{_release(finding)}"
        for record in records
        for finding in record.findings
        if finding.severity == "error" or finding.would_refuse
    )
    for what, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        print(f"{count:6}  {what}")


def _print_gaps(unreadable: int, newer: int) -> None:
    if unreadable:
        print(
            f"{unreadable} line{'s' if unreadable > 1 else ''} of the journal cannot be read: "
            "the file was changed, or a command was killed while writing.",
            file=sys.stderr,
        )
    if newer:
        print(f"{newer} records were written by a newer pip-guard, and are not shown.", file=sys.stderr)
