"""What is refused because of what a wheel brings, or because nothing says which file is meant."""

from __future__ import annotations

from collections.abc import Callable

from tests.e2e.histories.model import Flaw, Release
from tests.e2e.histories.world import World
from tests.e2e.holes.hole import offer, write
from tests.e2e.remedies.row import Row
from tests.e2e.remedies.ways import after, all_of, brings, instead, plant, remove

HASHED = "harmless==1.0 --hash=sha256:<harmless-hash>\n"
DEMO_1 = instead("install demo==1.0")


def offer_wheel(files: dict[str, str]) -> Callable[[World], object]:
    """Offer a release of `demo` with some files."""
    return lambda world: world.index.publish(brings(files))


def with_hashes(world: World) -> None:
    """Give the requirement its hash."""
    world.write("requirements.txt", HASHED)


ROWS = (
    Row(
        kind="startup-code/about_wheel",
        line="install demo==2.0",
        prepare=offer(Release(project="demo", number=2, flaw=Flaw.STARTUP)),
        ways=(DEMO_1,),
    ),
    Row(
        kind="record-mismatch/check-1",
        line="install demo==2.0",
        prepare=offer(Release(project="demo", number=2, flaw=Flaw.UNRECORDED)),
        ways=(DEMO_1,),
    ),
    Row(
        kind="overwritten-files/check-2:1",
        line="install demo==2.0",
        prepare=all_of(plant("mine.py", "1"), offer_wheel({"mine.py": "2"})),
        ways=(after(remove("mine.py")),),
    ),
    Row(
        kind="overwritten-files/check-2:2",
        line="install demo==2.0",
        prepare=offer(Release(project="demo", number=2, flaw=Flaw.OVERWRITING)),
        ways=(DEMO_1,),
    ),
    Row(
        kind="planted-file/check-1",
        line="install demo==2.0",
        prepare=offer(Release(project="demo", number=2, flaw=Flaw.PLANTED)),
        ways=(DEMO_1,),
    ),
    Row(
        kind="missing-hash/check-1",
        line="install -r requirements.txt",
        policy='[rules]\nmissing-hash = "error"\n',
        prepare=write("requirements.txt", "harmless\n"),
        ways=(after(with_hashes),),
    ),
    Row(
        kind="missing-hash/check-2",
        line="install --no-require-hashes -r requirements.txt",
        policy='[rules]\nmissing-hash = "error"\n',
        prepare=with_hashes,
        ways=(instead("install -r requirements.txt"),),
    ),
)
