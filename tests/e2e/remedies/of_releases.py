"""What is refused because of where a release is from, how old it is, or what is known about it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from tests.e2e.histories.model import Flaw, Release
from tests.e2e.histories.world import World
from tests.e2e.holes.hole import BOTH_APPROVED, offer, write
from tests.e2e.holes.of_hooks import SEND, page_on_rogue
from tests.e2e.holes.of_rules import (
    file_on_rogue,
    invented,
    other_publisher,
    vulnerable,
    without_provenance,
    young_by_address,
)
from tests.e2e.remedies.row import Row
from tests.e2e.remedies.ways import after, decide, instead
from tests.e2e.settings import write_admin_policy
from tests.kit.http_server import FaultKind
from tests.kit.osv import make_malware, make_record, write_export
from tests.kit.simple_api import sha256
from tests.kit.wheels import make_wheel

FORMATS = "models.format_control.FormatControl.get_allowed_formats"
PREPARE = "operations.prepare.RequirementPreparer.prepare_linked_requirement"
NEVER = '[sources]\nlocal-projects = "never"\n'
ACME = {"kind": "GitHub", "repository": "acme/attested"}
PUBLISHED_BY_ACME = '[publishers]\n"attested" = "github:acme/attested"\n'
MORE_ADVISORIES = '[advisories]\nsource = "<home>/more-advisories"\n'
WITH_PYPI = '[indexes]\napproved = ["https://pypi.org/simple/", "<approved>"]\nfile-hosts = ["<approved-files>"]\n'
OTHER_FILES = '[indexes]\napproved = ["<approved>"]\nfile-hosts = ["<approved-files>", "https://127.0.0.1:1/"]\n'
STORE = "/store/ab/cd/harmless-2.0-py3-none-any.whl"
LOCK = """\
lock-version = "1.0"
created-by = "test"
[[packages]]
name = "untimed"
version = "1.0"
[[packages.wheels]]
name = "untimed-1.0-py3-none-any.whl"
url = "<approved-files>untimed-1.0-py3-none-any.whl"
hashes = {sha256 = "<hash>"}
"""


def pinned_to(index: str, policy: str = BOTH_APPROVED) -> str:
    """Pin the project to an index."""
    return f'{policy}[indexes.projects]\n"harmless" = "{index}"\n'


def file_in_store(world: World) -> None:
    """Let the file of a release lie in a store on the other host, to which the approved one sends whoever asks for it."""
    wheel = make_wheel("harmless", "2.0")
    url = world.index.publish(wheel)
    world.rogue.page(STORE, wheel.content, "application/octet-stream")
    world.index.redirect(url.removeprefix(world.index.origin), f"{world.rogue.origin}{STORE}")


def file_behind_proxy(world: World) -> None:
    """Let the file of a release lie on a host that only a proxy reaches."""
    world.index.publish(make_wheel("harmless", "2.0"), url="https://127.0.0.1:1/harmless-2.0-py3-none-any.whl")


def lock_places(world: World) -> None:
    """Let the administrator decide which places are approved."""
    rules = '[rules]\ndirect-url = "error"\nvcs-requirement = "off"\n'
    places = '[indexes]\napproved = ["<approved>"]\nfile-hosts = ["<approved-files>"]\n'
    write_admin_policy(world.workspace, world.fill(f"locked = true\n{places}{rules}"))


def rogue_is_down(world: World) -> None:
    """Let the other index answer with an error."""
    world.rogue.fail("/simple/harmless/", FaultKind.SERVER_ERROR)


def approved_is_down(world: World) -> None:
    """Let the index answer with an error."""
    world.index.fail("/simple/harmless/", FaultKind.SERVER_ERROR)


def both_are_up(world: World) -> None:
    """Let the indexes answer again."""
    for index in (world.index, world.rogue):
        index.clear()
        index.publish(make_wheel("harmless"))


def untimed(world: World) -> None:
    """Offer a release without the time of its upload, and lock it."""
    wheel = make_wheel("untimed")
    world.index.publish(wheel, upload_time=None)
    world.write("pylock.toml", LOCK.replace("<hash>", sha256(wheel.content)))


def old_advisories(world: World) -> None:
    """Have an export of last month."""
    record = make_malware(project="another", modified=datetime.now(timezone.utc) - timedelta(days=30))
    write_export(world.workspace.home / "more-advisories", record)


def new_advisories(world: World) -> None:
    """Have an export of today."""
    write_export(world.workspace.home / "more-advisories", make_malware(project="another"))


def fixed_later(world: World) -> None:
    """Let a vulnerability be fixed in the next release."""
    world.publish(Release(project="harmless", number=2))
    events = [{"introduced": "0"}, {"fixed": "2.0"}]
    record = make_record("OSV-1", "harmless", events=events)
    write_export(world.workspace.home / "more-advisories", record)


ROWS = (
    Row(
        kind="source-distribution/check",
        line="install sourceonly",
        without=(FORMATS, PREPARE),
        ways=(instead("install harmless"),),
    ),
    Row(kind="source-distribution/archive:1", line="install <sdist-url>"),
    Row(kind="source-distribution/archive:2", line="install needs-url"),
    Row(kind="source-distribution/hidden", line="install sourceonly"),
    Row(kind="vcs-requirement/check:1", line="install 'cloned @ <repository>'"),
    Row(kind="vcs-requirement/check:2", line="install <repository>"),
    Row(
        kind="vcs-requirement/check:2",
        line="install -r requirements.txt",
        prepare=write("requirements.txt", "<repository>\n"),
    ),
    Row(
        kind="local-project/check:3",
        line="install -r requirements.txt",
        prepare=write("requirements.txt", "project @ file://<project>\n"),
    ),
    *(
        Row(
            kind="local-project/check:4",
            line="install -r requirements.txt",
            prepare=write("requirements.txt", f"{option}<project>\n"),
        )
        for option in ("", "-e ")
    ),
    Row(kind="local-project/check:1", line="install 'project @ file://<project>'", policy=NEVER),
    Row(kind="local-project/check:2", line="install <project>", policy=NEVER),
    Row(
        kind="direct-url/check-1",
        line="install <repository>",
        alone=True,
        prepare=lock_places,
        ways=(instead("install harmless", alone=True),),
    ),
    Row(
        kind="direct-url/check-2",
        line="install -r requirements.txt",
        prepare=write("requirements.txt", "<rogue-wheel-url>\n"),
        ways=(instead("install harmless"), instead("install <folder>/harmless-3.7-py3-none-any.whl")),
    ),
    Row(kind="unapproved-host/check-1", line="install harmless", prepare=file_on_rogue),
    Row(kind="unapproved-host/check-2", line="install harmless", prepare=file_in_store, without=(SEND,)),
    Row(kind="unapproved-host/check-3", line="install harmless --proxy http://127.0.0.1:1"),
    Row(kind="unapproved-host/check_request-1", line="install harmless", prepare=page_on_rogue),
    Row(kind="unapproved-host/check_request-1", line="install harmless", prepare=file_in_store),
    Row(
        kind="unapproved-host/check_request-2",
        line="install harmless",
        prepare=file_behind_proxy,
        policy=OTHER_FILES,
        environ={"HTTPS_PROXY": "http://127.0.0.1:1", "NO_PROXY": "localhost"},
        ways=(instead("install harmless", {"HTTPS_PROXY": "http://127.0.0.1:1", "NO_PROXY": "localhost,127.0.0.1"}),),
    ),
    Row(
        kind="wrong-index/only_elsewhere:1",
        line="install harmless==9.5 --extra-index-url <rogue>",
        policy=pinned_to("<approved>"),
        ways=(
            instead("install harmless==1.0 --extra-index-url <rogue>"),
            decide("indexes.projects", '"harmless" = "<rogue>"'),
        ),
    ),
    Row(
        kind="wrong-index/only_elsewhere:2",
        line="install harmless --extra-index-url <rogue>",
        policy=pinned_to("<approved>"),
        prepare=approved_is_down,
        ways=(after(both_are_up),),
    ),
    Row(
        kind="wrong-index/only_elsewhere:3",
        line="install harmless",
        policy=pinned_to("<rogue>"),
        ways=(
            instead("install harmless --index-url <rogue>"),
            decide("indexes.projects", '"harmless" = "<approved>"'),
        ),
    ),
    Row(
        kind="wrong-index/candidate-1",
        line="install 'harmless @ <rogue-wheel-url>'",
        policy=pinned_to("<approved>"),
        ways=(instead("install harmless"), decide("indexes.projects", '"harmless" = "<rogue-origin>"')),
    ),
    Row(kind="wrong-index/candidate-2", line="install harmless --extra-index-url <rogue>", policy=BOTH_APPROVED),
    Row(
        kind="wrong-index/candidate-3",
        line="install harmless --extra-index-url <rogue>",
        policy=BOTH_APPROVED,
        prepare=rogue_is_down,
        ways=(after(lambda world: world.rogue.clear()),),
    ),
    Row(
        kind="lookalike-project-name/check:1",
        line="install reqeusts",
        prepare=offer(Release(project="reqeusts", number=1), Release(project="requests", number=1)),
        ways=(instead("install requests"),),
    ),
    Row(kind="lookalike-project-name/check:2", line="install html", prepare=offer(Release(project="html", number=1))),
    Row(
        kind="recent-release/check-1",
        line="install -r requirements.txt",
        prepare=young_by_address,
        ways=(instead("install harmless==1.0"),),
    ),
    Row(
        kind="recent-release/check-2",
        line="install harmless==2.0",
        prepare=offer(Release(project="harmless", number=2, flaw=Flaw.YOUNG)),
        ways=(instead("install 'harmless<2'"),),
    ),
    Row(
        kind="recent-release/check-3:2",
        line="install untimed",
        prepare=untimed,
        policy='[releases]\nunknown-age = "error"\n',
    ),
    Row(
        kind="recent-release/check-3:1",
        line="install -r pylock.toml",
        prepare=untimed,
        policy='[releases]\nunknown-age = "error"\n',
        ways=(decide("releases", 'exempt-indexes = ["<approved-files>"]'),),
    ),
    Row(kind="new-project/check", line="install invented", prepare=invented, policy='[rules]\nnew-project = "error"\n'),
    Row(
        kind="lost-provenance/check",
        line="install attested",
        prepare=without_provenance,
        ways=(instead("install attested==3.0"),),
    ),
    Row(
        kind="unexpected-publisher/violations-1",
        line="install attested",
        policy=PUBLISHED_BY_ACME,
        # what the page names is not served
        prepare=lambda world: world.index.publish(make_wheel("attested"), provenance=True),
        ways=(after(lambda world: world.index.publish(make_wheel("attested"), provenance=[ACME])),),
    ),
    Row(
        kind="unexpected-publisher/violations-2",
        line="install attested",
        policy=PUBLISHED_BY_ACME,
        prepare=other_publisher,
        ways=(instead("install attested==0.9"),),
    ),
    Row(
        kind="unexpected-publisher/violations-3",
        line="install harmless",
        policy='[publishers]\n"harmless" = "github:acme/harmless"\n',
    ),
    Row(
        kind="known-malicious/quarantined",
        line="install harmless",
        prepare=lambda world: world.index.set_status("harmless", "quarantined"),
        ways=(instead("install neighbour"),),
    ),
    Row(
        kind="known-malicious/check-1",
        line="install harmless",
        policy='[advisories]\nsource = "https://localhost:1"\nunavailable = "error"\n',
        ways=(decide("advisories", 'source = "<home>/../advisories"'),),
    ),
    Row(kind="known-malicious/check-2", line="install harmless", policy='[advisories]\nunavailable = "warning"\n'),
    Row(
        kind="known-malicious/check-3",
        line="install harmless",
        policy=MORE_ADVISORIES,
        prepare=old_advisories,
        ways=(after(new_advisories),),
    ),
    Row(
        kind="known-malicious/check_release:3",
        line="install not-on-the-index",
        policy=WITH_PYPI,
        prepare=offer(Release(project="not-on-the-index", number=1)),
        ways=(instead("install harmless"),),
    ),
    Row(
        kind="known-malicious/check_release:4",
        line="install not-on-the-index",
        prepare=offer(Release(project="not-on-the-index", number=1)),
        ways=(instead("install harmless"),),
    ),
    Row(
        kind="known-vulnerability/check",
        line="install harmless",
        policy='[rules]\nknown-malicious = "off"\nknown-vulnerability = "error"\n'
        '[advisories]\nsource = "https://localhost:1"\nunavailable = "error"\n',
        ways=(decide("advisories", 'source = "<home>/../advisories"'),),
    ),
    Row(
        kind="known-vulnerability/vulnerabilities:1",
        line="install harmless",
        policy=f'[rules]\nknown-vulnerability = "error"\n{MORE_ADVISORIES}',
        prepare=vulnerable,
    ),
    Row(
        kind="known-vulnerability/vulnerabilities:2",
        line="install 'harmless<2'",
        policy=f'[rules]\nknown-vulnerability = "error"\n{MORE_ADVISORIES}',
        prepare=fixed_later,
        ways=(instead("install 'harmless>=2.0'"),),
    ),
    Row(
        kind="yanked-release/check-1",
        line="install harmless==2.0",
        policy='[rules]\nyanked-release = "error"\n',
        prepare=offer(Release(project="harmless", number=2, flaw=Flaw.YANKED)),
        ways=(instead("install harmless==1.0"),),
    ),
    Row(
        kind="yanked-release/check-2",
        line="install harmless",
        policy='[rules]\nyanked-release = "error"\n',
        prepare=lambda world: world.index.set_status("harmless", "archived"),
        ways=(instead("install neighbour"),),
    ),
)
