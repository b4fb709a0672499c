"""Define the exceptions of a policy."""

from __future__ import annotations

import fnmatch
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from pip_guard.facts.violation import Violation
from pip_guard.frozen import frozen, uncompared
from pip_guard.names.normalize import PROJECT, normalize_name
from pip_guard.names.patterns import WILDCARD
from pip_guard.urls.compare import is_below
from pip_guard.urls.location import Location, split_vcs

if TYPE_CHECKING:
    from pip_guard.policy.known_rules import KnownRules

# The rules that excuse single files only: a name, a pattern or a range would also excuse the next malware.
EXACT_RULES = frozenset({"known-malicious"})
# The time before the last day of an exception in which pip-guard warns that it expires.
NOTICE = timedelta(days=14)
_EXACT_VERSION = re.compile(r"\s*===?\s*[^\s,*]+\s*")


@frozen
class PolicyException:
    """An entry of `[[exceptions]]`: excuses one rule for a project (a name or a pattern), for a reason.

    `version` is a PEP 440 specifier, `hash` is ``algorithm:hexdigest``, `url` is the URL that the subject must be below, and
    `expires` is the last day. `source` is the file of the entry; one that is valid only `once` comes from the command line.
    """

    rule: str
    project: str | None
    reason: str
    version: str | None = None
    hash: str | None = None
    url: Location | None = None
    expires: date | None = None
    once: bool = False
    source: str = uncompared(default="")

    def excuses(self, rule: str, violation: Violation, today: date) -> bool:
        """Tell whether this exception excuses a violation of `rule` today."""
        return self.has_not_expired(today) and self.fits(rule, violation)

    def fits(self, rule: str, violation: Violation) -> bool:
        """Tell whether this exception matches a violation of `rule`, expired or not."""
        if rule != self.rule or (rule in EXACT_RULES and not self.is_exact):
            return False
        return (
            self.names(violation.project)
            and self._covers(violation.version)
            and (self.hash is None or self.hash in violation.hashes)
            and (
                self.url is None
                or (violation.place is not None and is_below(split_vcs(violation.place)[1], (self.url,)))
            )
        )

    def has_not_expired(self, today: date) -> bool:
        """Tell whether the exception is still valid."""
        return self.expires is None or today <= self.expires

    def expires_soon(self, today: date) -> bool:
        """Tell whether the exception is still valid, but expires soon."""
        return self.expires is not None and today <= self.expires < today + NOTICE

    @property
    def is_exact(self) -> bool:
        """Tell whether the exception is for one file: a project by its name, one version, and a hash."""
        return (
            self.project is not None
            and not WILDCARD.search(self.project)
            and self.version is not None
            and _EXACT_VERSION.fullmatch(self.version) is not None
            and self.hash is not None
        )

    @property
    def title(self) -> str:
        """The rule and the conditions; exceptions with the same title excuse the same."""
        conditions = (self.version, self.hash, None if self.url is None else str(self.url))
        return " ".join([self.rule, self.project or "*", *(condition for condition in conditions if condition)])

    def names(self, project: str | None) -> bool:
        """Tell whether the exception is for a (normalised) project."""
        if self.project is None:
            return True
        return project is not None and fnmatch.fnmatchcase(project, self.project)

    def _covers(self, version: str | None) -> bool:
        if self.version is None:
            return True
        if version is None:
            return False
        # NOTE: packaging is loaded only if needed; it costs more than all other checks together.
        from packaging.specifiers import SpecifierSet
        from packaging.version import InvalidVersion, Version

        try:
            return SpecifierSet(self.version).contains(Version(version), prereleases=True)
        except InvalidVersion:
            return False


def allow_once(rule: str, project: str | None, rules: KnownRules) -> PolicyException:
    """Return the exception for ``--guard-allow``. Raises `UsageError`, or `PolicyError` for a rule that no option can excuse."""
    from pip_guard.errors import PolicyError, UsageError

    if rule not in rules.ids:
        raise UsageError(f"--guard-allow={rule}: there is no such rule.", hint=f"The rules are {', '.join(rules.ids)}.")
    if rule in EXACT_RULES:
        raise PolicyError(
            [f"--guard-allow={rule}: this rule can only be excused for one exact file, which an option cannot name"],
            hint="If you are sure of the file, add an exception with project, version and hash to the policy.",
        )
    name = None if project is None else normalize_name(project)
    option = f"--guard-allow={rule}:{project}"
    if name is not None and rule in rules.project_independent:
        raise UsageError(
            f"{option}: {rule} is not about projects, so this would have no effect.",
            hint=f"To excuse this command from the rule: --guard-allow={rule}",
        )
    if name is not None and not PROJECT.fullmatch(name):
        raise UsageError(
            f"{option}: the part after the colon is not the name of a project.",
            hint="To excuse one version or one file, add an exception to the policy: pip-guard guard allow --help",
        )
    return PolicyException(rule=rule, project=name, reason="allowed once, on the command line", once=True)
