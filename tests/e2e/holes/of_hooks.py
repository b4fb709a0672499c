"""For each method of pip that is wrapped, what happens where it is not; for most, there is a second line of defence.

A method is named as in `tests.kit.weakened`.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.e2e.histories.deeds import Deed
from tests.e2e.histories.model import Flaw, Release
from tests.e2e.histories.world import World
from tests.e2e.holes.hole import (
    Hole,
    arrives,
    asks_rogue,
    ends_well,
    is_no_refusal,
    is_refused,
    leaves_out,
    offer,
    runs,
    write,
)
from tests.kit.index import LONG_AGO
from tests.kit.simple_api import sha256
from tests.kit.weakened import AUDIT_HOOK
from tests.kit.wheels import make_wheel

SEND = "network.session.PipSession.send"
VERSION_CHECK = "cli.index_command._pip_self_version_check_fetch"
OPTION_LINE = "req.req_file.handle_option_line"
FILE_CONTENT = "req.req_file.get_file_content"
FORMATS = "models.format_control.FormatControl.get_allowed_formats"
WHEEL_CACHE = "cache.WheelCache.get_cache_entry"
EVALUATE = "index.package_finder.LinkEvaluator.evaluate_link"
PREPARE = "operations.prepare.RequirementPreparer.prepare_linked_requirement"
PREPARE_MORE = "operations.prepare.RequirementPreparer.prepare_linked_requirements_more"
FILE_URL = "operations.prepare.get_file_url"
DOWNLOAD_DIR = "operations.prepare._check_download_dir"
SAVE = "operations.prepare.RequirementPreparer.save_linked_requirement"
PARSE_LINKS = "index.package_finder.parse_links"
EDITABLE = "operations.prepare.RequirementPreparer.prepare_editable_requirement"
# Each of the two resolvers, and the option that chooses it.
RESOLVERS = {"resolvelib": "", "legacy": " --use-deprecated=legacy-resolver"}

STARTUP = Release(project="demo", number=2, flaw=Flaw.STARTUP)
WHEEL = "harmless-1.0-py3-none-any.whl"
PLANTED = make_wheel("harmless", files={"planted.py": ""}).content


def of_resolver(name: str, method: str) -> str:
    """Name the hook at a method of a resolver."""
    return f"resolution.{name}.resolver.Resolver.{method}"


def build_earlier(what: str) -> Callable[[World], object]:
    """Let bare pip build something, and keep the wheel in its cache."""

    def build(world: World) -> None:
        folder = world.workspace.home / "tmp" / "built"
        built = world.pip(("wheel", "--index-url=<approved>", f"--wheel-dir={folder}", what), {})
        assert built.marks == {"sourceonly"}, str(built)

    return build


def needs_folder(world: World) -> None:
    """Offer a release that asks for a file of this machine."""
    world.publish(
        Release(project="demo", number=2, requires=("harmless @ file://<folder>/harmless-3.7-py3-none-any.whl",))
    )


def without_sidecar(world: World) -> None:
    """Offer a wheel that even a dry run has to fetch."""
    world.index.publish(
        make_wheel("demo", "2.0", files={"start.pth": "import os"}), metadata=False, upload_time=LONG_AGO
    )


def without_hash(world: World) -> None:
    """Offer a wheel of which the index tells no hash, where another one lies."""
    world.index.publish(make_wheel("harmless"), hashes=False)
    world.workspace.write(WHEEL, PLANTED)


def takes_what_lies_there(world: World, deed: Deed) -> bool:
    """The file that lay there is not replaced."""
    return ends_well(world, deed) and (world.workspace.cwd / WHEEL).read_bytes() == PLANTED


def link_to_nowhere(world: World) -> None:
    """Let a link lie where a file will be saved."""
    (world.workspace.cwd / WHEEL).symlink_to(world.workspace.home / "target.whl")


def follows_link(world: World, deed: Deed) -> bool:
    """The file comes to lie where the link leads."""
    return (world.workspace.home / "target.whl").exists()


def exchanged_later(world: World) -> None:
    """Let a file with the right hash be exchanged while pip goes on, in a folder that others can write to."""
    good = make_wheel("rogue", "2.0")
    other = make_wheel("demo", "2.0")
    path = world.workspace.write(f"open/{good.filename}", good.content)
    path.parent.chmod(0o777)
    url = world.index.publish(other)

    def exchange(*_: object) -> bytes:
        path.write_bytes(make_wheel("rogue", "2.0", files={"exchanged.py": ""}).content)
        return f'<!DOCTYPE html><a href="{url}">{other.filename}</a>'.encode()

    world.index.page("/simple/demo/", exchange, "text/html")
    lines = ((f"./open/{good.filename}", good), ("demo==2.0", other))
    world.write("requirements.txt", "".join(f"{what} --hash=sha256:{sha256(wheel.content)}\n" for what, wheel in lines))


def has_exchanged(world: World, deed: Deed) -> bool:
    """What was put there later is what comes."""
    return (world.workspace.venv.site_packages / "exchanged.py").exists()


def page_on_rogue(world: World) -> None:
    """Let the approved index send whoever asks for a project to the other one."""
    world.index.redirect("/simple/harmless/", f"{world.rogue.url}harmless/")


def version_on_rogue(world: World) -> None:
    """Let the approved index send whoever asks for the newest pip to the other one."""
    world.index.redirect("/simple/pip/", f"{world.rogue.url}pip/")


def no_hashes(world: World) -> None:
    """Let a file of requirements, all of which have a hash, say that none need one."""
    wheel = make_wheel("harmless", "2.0")
    world.index.publish(wheel, upload_time=LONG_AGO)
    world.write("requirements.txt", f"--no-require-hashes\nharmless --hash=sha256:{sha256(wheel.content)}\n")


def nested_file(world: World) -> None:
    """Let a file of requirements name one that lies outside the places that are approved."""
    world.index.page("/elsewhere/more.txt", "harmless\n")
    world.write("requirements.txt", "-r <origin>/elsewhere/more.txt\n")


HOLES = (
    Hole(without=(SEND, AUDIT_HOOK), line="install harmless", prepare=page_on_rogue, happens=asks_rogue),
    Hole(
        without=(VERSION_CHECK,),
        line="install harmless",
        prepare=version_on_rogue,
        environ={"PIP_DISABLE_PIP_VERSION_CHECK": "0"},
        happens=is_refused,
    ),
    Hole(
        without=(OPTION_LINE,),
        line="install -r requirements.txt",
        prepare=no_hashes,
        policy='[rules]\nmissing-hash = "error"\n',
        happens=ends_well,
    ),
    Hole(without=(FILE_CONTENT,), line="install -r requirements.txt", prepare=nested_file, happens=ends_well),
    Hole(
        without=(FORMATS,),
        line="install harmless",
        prepare=offer(Release(project="harmless", number=2, flaw=Flaw.SDIST)),
        happens=leaves_out("harmless==1.0"),
    ),
    Hole(
        without=(FORMATS, PREPARE, AUDIT_HOOK),
        line="install needs-source",
        happens=runs("sourceonly"),
    ),
    Hole(
        without=(WHEEL_CACHE, PREPARE),
        line="install needs-url",
        prepare=build_earlier("needs-url"),
        happens=arrives("sourceonly==1.0"),
    ),
    Hole(
        without=(WHEEL_CACHE, FORMATS, PREPARE),
        line="install needs-source",
        prepare=build_earlier("needs-source"),
        happens=arrives("sourceonly==1.0"),
    ),
    Hole(without=(EVALUATE,), line="install sourceonly", happens=is_no_refusal),
    Hole(without=(PREPARE,), line="install demo==2.0", prepare=needs_folder, happens=arrives("harmless==3.7")),
    Hole(without=(PREPARE, AUDIT_HOOK), line="install needs-url", happens=runs("sourceonly")),
    Hole(
        without=(PREPARE_MORE,),
        line="install not-on-the-index",
        prepare=offer(Release(project="not-on-the-index", number=1)),
        happens=arrives("not-on-the-index==1.0"),
    ),
    Hole(
        without=(FILE_URL,),
        line="install -r requirements.txt",
        prepare=exchanged_later,
        policy='[rules]\ndirect-url = "off"\nrecent-release = "off"\n',
        happens=has_exchanged,
    ),
    Hole(without=(DOWNLOAD_DIR,), line="download harmless", prepare=without_hash, happens=takes_what_lies_there),
    Hole(without=(SAVE,), line="download harmless", prepare=link_to_nowhere, happens=follows_link),
    Hole(
        without=(PARSE_LINKS,),
        line="install harmless",
        prepare=lambda world: world.index.set_status("harmless", "quarantined"),
        happens=arrives("harmless==1.0"),
    ),
    Hole(without=(PREPARE_MORE,), line="download demo==2.0", prepare=offer(STARTUP), happens=arrives("demo==2.0")),
    *(
        Hole(
            without=(EDITABLE, of_resolver(name, "resolve"), AUDIT_HOOK),
            line=f"install{option} -r requirements.txt",
            prepare=write("requirements.txt", "-e <project>\n"),
            happens=runs("project"),
        )
        for name, option in RESOLVERS.items()
    ),
    *(
        Hole(
            without=(of_resolver(name, "resolve"),),
            line=f"install{option} harmless",
            policy='[rules]\nmissing-hash = "error"\n',
            happens=arrives("harmless==1.0"),
        )
        for name, option in RESOLVERS.items()
    ),
    *(
        Hole(
            without=(of_resolver(name, "resolve"),),
            line=f"install --dry-run{option} demo==2.0",
            prepare=without_sidecar,
            happens=is_no_refusal,
        )
        for name, option in RESOLVERS.items()
    ),
    *(
        Hole(
            without=(of_resolver(name, "get_installation_order"),),
            line=f"install{option} demo==2.0",
            prepare=offer(STARTUP),
            happens=arrives("demo==2.0"),
        )
        for name, option in RESOLVERS.items()
    ),
)
