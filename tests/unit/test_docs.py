"""The documentation says what the program does."""

from __future__ import annotations

import html
import json
import re
import runpy
import time
from collections.abc import Iterator
from datetime import date, datetime, timezone
from pathlib import Path

import pytest

from pip_guard.commands.assembly import KNOWN_RULES
from pip_guard.engine.evaluate import evaluate
from pip_guard.engine.rule import AnyRule
from pip_guard.errors import ExitCode
from pip_guard.facts.candidate import CandidateFacts, CandidateKind, HiddenSdistFacts, ReleaseFacts
from pip_guard.facts.command import (
    Authority,
    Bundle,
    BundleFacts,
    CommandFacts,
    ConfigurationChangeFacts,
    Destination,
    DestinationKind,
    FileFacts,
    JournalFacts,
    TrustedFile,
)
from pip_guard.facts.fetch import FetchFacts
from pip_guard.facts.origin import Facts, Origin, OriginKind, Setting
from pip_guard.facts.requirements import RequirementFacts, SourceFacts
from pip_guard.facts.resolution import (
    Advisory,
    AdvisoryFacts,
    ProjectHistoryFacts,
    ProvenanceFacts,
    PublisherFacts,
    StatusFacts,
)
from pip_guard.facts.start import ModuleOrigin, StartFacts
from pip_guard.facts.violation import Severity
from pip_guard.facts.wheel import ConflictingFile, FileConflict, OwnerKind, Script, StartupFile, WheelFacts
from pip_guard.frozen import replace
from pip_guard.guard_actions import ACTIONS
from pip_guard.options import FORMS
from pip_guard.policy.keys import KEYS, AnyKey
from pip_guard.policy.layers import Trust
from pip_guard.policy.model import Journal, Policy, Publishers
from pip_guard.policy.parser import parse_layer, parse_policy
from pip_guard.policy.profiles import PROFILES, Profile
from pip_guard.policy.schema import render_schema
from pip_guard.report.text import DOCS as SITE
from pip_guard.report.text import render_refusal
from pip_guard.rules import ALL_RULES
from tests.unit.factories import NOW, make_listed_file

