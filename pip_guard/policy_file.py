"""Find, read and validate policy files."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path

from pip_guard.errors import PolicyError, UsageError
from pip_guard.frozen import replace
from pip_guard.names import normalize_name
from pip_guard.pip_adapter.toml import TOMLError, parse_toml
from pip_guard.policy import (
    DEFAULT_FILE_HOSTS,
    DEFAULT_INDEXES,
    EXACT_RULES,
    Advisories,
    Allowance,
    Indexes,
    LocalFindLinks,
    LocalProjects,
    Policy,
    Releases,
)
from pip_guard.policy_reader import Table
from pip_guard.rule import Severity
from pip_guard.urls import InvalidURL, Location, parse_index, parse_location

VARIABLE = "PIP_GUARD_POLICY"
# ISO 8601, without the units whose length depends on the calendar; four digits keep it far from any overflow.
_DURATION = re.compile(
    r"P((?P<weeks>\d{1,4})W)?((?P<days>\d{1,4})D)?(T((?P<hours>\d{1,4})H)?((?P<minutes>\d{1,4})M)?)?"
)
FILE_NAME = "policy.toml"
# A policy of ten thousand entries stays far below this; what is larger is no policy.
LARGEST = 4 * 1024 * 1024


def user_policy_path() -> Path:
    """Return where the user's policy file is looked for."""
    import platformdirs

    return Path(platformdirs.user_config_dir("pip-guard", appauthor=False)) / FILE_NAME


def find_policy(named: str | None, environ: Mapping[str, str]) -> Path | None:
    """Return the policy file that is in force, or None where there is none.

    `named` is the value of ``--guard-policy``; it comes before the variable PIP_GUARD_POLICY, which comes before the user's
    own file. A file that is named need not be there, which is for the reader to say.
    """
    chosen = named or environ.get(VARIABLE)
    if chosen:
        return Path(chosen)
    path = user_policy_path()
    return path if os.path.lexists(path) else None


def load_policy(named: str | None, environ: Mapping[str, str], rules: Iterable[str]) -> Policy:
    """Read the policy file that is in force, or return the defaults where there is none. Raises `PolicyError`."""
    path = find_policy(named, environ)
    if path is None:
        return Policy()
    return parse_policy(read_policy_text(path), source=str(path), rules=rules)


def read_policy_text(path: Path) -> str:
    """Read a policy file, or say in one line why that cannot be done. Raises `PolicyError`."""
    try:
        if path.is_dir():
            raise PolicyError([f"{path}: is a folder, not a file"])
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise PolicyError([f"{path}: is larger than {LARGEST // 1024 // 1024} MiB"])
        return content.decode("utf-8")
    except OSError as error:
        raise PolicyError([f"{path}: {error.strerror or error}"]) from None
    except UnicodeDecodeError as error:
        raise PolicyError([f"{path}: is not UTF-8 (byte {error.start})"]) from None


def check_rule(rule: str, rules: Iterable[str]) -> str:
    """Return the id of a rule that ``--guard-allow`` names. Raises `UsageError`, and `PolicyError` for one it cannot name."""
    rules = tuple(rules)
    if rule not in rules:
        raise UsageError(f"--guard-allow={rule}: there is no such rule.", hint=f"The rules are {', '.join(rules)}.")
    if rule in EXACT_RULES:
        raise PolicyError(
            [f"--guard-allow={rule}: this rule is excused for one file only, which an option cannot say"],
            hint="If you are sure of the file, write an exception with project, version and hash into the policy.",
        )
    return rule


def parse_policy(text: str, *, source: str, rules: Iterable[str]) -> Policy:
    """Validate the text of a policy file; raises `PolicyError` with all problems at once."""
    try:
        content = parse_toml(text)
    except TOMLError as error:
        raise PolicyError([f"{source}: {error}"]) from None
    rules = tuple(rules)
    problems: list[str] = []
    root = Table(content, path="", source=source, problems=problems)
    policy = Policy(
        severities=_read_severities(root.table("rules"), rules),
        indexes=_read_indexes(root.table("indexes")),
        local_projects=root.table("sources").choice("local-projects", LocalProjects, LocalProjects.COMMAND_LINE),
        releases=_read_releases(root.table("releases")),
        advisories=_read_advisories(root.table("advisories")),
        allowances=tuple(_read_allowance(table, rules) for table in root.tables("exceptions")),
    )
    root.finish()
    if problems:
        raise PolicyError(problems)
    return policy


