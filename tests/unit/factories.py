"""Make facts, findings and verdicts of which a test says only what matters to it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from pip_guard.engine.rule import AnyRule, Finding, Rule, Verdict
from pip_guard.engine.summary import HeldBackRelease
from pip_guard.facts.candidate import CandidateFacts, CandidateKind, HiddenSdistFacts, ProcessFacts, ReleaseFacts
from pip_guard.facts.command import CommandFacts, CommandOptions, ConfigurationChangeFacts, Destination, DestinationKind
from pip_guard.facts.origin import Origin, OriginKind, Setting
from pip_guard.facts.requirements import RequirementFacts, SourceFacts
from pip_guard.facts.resolution import ListedFile
from pip_guard.facts.start import StartFacts
from pip_guard.facts.violation import Severity, Violation
from pip_guard.frozen import replace
from pip_guard.policy.exceptions import PolicyException
from pip_guard.policy.model import Indexes, Policy, parse_locations

COMMAND_LINE = Origin(kind=OriginKind.COMMAND_LINE, text="--option on the command line")
ENVIRONMENT = Origin(kind=OriginKind.ENVIRONMENT, text="PIP_OPTION in the environment")
CONFIGURATION = Origin(kind=OriginKind.CONFIGURATION, text="[global] option, line 3 of /etc/pip.conf")
DEFAULT = Origin(kind=OriginKind.DEFAULT, text="the interpreter that runs pip")
ARGUMENT = Origin(kind=OriginKind.ARGUMENT, text="the command line")
REQUIREMENTS = Origin(kind=OriginKind.REQUIREMENTS, text="line 4 of requirements.txt")
DEPENDENCY = Origin(kind=OriginKind.DEPENDENCY, text="flask 3.1")

NOW = datetime(2026, 5, 1, 12, tzinfo=timezone.utc)
_WHEEL = CandidateFacts(
    kind=CandidateKind.WHEEL,
    url="https://files.example/demo-1.0-py3-none-any.whl",
    filename="demo-1.0-py3-none-any.whl",
    origin=ARGUMENT,
    project="demo",
)

# NOTE: `Any` here, because a dataclass checks the names of its fields, and its own types say what their values are.


def make_setting(value: str, origin: Origin = COMMAND_LINE) -> Setting:
    return Setting(value=value, origin=origin)


def make_start_facts(**only_what_matters: Any) -> StartFacts:
    return StartFacts(**only_what_matters)


def make_command_facts(**only_what_matters: Any) -> CommandFacts:
    """Describe an installation into the active virtual environment by an ordinary user."""
    return replace(CommandFacts(command="install"), **only_what_matters)


def make_command_options(**only_what_matters: Any) -> CommandOptions:
    return replace(CommandOptions(command="install", writes=True), **only_what_matters)


def make_destination(place: DestinationKind, *, path: str = "/srv/app", origin: Origin = DEFAULT) -> Destination:
    return Destination(path=path, place=place, origin=origin)


def make_candidate_facts(**only_what_matters: Any) -> CandidateFacts:
    """Describe a wheel that the command line asks for by name."""
    return replace(_WHEEL, **only_what_matters)


def make_archive_facts(**only_what_matters: Any) -> CandidateFacts:
    archive = replace(
        _WHEEL,
        kind=CandidateKind.SOURCE_ARCHIVE,
        url="https://files.example/demo-1.0.tar.gz",
        filename="demo-1.0.tar.gz",
        version="1.0",
    )
    return replace(archive, **only_what_matters)


def make_directory_facts(**only_what_matters: Any) -> CandidateFacts:
    directory = replace(_WHEEL, kind=CandidateKind.DIRECTORY, url="file:///srv/demo", filename="/srv/demo")
    return replace(directory, **only_what_matters)


def make_vcs_facts(**only_what_matters: Any) -> CandidateFacts:
    repository = replace(_WHEEL, kind=CandidateKind.VCS, url="git+https://host.example/demo.git", filename="demo.git")
    return replace(repository, **only_what_matters)


def make_hidden_facts(**only_what_matters: Any) -> HiddenSdistFacts:
    hidden = HiddenSdistFacts(requirement="demo>=1", project="demo", files=("demo-1.0.tar.gz",), origin=ARGUMENT)
    return replace(hidden, **only_what_matters)


def make_process_facts(program: str = "/bin/sh") -> ProcessFacts:
    return ProcessFacts(program=program)


def make_held_back(**only_what_matters: Any) -> HeldBackRelease:
    """Make a release that is held back."""
    until = datetime(2026, 12, 19, 12, tzinfo=timezone.utc)
    release = HeldBackRelease(
        project="ruff", version="0.17.6", until=until, minimum_age=timedelta(days=30), chosen="0.16.0"
    )
    return replace(release, **only_what_matters)


def make_rule(**only_what_matters: Any) -> AnyRule:
    """Make a rule about commands that finds nothing."""
    rule: AnyRule = Rule(
        id="bad-thing",
        summary="a bad thing",
        severity=Severity.ERROR,
        remediation="Do a good thing.",
        since="0.1.0",
        facts=(CommandFacts,),
        check=lambda facts, policy: (),
    )
    return replace(rule, **only_what_matters)


def make_violation(message: str = "pip would do a bad thing.", **only_what_matters: Any) -> Violation:
    return Violation(message=message, **only_what_matters)


def make_finding(**only_what_matters: Any) -> Finding:
    finding = Finding(
        rule="bad-thing",
        severity=Severity.ERROR,
        violation=make_violation(),
        remedy="Do a good thing.",
    )
    return replace(finding, **only_what_matters)


def make_warning(**only_what_matters: Any) -> Finding:
    return make_finding(**{"severity": Severity.WARNING, **only_what_matters})


def make_verdict(*findings: Finding, **only_what_matters: Any) -> Verdict:
    return Verdict(findings=findings, **only_what_matters)


def make_exception(**only_what_matters: Any) -> PolicyException:
    """Make an exception from `bad-thing` for every project, without an end."""
    return replace(PolicyException(rule="bad-thing", project=None, reason="tested"), **only_what_matters)


def make_source_facts(**only_what_matters: Any) -> SourceFacts:
    return SourceFacts(**only_what_matters)


def make_requirement_facts(**only_what_matters: Any) -> RequirementFacts:
    """Describe a requirement of the command line, without a hash."""
    requirement = RequirementFacts(requirement="demo>=1", origin=ARGUMENT, project="demo")
    return replace(requirement, **only_what_matters)


def make_configuration_change(**only_what_matters: Any) -> ConfigurationChangeFacts:
    """Describe `pip config set global.timeout 60`."""
    change = ConfigurationChangeFacts(key="timeout", value="60", sources=SourceFacts(private_authority=True))
    return replace(change, **only_what_matters)


def make_release_facts(**only_what_matters: Any) -> ReleaseFacts:
    """Describe a file that was uploaded a year ago."""
    release = ReleaseFacts(
        project="demo",
        version="1.0",
        filename="demo-1.0-py3-none-any.whl",
        uploaded=NOW - timedelta(days=365),
        now=NOW,
        origin=ARGUMENT,
    )
    return replace(release, **only_what_matters)


def make_listed_file(version: str, *, days: float = 0, project: str = "tool", **only_what_matters: Any) -> ListedFile:
    """Describe a pure wheel with provenance, of the first major version unless the version says otherwise, by its age in days."""
    listed = ListedFile(
        filename=f"{project}-{version}-py3-none-any.whl",
        version=version,
        uploaded=NOW - timedelta(days=days),
        attested=True,
        line=(0, int(version.rpartition("!")[2].partition(".")[0])),
    )
    return replace(listed, **only_what_matters)


def make_policy(**indexes: Any) -> Policy:
    """Make a policy that approves one index and one file host, and what is given besides."""
    approved = Indexes(
        approved=parse_locations(["https://pypi.example/simple/"]),
        file_hosts=parse_locations(["https://files.example/"]),
    )
    return Policy(indexes=replace(approved, **indexes))