CHECKOUT = Path(__file__).parents[2]
DOCS = CHECKOUT / "docs"
LINK = re.compile(r"\[(?P<text>[^]]+)\]\((?P<target>[^)]+)\)")
TOML = re.compile(r"^(?P<indent> *)```toml\n(?P<text>.*?)^ *```$", re.DOTALL | re.MULTILINE)
COMMAND_LINE = Origin(kind=OriginKind.COMMAND_LINE, text="the command line")
# What leads to the refusal that the page of each rule shows.
PINNED = Publishers(projects={"tool": "github:acme/tool"})
EXAMPLES: dict[str, Facts] = {
    "unsupported-pip": StartFacts(pip_version="25.3", oldest_pip="26.2"),
    "foreign-module": StartFacts(
        modules=(ModuleOrigin(name="pip", path="/srv/builds/lib/pip", foreign="which PYTHONPATH names"),)
    ),
    "running-as-root": CommandFacts(command="install", runs_as_root=True),
    "outside-virtual-environment": CommandFacts(
        command="install",
        in_virtual_environment=False,
        destination=Destination(
            path="/usr/local/lib/python3.11/site-packages",
            place=DestinationKind.INTERPRETER,
            origin=Origin(kind=OriginKind.DEFAULT, text="default"),
        ),
    ),
    "break-system-packages": CommandFacts(
        command="install",
        in_virtual_environment=False,
        externally_managed=True,
        break_system_packages=Origin(kind=OriginKind.ENVIRONMENT, text="PIP_BREAK_SYSTEM_PACKAGES in the environment"),
    ),
    "source-distribution": HiddenSdistFacts(
        requirement="docopt==0.6.2",
        project="docopt",
        files=("docopt-0.6.2.tar.gz",),
        version="0.6.2",
        origin=Origin(kind=OriginKind.REQUIREMENTS, text="line 4 of requirements.txt"),
    ),
    "vcs-requirement": CandidateFacts(
        kind=CandidateKind.VCS,
        url="git+https://example.org/tool.git",
        filename="tool.git",
        project="tool",
        origin=Origin(kind=OriginKind.ARGUMENT, text="the command line"),
    ),
    "local-project": CandidateFacts(
        kind=CandidateKind.DIRECTORY,
        url="file:///srv/library",
        filename="/srv/library",
        project="library",
        origin=Origin(kind=OriginKind.REQUIREMENTS, text="line 7 of requirements.txt"),
    ),
    "unapproved-index": SourceFacts(
        indexes=(
            Setting(
                value="https://pypi.acme.example/simple/",
                origin=Origin(kind=OriginKind.CONFIGURATION, text="~/.config/pip/pip.conf line 3"),
            ),
        )
    ),
    "insecure-transport": SourceFacts(
        indexes=(Setting(value="http://pypi.org/simple/", origin=COMMAND_LINE),),
    ),
    "trusted-host": SourceFacts(
        trusted_hosts=(
            Setting(value="pypi.org", origin=Origin(kind=OriginKind.REQUIREMENTS, text="line 1 of requirements.txt")),
        )
    ),
    "distrusted-authority": BundleFacts(
        bundles=(
            Bundle(
                path="/srv/app/venv/lib/python3.11/site-packages/pip/_vendor/certifi/cacert.pem",
                distrusted=(
                    Authority(name="emSign Root CA - C1", withdrawn="2026-10-18", source="certifi 2026.10.18"),
                    Authority(name="emSign ECC Root CA - C3", withdrawn="2026-10-18", source="certifi 2026.10.18"),
                    Authority(name="emSign ECC Root CA - G3", withdrawn="2026-10-18", source="certifi 2026.10.18"),
                ),
            ),
        )
    ),
    "find-links": SourceFacts(
        find_links=(
            Setting(
                value="/tmp/wheels",
                origin=Origin(kind=OriginKind.ENVIRONMENT, text="PIP_FIND_LINKS in the environment"),
            ),
        )
    ),
    "remote-requirements-file": SourceFacts(
        requirement_files=(Setting(value="https://paste.example/raw/requirements.txt", origin=COMMAND_LINE),)
    ),
    "writable-configuration": FileFacts(
        files=(TrustedFile(path="/home/me/.config/pip/pip.conf", role="configuration file", danger="others can write"),)
    ),
    "configuration-change": ConfigurationChangeFacts(
        key="global.extra-index-url",
        value="https://pypi.acme.example/simple/",
        sources=SourceFacts(indexes=(Setting(value="https://pypi.acme.example/simple/", origin=COMMAND_LINE),)),
    ),
    "unwritten-journal": JournalFacts(
        path="/home/me/.local/state/pip-guard/log/journal.jsonl",
        problem="cannot be written (No space left on device)",
        before_change=True,
    ),
    "direct-url": CandidateFacts(
        kind=CandidateKind.WHEEL,
        url="https://downloads.acme.example/wheels/tool-1.0-py3-none-any.whl",
        filename="tool-1.0-py3-none-any.whl",
        project="tool",
        version="1.0",
        origin=Origin(kind=OriginKind.REQUIREMENTS, text="line 2 of requirements.txt"),
        direct=True,
    ),
    "unapproved-host": FetchFacts(url="https://cdn.acme.example/tool-1.0-py3-none-any.whl", redirected=True),
    "wrong-index": CandidateFacts(
        kind=CandidateKind.WHEEL,
        url="https://pypi.acme.example/files/acme_core-1.0-py3-none-any.whl",
        filename="acme_core-1.0-py3-none-any.whl",
        project="acme-core",
        version="1.0",
        origin=Origin(kind=OriginKind.ARGUMENT, text="the command line"),
        index="https://pypi.acme.example/simple/",
        offering_indexes=frozenset({"https://pypi.acme.example/simple/", "https://pypi.org/simple/"}),
    ),
    "lookalike-project-name": RequirementFacts(
        requirement="requets",
        project="requets",
        origin=Origin(kind=OriginKind.ARGUMENT, text="the command line"),
    ),
    "recent-release": ReleaseFacts(
        project="tool",
        version="2.0",
        filename="tool-2.0-py3-none-any.whl",
        uploaded=datetime(2026, 1, 1, 9, tzinfo=timezone.utc),
        now=datetime(2026, 1, 1, 12, tzinfo=timezone.utc),
        origin=Origin(kind=OriginKind.ARGUMENT, text="the command line"),
    ),
    "known-malicious": AdvisoryFacts(
        project="tool",
        version="2.0",
        origin=Origin(kind=OriginKind.REQUIREMENTS, text="line 3 of requirements.txt"),
        advisories=(Advisory(id="MAL-2026-1234", malicious=True, summary="Sends environment variables to a stranger"),),
    ),
    "known-vulnerability": AdvisoryFacts(
        project="tool",
        version="1.4",
        origin=Origin(kind=OriginKind.ARGUMENT, text="the command line"),
        advisories=(
            Advisory(
                id="PYSEC-2026-17",
                malicious=False,
                aliases=("CVE-2026-1234",),
                summary="Sends a password to another host after a redirect",
                fixed=("1.4.2",),
            ),
            Advisory(
                id="GHSA-9xfq-mc4w-8h2v",
                malicious=False,
                summary="Takes time in proportion to the square of its input",
                fixed=("1.5",),
            ),
        ),
    ),
    "new-project": ProjectHistoryFacts(
        project="flask-auth-helper",
        version="0.1",
        origin=Origin(kind=OriginKind.REQUIREMENTS, text="line 4 of requirements.txt"),
        first_upload=datetime(2026, 1, 1, tzinfo=timezone.utc),
        releases=1,
        now=datetime(2026, 1, 6, tzinfo=timezone.utc),
    ),
    "lost-provenance": ProvenanceFacts(
        project="tool",
        file=make_listed_file("2.0.1", attested=False),
        files=(
            make_listed_file("1.8.0", days=90),
            make_listed_file("1.9.0", days=60),
            make_listed_file("2.0.0", days=30),
        ),
        origin=Origin(kind=OriginKind.REQUIREMENTS, text="line 3 of requirements.txt"),
        now=NOW,
    ),
    "unexpected-publisher": PublisherFacts(
        project="tool",
        version="2.0.1",
        filename="tool-2.0.1-py3-none-any.whl",
        publishers=("github:somebody/tool",),
        origin=Origin(kind=OriginKind.REQUIREMENTS, text="line 3 of requirements.txt"),
    ),
    "yanked-release": StatusFacts(
        project="tool",
        version="2.0",
        origin=Origin(kind=OriginKind.REQUIREMENTS, text="line 3 of requirements.txt"),
        yanked="deletes files in the working directory",
    ),
    "startup-code": WheelFacts(
        project="tool",
        version="2.0",
        filename="tool-2.0-py3-none-any.whl",
        sha256="0" * 64,
        origin=Origin(kind=OriginKind.DEPENDENCY, text="flask 3.1"),
        startup_files=(StartupFile(path="tool_init.pth", content=b"import os; os.system('...')"),),
    ),
    "record-mismatch": WheelFacts(
        project="tool",
        version="2.0",
        filename="tool-2.0-py3-none-any.whl",
        sha256="0" * 64,
        origin=Origin(kind=OriginKind.ARGUMENT, text="the command line"),
        defects=("tool/client.py has another content than RECORD says", "RECORD does not list tool/extra.py"),
    ),
    "overwritten-files": WheelFacts(
        project="tool",
        version="2.0",
        filename="tool-2.0-py3-none-any.whl",
        sha256="0" * 64,
        origin=Origin(kind=OriginKind.ARGUMENT, text="the command line"),
        conflicts=(
            FileConflict(
                owner="requests",
                kind=OwnerKind.INSTALLED,
                files=(ConflictingFile(path="requests/sessions.py", existing="requests/sessions.py"),),
            ),
        ),
    ),
    "planted-file": WheelFacts(
        project="tool",
        version="2.0",
        filename="tool-2.0-py3-none-any.whl",
        sha256="0" * 64,
        origin=Origin(kind=OriginKind.ARGUMENT, text="the command line"),
        data_files=("pip.conf",),
        scripts=(Script(path="uname"),),
    ),
    "missing-hash": RequirementFacts(
        requirement="requests==2.32.0",
        project="requests",
        origin=Origin(kind=OriginKind.REQUIREMENTS, text="line 1 of requirements.txt"),
    ),
}