def _read_severities(table: Table, rules: tuple[str, ...]) -> Mapping[str, Severity]:
    return {rule: table.choice(rule, Severity, Severity.ERROR) for rule in table.known_keys(rules, "rule")}


def _read_indexes(table: Table) -> Indexes:
    return Indexes(
        approved=_read_locations(table, "approved", DEFAULT_INDEXES, parse_index),
        file_hosts=_read_locations(table, "file-hosts", DEFAULT_FILE_HOSTS, parse_location),
        local_find_links=table.choice("local-find-links", LocalFindLinks, LocalFindLinks.COMMAND_LINE),
        projects=_read_owners(table.table("projects")),
        proxies=_read_locations(table, "proxies", (), parse_location),
    )


def _read_releases(table: Table) -> Releases:
    return Releases(
        minimum_age=_read_duration(table, "minimum-age", Releases().minimum_age),
        exempt_indexes=_read_locations(table, "exempt-indexes", (), parse_index),
        unknown_age=table.choice("unknown-age", Severity, Severity.WARNING),
    )


def _read_advisories(table: Table) -> Advisories:
    unavailable = table.choice("unavailable", Severity, Severity.WARNING)
    if unavailable is Severity.OFF:
        table.problem("unavailable", 'must be error or warning; to ask nobody, set known-* to "off" in [rules]')
    return Advisories(
        source=_read_advisory_source(table) or Advisories().source,
        exempt_indexes=_read_locations(table, "exempt-indexes", (), parse_index),
        unavailable=unavailable,
    )


def _read_advisory_source(table: Table) -> Location | None:
    text = table.string("source")
    if text is None:
        return None
    source = _parse(table, "source", Path(text).as_uri() if os.path.isabs(text) else text, parse_index)
    if source is not None and source.scheme not in ("https", "file"):
        table.problem("source", "must be an https URL, a file URL or an absolute path")
    elif "@" in text.partition("://")[2].partition("/")[0]:
        table.problem("source", "must not hold a password; .netrc can")
    return source


def _read_duration(table: Table, key: str, default: timedelta) -> timedelta:
    text = table.string(key)
    if text is None:
        return default
    match = _DURATION.fullmatch(text)
    if match is None or not text[-1].isalpha() or text[-1] in "PT":
        table.problem(key, f'must be a duration such as "P3D" or "PT12H", not "{text}"')
        return default
    return timedelta(**{unit: int(value) for unit, value in match.groupdict().items() if value is not None})


def _read_owners(table: Table) -> Mapping[str, Location]:
    owners = {}
    for pattern in table.names():
        location = _parse(table, pattern, table.string(pattern) or "", parse_index)
        if location is not None:
            owners[normalize_name(pattern)] = location
    return owners


def _read_locations(
    table: Table, key: str, default: tuple[str, ...], parse: Callable[[str], Location]
) -> tuple[Location, ...]:
    found = [_parse(table, f"{key}[{number}]", url, parse) for number, url in enumerate(table.strings(key, default))]
    return tuple(location for location in found if location is not None)


def _parse(table: Table, key: str, url: str, parse: Callable[[str], Location]) -> Location | None:
    try:
        return parse(url)
    except InvalidURL as error:
        table.problem(key, str(error))
        return None


def _read_allowance(table: Table, rules: tuple[str, ...]) -> Allowance:
    rule = table.string("rule", required=True) or ""
    if rule:
        table.check_known("rule", rule, rules, "rule")
    project = table.string("project")
    version = table.string("version")
    if version is not None:
        _check_specifier(table, version)
    hash_ = table.string("hash")
    if hash_ is not None and not _is_hash(hash_):
        table.problem("hash", 'must be like "sha256:" followed by the hexadecimal digest')
    allowance = Allowance(rule=rule, project=None, reason=table.string("reason", required=True) or "")
    allowance = replace(
        allowance,
        project=None if project is None else normalize_name(project),
        version=version,
        hash=hash_,
        expires=table.value("expires", date, "a date such as 2027-01-31"),
    )
    if rule in EXACT_RULES and not allowance.is_exact:
        table.problem("rule", f'{rule} is excused for one file only: a project, a version such as "==1.2.3" and a hash')
    return allowance


def _check_specifier(table: Table, version: str) -> None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        SpecifierSet(version)
    except InvalidSpecifier:
        table.problem("version", f'must be a version specifier such as "==1.2.3", not "{version}"')


def _is_hash(text: str) -> bool:
    algorithm, _, digest = text.partition(":")
    return algorithm.isalnum() and len(digest) >= 32 and all(character in "0123456789abcdef" for character in digest)
