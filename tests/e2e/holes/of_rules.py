"""For each rule, what happens without it; some have another one behind them."""

from __future__ import annotations

import hashlib
import ssl
from datetime import datetime, timedelta, timezone

import trustme

from tests.e2e.histories.model import Flaw, Release
from tests.e2e.histories.world import World
from tests.e2e.holes.hole import (
    BOTH_APPROVED,
    Hole,
    arrives,
    asks_rogue,
    ends_well,
    is_no_refusal,
    offer,
    runs,
    says_nothing_of,
    write,
)
from tests.kit.osv import make_record, write_export
from tests.kit.wheels import make_wheel


def unknown_command(world: World) -> None:
    """Let pip have a command that pip-guard does not know."""
    table = world.workspace.venv.site_packages / "pip" / "_internal" / "commands" / "__init__.py"
    text = table.read_text(encoding="utf-8")
    world.write(table, f'{text}\ncommands_dict["brew"] = commands_dict["install"]\n')


def young_by_address(world: World) -> None:
    """Offer a young file, and write its address down."""
    world.publish(Release(project="harmless", number=2, flaw=Flaw.YOUNG))
    world.write("requirements.txt", f"{world.index.files_url}harmless-2.0-py3-none-any.whl\n")


def invented(world: World) -> None:
    """Offer a project that is five days old."""
    world.index.publish(make_wheel("invented"), upload_time=datetime.now(timezone.utc) - timedelta(days=5))


def without_provenance(world: World) -> None:
    """Offer a release without provenance after three that had it."""
    for number in range(1, 5):
        uploaded = datetime.now(timezone.utc) - timedelta(days=200 - 40 * number)
        world.index.publish(make_wheel("attested", f"{number}.0"), upload_time=uploaded, provenance=number < 4)


def other_publisher(world: World) -> None:
    """Offer a release that somebody else published, and an older one of the true publisher."""
    for version, owner in (("0.9", "acme"), ("1.0", "somebody")):
        publishers = [{"kind": "GitHub", "repository": f"{owner}/attested"}]
        world.index.publish(make_wheel("attested", version), provenance=publishers)


def open_configuration(world: World) -> None:
    """Let everybody write into the user's configuration."""
    path = world.workspace.home / ".config" / "pip" / "pip.conf"
    world.write(path, "[global]\nindex-url = <approved>\n")
    path.chmod(0o666)


def vulnerable(world: World) -> None:
    """Let the advisories have something against a release."""
    record = make_record("OSV-1", "harmless", versions=["1.0"])
    write_export(world.workspace.home / "more-advisories", record)


def withdrawn_authority(world: World) -> None:
    """Name a bundle with one more authority, which is listed as withdrawn."""
    certificate = trustme.CA().cert_pem.bytes().decode("ascii")
    world.write("bundle.pem", f"{world.index.ca_path.read_text(encoding='utf-8')}\n{certificate}")
    listed = world.workspace.venv.site_packages / "pip_guard" / "environment" / "distrusted_authorities.txt"
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate)).hexdigest()
    world.write(listed, f"{listed.read_text(encoding='utf-8')}{digest} 2026-11-01 Test CA | certifi 2026.11.1\n")


def elsewhere_on_the_host(world: World) -> None:
    """Serve a file of requirements outside the places that are approved."""
    world.index.page("/elsewhere/more.txt", "harmless\n")


def file_on_rogue(world: World) -> None:
    """Let the approved index point to a file on the other one."""
    wheel = make_wheel("harmless", "2.0")
    world.index.publish(wheel, url=world.rogue.publish(wheel))


def config_is_changed(world: World, deed: object) -> bool:
    """The file of the user's has the setting."""
    path = world.workspace.home / ".config" / "pip" / "pip.conf"
    return path.exists() and world.rogue.url in path.read_text(encoding="utf-8")


