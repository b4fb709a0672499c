"""Parse the text of a policy file into the layer that it sets, or into all problems with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from pip_guard.errors import PolicyError
from pip_guard.frozen import frozen, replace
from pip_guard.names.normalize import normalize_name
from pip_guard.policy.exceptions import EXACT_RULES, PolicyException
from pip_guard.policy.keys import KEYS, SEVERITY, UNAVAILABLE, AnyKey
from pip_guard.policy.known_rules import KnownRules
from pip_guard.policy.layers import Layer, Trust, merge
from pip_guard.policy.model import Policy
from pip_guard.policy.profiles import Profile
from pip_guard.policy.table import Problem, Table
from pip_guard.policy.toml import TOMLError, parse_toml
from pip_guard.policy.value_types import read_location
from pip_guard.urls.location import Location, parse_index, parse_location, split_vcs

if TYPE_CHECKING:
    from pip_guard.policy.toml_lines import KeyPath

TABLE_OF_PROJECT = ("tool", "pip-guard")
# The number of hexadecimal digits of each hash that pip considers strong.
HASHES = {"sha256": 64, "sha384": 96, "sha512": 128}
NO_EXCEPTIONS = "a project can only tighten; exceptions belong in your own policy (pip-guard guard allow)"
_POSITION = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
# The conditions that no violation of a project-independent rule can meet.
_CONDITIONS = ("project", "version", "hash", "url")
_PUBLISHER = re.compile(r"github:[^\s/:]+/[^\s/:]+|gitlab:[^\s:]+/[^\s/:]+|google:[^\s/:]+")
_DIGITS = re.compile(r"[0-9a-f]+")
# Version specifiers that are certainly valid, so that packaging need not be loaded to check them.
_PLAIN_VERSION = re.compile(r"\s*(==|>=|<=|<|>|!=)\s*\d+(\.\d+)*\s*")


@frozen
class Defect:
    """One problem of a file, with its line."""

    source: str
    line: int | None
    key: str
    message: str

    def __str__(self) -> str:
        place = self.source if self.line is None else f"{self.source}:{self.line}"
        return f"{place}: {f'{self.key}: ' if self.key else ''}{self.message}"


class PolicyTextError(PolicyError):
    """Report all problems with the text of a policy file."""

    def __init__(self, defects: Iterable[Defect]) -> None:
        self.defects = tuple(sorted(defects, key=lambda defect: defect.line or 0))
        super().__init__(str(defect) for defect in self.defects)


def parse_layer(text: str, *, trust: Trust, source: str, rules: KnownRules) -> Layer:
    """Parse the text of a policy file. Raises `PolicyTextError` with all problems at once."""
    content = _parse_toml(text, source)
    problems: list[Problem] = []
    root = Table(content, problems=problems)
    if trust is Trust.PROJECT:
        root = _project_table(content, problems)
    lines = cache(lambda: _lines_below(text, root.path))
    layer = replace(_read_layer(root, trust, source, rules), lines=lines)
    root.finish()
    if problems:
        raise PolicyTextError(_locate(problem, lines(), source, len(root.path)) for problem in problems)
    return layer


def parse_policy(text: str, *, source: str, rules: KnownRules) -> Policy:
    """Parse the text of a file that is the only one in force. Raises `PolicyTextError` with all problems at once."""
    return merge([parse_layer(text, trust=Trust.USER, source=source, rules=rules)], {}).policy


def _parse_toml(text: str, source: str) -> Mapping[str, object]:
    try:
        return parse_toml(text)
    except RecursionError:
        raise PolicyTextError([Defect(source=source, line=None, key="", message="is nested too deep")]) from None
    except TOMLError as error:
        raise PolicyTextError([_syntax_defect(text, str(error), source)]) from None
    except ValueError:  # https://docs.python.org/3/library/stdtypes.html#int-max-str-digits
        message = "has a number with too many digits"
        raise PolicyTextError([Defect(source=source, line=None, key="", message=message)]) from None


def _project_table(content: Mapping[str, object], problems: list[Problem]) -> Table:
    """Return the table of pyproject.toml that is ours; the others are not looked at."""
    tools = content.get("tool")
    own = tools.get("pip-guard", {}) if isinstance(tools, dict) else {}
    if isinstance(own, dict):
        return Table(own, problems=problems, path=TABLE_OF_PROJECT)
    problems.append(Problem(path=TABLE_OF_PROJECT, message="must be a table"))
    return Table({}, problems=problems, path=TABLE_OF_PROJECT)


def _syntax_defect(text: str, message: str, source: str) -> Defect:
    """Split the line from the parser's message, and name the key where one is given twice."""
    match = _POSITION.search(message)
    line = int((match and match[1]) or len(text.splitlines()) or 1)
    message = _POSITION.sub("", message)
    if message == "Cannot overwrite a value":
        key = text.split("\n")[line - 1].partition("=")[0].strip()
        return Defect(source=source, line=line, key=key, message="is given twice")
    return Defect(source=source, line=line, key="", message=message)


