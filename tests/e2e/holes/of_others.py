"""What happens without the options that pip-guard sets, and without what decides about imports."""

from __future__ import annotations

from tests.e2e.histories.deeds import Deed
from tests.e2e.histories.model import Flaw, Release
from tests.e2e.histories.state import MARKING
from tests.e2e.histories.world import World
from tests.e2e.holes.hole import Hole, leaves_out, offer, runs
from tests.kit.sources import make_source_tree
from tests.kit.weakened import AUDIT_HOOK, IMPORTS, OPTIONS


def keyring_is_asked(world: World) -> None:
    """Let the index ask for a password, and a module lie where pip looks for one."""
    world.index.page("/simple/harmless/", "", status=401)
    world.write(world.workspace.venv.site_packages / "keyring.py", MARKING)


def build_needs_source(world: World) -> None:
    """Let a project need a source distribution to be built."""
    mark = world.workspace.sentinel("project")
    make_source_tree(world.workspace.cwd / "needy", "needy", sentinel=mark, build_requires=["sourceonly"])
    world.workspace.give(world.workspace.cwd / "needy")


def makes_cache(world: World, deed: Deed) -> bool:
    """The folder that a variable names is used."""
    return (world.workspace.cwd / "cache").exists()


HOLES = (
    Hole(without=(OPTIONS,), line="install harmless", environ={"PIP_CACHE_DIR": "cache"}, happens=makes_cache),
    Hole(
        without=(OPTIONS,),
        line="install harmless",
        prepare=offer(Release(project="harmless", number=2, flaw=Flaw.YOUNG)),
        happens=leaves_out("harmless==1.0"),
    ),
    Hole(
        without=(OPTIONS, IMPORTS),
        line="install harmless",
        prepare=keyring_is_asked,
        environ={"PIP_KEYRING_PROVIDER": "import"},
        happens=runs("planted"),
    ),
    Hole(
        without=(OPTIONS, AUDIT_HOOK),
        line="install ./needy",
        prepare=build_needs_source,
        happens=runs("sourceonly"),
    ),
)