HOLES = (
    Hole(without=("unsupported-pip",), line="brew harmless", prepare=unknown_command, happens=ends_well, alone=True),
    Hole(
        without=("foreign-module",),
        line="install harmless",
        environ={"PIP_PYTHON": "/usr/bin/env"},
        happens=arrives("harmless==1.0"),
    ),
    Hole(
        without=("running-as-root",),
        line="install harmless",
        policy='[rules]\nwritable-configuration = "off"\n',
        happens=arrives("harmless==1.0"),
        alone=True,
        user=0,
    ),
    Hole(
        without=("outside-virtual-environment",),
        line="install harmless",
        environ={"PIP_TARGET": "elsewhere"},
        happens=arrives("harmless==1.0"),
    ),
    Hole(
        without=("unapproved-index", "unapproved-host"),
        line="install --index-url=<rogue> harmless",
        happens=arrives("harmless==9.5"),
    ),
    Hole(
        without=("insecure-transport",),
        line="install --no-index --find-links=http://pypi.invalid/ --find-links=<folder> harmless",
        policy='[indexes]\napproved = ["http://pypi.invalid/"]\n',
        happens=arrives("harmless==3.7"),
    ),
    Hole(without=("trusted-host",), line="install --trusted-host=<rogue-host> harmless", happens=ends_well),
    Hole(
        without=("find-links",),
        line="install harmless",
        environ={"PIP_FIND_LINKS": "<folder>"},
        happens=arrives("harmless==3.7"),
    ),
    Hole(
        without=("remote-requirements-file",),
        line="install -r <origin>/elsewhere/more.txt",
        prepare=elsewhere_on_the_host,
        happens=ends_well,
    ),
    Hole(
        without=("writable-configuration",),
        line="install harmless",
        prepare=open_configuration,
        happens=arrives("harmless==1.0"),
    ),
    Hole(
        without=("configuration-change",),
        line="config set global.index-url <rogue>",
        happens=config_is_changed,
    ),
    Hole(
        without=("unwritten-journal",),
        line="install harmless",
        policy='[journal]\nrequired = true\npath = "/dev/full/journal.jsonl"\n',
        happens=arrives("harmless==1.0"),
    ),
    Hole(without=("source-distribution",), line="install <sdist-url>", happens=runs("sourceonly")),
    Hole(without=("vcs-requirement",), line="install <repository>", happens=runs("cloned")),
    Hole(
        without=("local-project",),
        line="install -r requirements.txt",
        prepare=write("requirements.txt", "<project>\n"),
        happens=runs("project"),
    ),
    Hole(
        without=("distrusted-authority",),
        line="install harmless --cert bundle.pem",
        prepare=withdrawn_authority,
        happens=says_nothing_of("distrusted-authority"),
        alone=True,
    ),
    Hole(
        without=("direct-url",),
        line="install -r requirements.txt",
        prepare=write("requirements.txt", "<folder>/harmless-3.7-py3-none-any.whl\n"),
        happens=arrives("harmless==3.7"),
    ),
    Hole(without=("unapproved-host", "direct-url"), line="install <rogue-wheel-url>", happens=arrives("harmless==9.5")),
    Hole(without=("unapproved-host",), line="install harmless", prepare=file_on_rogue, happens=asks_rogue),
    Hole(
        without=("wrong-index",),
        line="install --extra-index-url=<rogue> harmless",
        policy=BOTH_APPROVED,
        happens=arrives("harmless==9.5"),
    ),
    Hole(
        without=("lookalike-project-name",),
        line="install reqeusts",
        prepare=offer(Release(project="reqeusts", number=1)),
        happens=arrives("reqeusts==1.0"),
    ),
    Hole(
        without=("recent-release",),
        line="install -r requirements.txt",
        prepare=young_by_address,
        happens=arrives("harmless==2.0"),
    ),
    Hole(
        without=("new-project",),
        line="install invented",
        prepare=invented,
        happens=says_nothing_of("new-project"),
    ),
    Hole(
        without=("lost-provenance",),
        line="install attested",
        prepare=without_provenance,
        happens=arrives("attested==4.0"),
    ),
    Hole(
        without=("unexpected-publisher",),
        line="install attested",
        prepare=other_publisher,
        policy='[publishers]\nattested = "github:acme/attested"\n',
        happens=arrives("attested==1.0"),
    ),
    Hole(
        without=("known-malicious",),
        line="install not-on-the-index",
        prepare=offer(Release(project="not-on-the-index", number=1)),
        happens=arrives("not-on-the-index==1.0"),
    ),
    Hole(
        without=("known-vulnerability",),
        line="install harmless",
        prepare=vulnerable,
        policy='[advisories]\nsource = "<home>/more-advisories"\n',
        happens=says_nothing_of("known-vulnerability"),
    ),
    Hole(
        without=("yanked-release",),
        line="install harmless==2.0",
        prepare=offer(Release(project="harmless", number=2, flaw=Flaw.YANKED)),
        happens=says_nothing_of("yanked-release"),
    ),
    Hole(
        without=("startup-code",),
        line="install demo==2.0",
        prepare=offer(Release(project="demo", number=2, flaw=Flaw.STARTUP)),
        happens=arrives("demo==2.0"),
    ),
    Hole(
        without=("record-mismatch",),
        line="install demo==2.0",
        prepare=offer(Release(project="demo", number=2, flaw=Flaw.UNRECORDED)),
        happens=arrives("demo==2.0"),
    ),
    Hole(
        without=("overwritten-files",),
        line="install demo==2.0",
        prepare=offer(Release(project="demo", number=2, flaw=Flaw.OVERWRITING)),
        happens=arrives("demo==2.0"),
    ),
    Hole(
        without=("planted-file",),
        line="install demo==2.0",
        prepare=offer(Release(project="demo", number=2, flaw=Flaw.PLANTED)),
        happens=arrives("demo==2.0"),
    ),
    Hole(
        without=("missing-hash",),
        line="install harmless",
        policy='[rules]\nmissing-hash = "error"\n',
        happens=is_no_refusal,
    ),
)