def _lines_below(text: str, path: KeyPath) -> Mapping[KeyPath, int]:
    from pip_guard.policy.toml_lines import find_lines

    return {key[len(path) :]: line for key, line in find_lines(text).items() if key[: len(path)] == path}


def _locate(problem: Problem, lines: Mapping[KeyPath, int], source: str, depth: int) -> Defect:
    """Add the line to a problem: that of its key, or of the nearest enclosing table if the key is missing."""
    path = problem.path[depth:]
    found = (lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in lines)
    return Defect(source=source, line=next(found, None), key=problem.key, message=problem.message)


def _read_layer(root: Table, trust: Trust, source: str, rules: KnownRules) -> Layer:
    profile = root.choice("profile", Profile)
    locked = root.value("locked", bool, "true or false")
    if locked is not None and trust is not Trust.ADMINISTRATOR:
        root.problem("locked", "only the administrator's file can lock")
    values = {name: value for name, key in KEYS.items() if (value := _read_value(root, key)) is not None}
    rule_table = root.table("rules")
    severities = {rule: SEVERITY.read(rule_table, rule) for rule in rule_table.known_keys(rules.ids, "rule")}
    exceptions = root.tables("exceptions")
    if exceptions and trust is Trust.PROJECT:
        root.problem("exceptions", NO_EXCEPTIONS)
    return Layer(
        trust=trust,
        source=source,
        profile=profile,
        locked=bool(locked),
        values=values,
        severities={rule: severity for rule, severity in severities.items() if severity is not None},
        index_pins=_read_index_pins(root.table("indexes").table("projects")),
        publishers=_read_publishers(root.table("publishers")),
        exceptions=tuple(_read_exception(table, source, rules) for table in exceptions),
    )


def _read_value(root: Table, key: AnyKey) -> object:
    *tables, name = key.path
    table = root
    for part in tables:
        table = table.table(part)
    value: object = key.kind.read(table, name)
    return value


def _read_index_pins(table: Table) -> Mapping[str, Location]:
    pins = {}
    known: dict[str, Location] = {}
    for pattern in table.names():
        url = table.string(pattern)
        if url is None or not url.strip():
            continue
        location = known.get(url) or read_location(table, pattern, url, parse_index)
        if location is not None:
            pins[normalize_name(pattern)] = known[url] = location
    return pins


def _read_publishers(table: Table) -> Mapping[str, str]:
    publishers = {}
    for pattern in table.names():
        if pattern == UNAVAILABLE:
            continue
        publisher = (table.string(pattern) or "").lower()
        if _PUBLISHER.fullmatch(publisher):
            publishers[normalize_name(pattern)] = publisher
        elif publisher.strip():
            table.problem(
                pattern,
                'must be a publisher such as "github:owner/repository", "gitlab:group/project" or "google:email"',
            )
    return publishers


def _read_exception(table: Table, source: str, rules: KnownRules) -> PolicyException:
    rule = table.string("rule", required=True) or ""
    if rule.strip():
        table.check_known("rule", rule, rules.ids, "rule")
    project = table.string("project")
    version = table.string("version")
    if version is not None and version.strip():
        _check_specifier(table, version)
    hash_ = table.string("hash")
    if hash_ is not None and hash_.strip():
        _check_hash(table, hash_)
    url = table.string("url")
    exception = PolicyException(
        rule=rule,
        project=None if project is None else normalize_name(project),
        reason=table.string("reason", required=True) or "",
        version=version,
        hash=hash_,
        url=None if url is None or not url.strip() else _read_url(table, url),
        expires=table.value("expires", date, "a date such as 2027-01-31"),
        source=source,
    )
    for condition in _CONDITIONS if rule in rules.project_independent else ():
        if getattr(exception, condition) is not None:
            table.problem(
                condition,
                f"{rule} is about no project, so that this exception would excuse nothing;"
                f' leave this key out, or set the severity of the rule: [rules] {rule} = "warning"',
            )
    if rule in EXACT_RULES and not exception.is_exact:
        table.problem(
            "rule", f'{rule} can only be excused for one exact file: a project, a version such as "==1.2.3" and a hash'
        )
    return exception


def _check_specifier(table: Table, version: str) -> None:
    if _PLAIN_VERSION.fullmatch(version):
        return
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        SpecifierSet(version)
    except InvalidSpecifier:
        table.problem("version", f'must be a version specifier such as "==1.2.3", not "{version}"')


def _check_hash(table: Table, text: str) -> None:
    algorithm, _, digest = text.partition(":")
    if len(digest) != HASHES.get(algorithm) or not _DIGITS.fullmatch(digest):
        table.problem(
            "hash", f'must be "sha256:" and the 64 hexadecimal digits, or that of {" or ".join(list(HASHES)[1:])}'
        )


def _read_url(table: Table, url: str) -> Location | None:
    return read_location(table, "url", split_vcs(url)[1], parse_location)
