"""Say what a command may install and run: all that a tester has to believe, and nothing of how pip-guard does it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import Enum

from pip_guard.facts.violation import Severity
from pip_guard.rules import ALL_RULES

DEFAULTS = {rule.id: rule.severity.value for rule in ALL_RULES}
ERROR = Severity.ERROR.value
# The rules that the workspace obeys, or that no release can break.
UNTOUCHED = frozenset({"running-as-root", "unsupported-pip", "unwritten-journal"})
# What a policy decides about, and what it can except: a version, or the project.
RULES = sorted(set(DEFAULTS) - UNTOUCHED)
EXCUSABLE = (
    "source-distribution",
    "recent-release",
    "record-mismatch",
    "startup-code",
    "planted-file",
    "local-project",
)
EXCUSED_ANYWHERE = ("vcs-requirement", "lookalike-project-name", "direct-url", "wrong-index", "yanked-release")


class Place(Enum):
    """Where a release comes from, and the last part of its version: a release is known by its name and version."""

    APPROVED = 0
    ROGUE = 5
    FOLDER = 7
    DIRECTORY = 8
    REPOSITORY = 9


class Flaw(Enum):
    """What is wrong with a release, and the rule that says so; pip itself refuses a file that has another hash than announced."""

    NONE = ""
    SDIST = "source-distribution"
    YOUNG = "recent-release"
    UNRECORDED = "record-mismatch"
    MISRECORDED = "record-mismatch "
    MISNAMED = "record-mismatch  "
    MISNUMBERED = "record-mismatch   "
    STARTUP = "startup-code"
    PLANTED = "planted-file"
    YANKED = "yanked-release"
    WRONG_HASH = "pip"
    # What is wrong with these, the rules say nothing of wherever they are: it depends on where they come to lie, or is in another file.
    OVERWRITING = " "
    OTHER_SIDECAR = "  "

    @property
    def rule(self) -> str:
        """The rule."""
        return self.value.strip()


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """A release, with one file, of a project that exists in one place or in several."""

    project: str
    number: int
    place: Place = Place.APPROVED
    flaw: Flaw = Flaw.NONE
    requires: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """The version, which no other place has."""
        return f"{self.number}.{self.place.value}"

    @property
    def key(self) -> str:
        """What it is called once it is installed."""
        return f"{self.project}=={self.version}"

    @property
    def mark(self) -> str:
        """Where its code leaves its mark."""
        return f"rogue-{self.project}" if self.place is Place.ROGUE else self.project


# What the rule about names, and the one about malware, have against some projects.
BAD_PROJECTS = {"reqeusts": "lookalike-project-name", "not-on-the-index": "known-malicious"}
# What can be asked for by its address, and is then not looked for on an index.
ADDRESSED = "harmless==9.5"
# What becomes of a project, and the rules that are about it.
STATUSES = ("active", "quarantined", "archived", "deprecated")
BAD_STATUSES = {"quarantined": "known-malicious", "archived": "yanked-release", "deprecated": "yanked-release"}
# What is there at first: the harmless, what only the rogue index has or has in a higher version, and every way to a build.
STANDING = (
    Release(project="harmless", number=1),
    Release(project="demo", number=1, requires=("harmless",)),
    Release(project="sourceonly", number=1, flaw=Flaw.SDIST),
    Release(project="needs-source", number=1, requires=("sourceonly",)),
    Release(project="needs-url", number=1, requires=("sourceonly @ <sdist-url>",)),
    Release(project="needs-repository", number=1, requires=("cloned @ <repository>",)),
    Release(project="harmless", number=9, place=Place.ROGUE),
    Release(project="sourceonly", number=9, place=Place.ROGUE, flaw=Flaw.SDIST),
    Release(project="rogue", number=1, place=Place.ROGUE),
    Release(project="harmless", number=3, place=Place.FOLDER),
    Release(project="sourceonly", number=3, place=Place.FOLDER, flaw=Flaw.SDIST),
    Release(project="project", number=1, place=Place.DIRECTORY),
    Release(project="cloned", number=1, place=Place.REPOSITORY),
)


@dataclass(kw_only=True, slots=True)
class Model:
    """What was decided, what is offered, and what may have been installed that Python runs when it starts."""

    severities: dict[str, str] = field(default_factory=dict)
    exceptions: set[tuple[str, str, str | None]] = field(default_factory=set)
    ties: dict[str, Place] = field(default_factory=dict)
    rogue_approved: bool = False
    consent_counts: bool = True
    releases: dict[str, Release] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    statuses: dict[str, str] = field(default_factory=dict)
    observes: bool = False
    starting: set[str] = field(default_factory=set)

    def refuses(self, rule: str, project: str | None = None, version: str | None = None) -> bool:
        """Tell whether a rule refuses a version of a project; without a version, every one."""
        if rule == Flaw.WRONG_HASH.rule:
            return True
        if self.observes or self.severities.get(rule, DEFAULTS.get(rule, ERROR)) != ERROR:
            return False
        return not any(
            (excused, name) == (rule, project) and (version is None or only in (None, version))
            for excused, name, only in self.exceptions
        )

    @property
    def rogue_may_be_asked(self) -> bool:
        """Tell whether a request may reach the rogue index."""
        return self.rogue_approved or not self.refuses("unapproved-host")

    def allows(self, key: str, words: Sequence[str]) -> bool:
        """Tell whether a command of these words may leave a release anywhere."""
        release = self.releases.get(key)
        if release is None or not self._place_is_allowed(release, words):
            return False
        tied = self.ties.get(release.project)
        bad = BAD_PROJECTS.get(release.project)
        if bad == "lookalike-project-name" and tied is not None:
            bad = None
        status = BAD_STATUSES.get(self.statuses.get(release.project, "")) if release.place is Place.APPROVED else None
        rules = [rule for rule in (bad, status, release.flaw.rule) if rule]
        if tied not in (None, release.place) and release.place in (Place.APPROVED, Place.ROGUE):
            rules.append("wrong-index")
        return not any(self.refuses(rule, release.project, release.version) for rule in rules)

    @property
    def is_careful(self) -> bool:
        """Tell whether source distributions and young files are left aside, whatever their project."""
        rules = ("source-distribution", "recent-release")
        excused = {rule for rule, *_ in self.exceptions}
        return all(self.refuses(rule) and rule not in excused for rule in rules)

    def may_overwrite(self, keys: Collection[str]) -> bool:
        """Tell whether one of these releases may write over the files of another distribution."""
        return any(
            release.flaw is Flaw.OVERWRITING and not self.refuses("overwritten-files", release.project, release.version)
            for release in map(self.releases.get, keys)
            if release is not None
        )

    def is_confused(self, key: str, words: Sequence[str], asked_twice: Collection[str]) -> bool:
        """Tell whether a release was chosen among two indexes that both offer its project, which belongs to neither."""
        project = key.partition("==")[0]
        offering = {release.place for release in self.releases.values() if release.project == project}
        twice = project in asked_twice and offering >= {Place.APPROVED, Place.ROGUE}
        written = (*words, *self.lines, *(each for release in self.releases.values() for each in release.requires))
        named = key == ADDRESSED and any("<rogue-wheel-url>" in text for text in written)
        return twice and not named and project not in self.ties and self.refuses("wrong-index", project)

    def may_run(self, words: Sequence[str]) -> frozenset[str]:
        """Return whose code may run while a command of these words does: what it may build, and what Python may start with."""
        allowed = [release for release in self.releases.values() if self.allows(release.key, words)]
        self.starting |= {release.mark for release in allowed if release.flaw is Flaw.STARTUP}
        places = (Place.DIRECTORY, Place.REPOSITORY)
        built = [release for release in allowed if release.flaw is Flaw.SDIST or release.place in places]
        # a program that lies in wait is started where that is only observed, and by what only reads
        planted = {"planted"} if self.observes or words[0] == "freeze" else set()
        return frozenset(release.mark for release in built) | self.starting | planted

    def _place_is_allowed(self, release: Release, words: Sequence[str]) -> bool:
        match release.place:
            case Place.APPROVED:
                return True
            case Place.ROGUE:
                return self.rogue_may_be_asked
            case Place.FOLDER:
                named = any("<folder>" in word for word in words)
                return named or not (self.refuses("find-links") and self.refuses("direct-url", release.project))
            case Place.DIRECTORY:
                named = self.consent_counts and any("<project>" in word for word in words)
                return named or not self.refuses("local-project", release.project)
            case Place.REPOSITORY:
                return not self.refuses("vcs-requirement", release.project)

    def render(self) -> str:
        """Render the policy."""
        lines = ['mode = "observe"'] if self.observes else []
        lines += ["[rules]", *(f'{rule} = "{severity}"' for rule, severity in self.severities.items())]
        if not self.consent_counts:
            lines += ["[sources]", 'local-projects = "never"']
        approved = ["<approved>", *(["<rogue>"] if self.rogue_approved else [])]
        hosts = ["<approved-files>", *(["<rogue-files>"] if self.rogue_approved else [])]
        lines += ["[indexes]", f"approved = {approved}", f"file-hosts = {hosts}", "[indexes.projects]"]
        lines += [f'{project} = "<{place.name.lower()}>"' for project, place in self.ties.items()]
        for rule, project, version in sorted(self.exceptions, key=str):
            lines += ["[[exceptions]]", f'rule = "{rule}"', f'project = "{project}"', 'reason = "read it"']
            lines += [f'version = "=={version}"'] if version else []
        return "\n".join([*lines, ""])