@pytest.fixture(autouse=True)
def universal_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let times be shown as the pages show them, wherever the tests run."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def rows(page: Path, *, first_cell: str) -> list[tuple[str, ...]]:
    """Return the table rows of a page whose first cell matches a pattern."""
    lines = page.read_text(encoding="utf-8").splitlines()
    cells = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines if line.startswith("|")]
    return [row for row in cells if re.fullmatch(first_cell, row[0])]


def test_every_rule_has_a_page_and_every_page_a_rule() -> None:
    pages = {page.stem for page in (DOCS / "rules").glob("*.md")} - {"index"}
    assert pages == {rule.id for rule in ALL_RULES}


def test_table_of_rules_is_complete() -> None:
    assert set(rows(DOCS / "rules" / "index.md", first_cell=r"\[.*\]\(.*\)")) == {
        (f"[{rule.id}]({rule.id}.md)", rule.severity.value, rule.summary.replace("|", "\\|")) for rule in ALL_RULES
    }


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in ALL_RULES])
def test_page_of_a_rule_states_its_defaults(rule: AnyRule) -> None:
    lines = (DOCS / "rules" / f"{rule.id}.md").read_text(encoding="utf-8").splitlines()
    assert lines[0] == f"# {rule.id}"
    assert f"Default severity: `{rule.severity.value}`. Since {rule.since}." in lines


def example(rule_id: str) -> str:
    """Return a refusal as the program writes it, in the form in which a page shows it."""
    others = (rule for rule in ALL_RULES if rule.id != rule_id)
    severities = {rule_id: Severity.ERROR} | dict.fromkeys((rule.id for rule in others), Severity.OFF)
    policy = Policy(severities=severities, journal=Journal(required=True), publishers=PINNED)
    verdict = evaluate([EXAMPLES[rule_id]], policy, ALL_RULES, date(2026, 1, 1))
    return f"```text\n{render_refusal(verdict, colour=False)}```\n"


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in ALL_RULES])
def test_page_of_a_rule_shows_its_refusal(rule: AnyRule) -> None:
    assert example(rule.id) in (DOCS / "rules" / f"{rule.id}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in ALL_RULES])
def test_rule_says_what_an_exception_can_name(rule: AnyRule) -> None:
    found = list(rule.check(EXAMPLES[rule.id], Policy(severities={rule.id: Severity.ERROR}, publishers=PINNED)))
    names_one = any(violation.project is not None for violation in found)
    # of what is asked for by its address, or stands on a page, these name the project, too
    assert (names_one or rule.id in ("insecure-transport", "unapproved-index")) is ("project" in rule.conditions)
    named = {
        condition
        for violation in found
        for condition, value in {
            "version": violation.version,
            "hash": violation.hashes,
            "url": violation.place,
        }.items()
        if value
    }
    assert named <= set(rule.conditions)


def test_picture_shows_a_refusal() -> None:
    picture = (DOCS / "pictures" / "refusal.svg").read_text(encoding="utf-8")
    shown = "".join(re.sub(r"<[^>]+>", "", line) for line in re.findall("<text.*?</text>", picture))
    refusal = example("lookalike-project-name").removeprefix("```text").removesuffix("```\n")
    # the picture breaks lines where they are too long for it
    assert "".join(refusal.split()) in "".join(html.unescape(shown).split())


def first_command(page: Path) -> str:
    """Return the first command that a page shows."""
    return page.read_text(encoding="utf-8").partition("```console\n$ ")[2].partition("\n")[0]


def test_readme_and_front_page_begin_alike() -> None:
    readme, front = CHECKOUT / "README.md", DOCS / "index.md"
    assert first_command(readme) == first_command(front)
    assert readme.read_text(encoding="utf-8").split("\n\n")[:2] == front.read_text(encoding="utf-8").split("\n\n")[:2]


def test_commands_of_the_readme_are_run_by_a_workflow() -> None:
    commands = re.findall(r"^\$ (.+ && .+)$", (CHECKOUT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    workflow = (CHECKOUT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    assert len(commands) == 2
    assert [command for command in commands if f"- run: {command}\n" not in workflow] == []


def policies() -> Iterator[tuple[str, str]]:
    """Find every policy that a page shows."""
    for page in sorted(DOCS.rglob("*.md")):
        for number, match in enumerate(TOML.finditer(page.read_text(encoding="utf-8")), start=1):
            yield f"{page.relative_to(DOCS)}-{number}", match["text"].replace(f"\n{match['indent']}", "\n")


@pytest.mark.parametrize("text", [pytest.param(text, id=where) for where, text in policies()])
def test_policy_in_the_documentation_is_valid(text: str) -> None:
    trust = Trust.PROJECT if text.startswith("[tool.") else Trust.ADMINISTRATOR
    parse_layer(text, trust=trust, source="documentation", rules=KNOWN_RULES)


@pytest.mark.parametrize("key", [pytest.param(key, id=key.name) for key in KEYS.values()])
def test_table_of_keys_is_complete(key: AnyKey) -> None:
    page = (DOCS / "reference" / "policy.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## `[{key.path[0]}]`\n" if len(key.path) > 1 else "\n## `mode`\n")[2].partition(
        "\n## "
    )[0]
    default = "none" if key.default is None else f"`{json.dumps(key.kind.plain(key.default))}`"
    assert f"| `{key.path[-1]}` | {key.about} | {default} |\n" in section


def test_table_of_profiles_is_complete() -> None:
    page = DOCS / "reference" / "policy.md"
    shown = {row[0]: row[1:] for row in rows(page, first_cell=r"value|`sources.local-projects`|\[.*\]\(../rules/.*\)")}
    profiles = PROFILES.values()
    rules = {
        f"[{rule}](../rules/{rule}.md)": tuple(f"`{each.severities[rule].value}`" for each in profiles)
        for rule in PROFILES[Profile.DEVELOPER].severities
    }
    assert shown == {
        "value": tuple(f"`{profile.value}`" for profile in PROFILES),
        **rules,
        "`sources.local-projects`": tuple(f"`{each.values['sources.local-projects'].value}`" for each in profiles),
    }


def test_schema_that_is_published_is_that_of_the_reader() -> None:
    published = (DOCS / "reference" / "policy.schema.json").read_text(encoding="utf-8")
    assert published == render_schema(rule.id for rule in ALL_RULES)


def test_policy_with_the_defaults_changes_nothing() -> None:
    (text,) = (text for where, text in policies() if where == "reference/policy.md-1")
    defaults = text.partition("[[exceptions]]")[0]
    policy = parse_policy(defaults, source="documentation", rules=KNOWN_RULES)
    severities = {rule.id: rule.severity for rule in ALL_RULES}
    assert replace(policy, severities={}) == Policy()
    assert policy.severities.items() <= severities.items()


def test_table_of_own_options_is_complete() -> None:
    found = {row[0] for row in rows(DOCS / "reference" / "command-line.md", first_cell="`--guard-.*`")}
    assert {re.split("[=`]", cell)[1] for cell in found} == {form.partition("=")[0] for form in FORMS}


def test_table_of_own_actions_is_complete() -> None:
    cells = [row[0] for row in rows(DOCS / "reference" / "command-line.md", first_cell="`pip-guard guard .*`")]
    assert {cell.strip("`").split()[2] for cell in cells} == {action.name for action in ACTIONS}


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(DOCS / "reference" / "exit-codes.md", id="reference"),
        pytest.param(CHECKOUT / "README.md", id="readme"),
    ],
)
def test_table_of_exit_codes_is_complete(page: Path) -> None:
    found = {(int(row[0]), row[1]) for row in rows(page, first_cell=r"4\d")}
    assert found == {(code.value, f"`{code.name}`") for code in ExitCode}


def is_served(page: str) -> bool:
    """Tell whether the site has a page, or a picture, of that name."""
    folder, _, name = page.partition("/")
    return (DOCS / "pictures" / name).is_file() if folder == "_static" else (DOCS / page).with_suffix(".md").is_file()


def test_readme_links_to_pages_that_exist() -> None:
    links = [match["target"] for match in LINK.finditer((CHECKOUT / "README.md").read_text(encoding="utf-8"))]
    pages = {target.removeprefix(f"{SITE}/") for target in links if target.startswith(f"{SITE}/")}
    missing = {page for page in pages if not is_served(page)}
    assert pages
    assert missing == set()


def test_architecture_names_every_package_and_module_that_exists_and_no_other() -> None:
    package = CHECKOUT / "pip_guard"
    here = {path.stem for path in package.glob("[a-z]*.py")} | {
        path.parent.name for path in package.glob("*/__init__.py")
    }
    page = DOCS / "architecture.md"
    text = page.read_text(encoding="utf-8")
    assert {name for row in rows(page, first_cell="`[a-z_]+`") for name in re.findall("`(.+?)`", row[0])} == here
    followed = text.partition("followed through")[2].partition("\n## ")[0]
    named = set(re.findall(r"`([a-z_]+)`", followed)) - {"pip", "python"}
    named |= set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)`", text)) - {"setup.cfg"}
    paths = [package.joinpath(*name.split(".")) for name in sorted(named)]
    assert [path for path in paths if not path.is_dir() and not path.with_suffix(".py").is_file()] == []


def test_picture_of_the_imports_is_up_to_date() -> None:
    draw = runpy.run_path(str(CHECKOUT / ".ci" / "draw-imports"))["draw"]
    committed = (DOCS / "pictures" / "imports.svg").read_text(encoding="utf-8")
    assert committed == draw(), "to draw it again: python .ci/draw-imports"
