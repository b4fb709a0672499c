"""What a scan finds, and what its remedies lead to."""

from __future__ import annotations

from tests.e2e.histories.world import World
from tests.e2e.remedies.row import Row
from tests.e2e.remedies.ways import after, all_of, brings, install, install_what, plant, remove, uninstall
from tests.kit.wheels import make_wheel

SCAN = "guard scan"
CLONED = make_wheel("cloned", "2.0")
WITH_PYPI = '[indexes]\napproved = ["https://pypi.org/simple/", "<approved>"]\nfile-hosts = ["<approved-files>"]\n'
MALWARE = make_wheel("not-on-the-index")
IMPORTS = "import os\n"


def plant_command(world: World) -> None:
    """Put a command beside those of the environment."""
    world.workspace.write(world.workspace.venv.scripts / "uname", "")


def change(world: World) -> None:
    """Change an installed file."""
    world.workspace.write(world.workspace.venv.site_packages / "demo.py", "changed = True\n")


ROWS = (
    Row(
        kind="vcs-requirement/installed",
        line=SCAN,
        prepare=install_what("<repository>"),
        ways=(after(install(CLONED)),),
    ),
    Row(
        kind="local-project/installed",
        line=SCAN,
        policy='[sources]\nlocal-projects = "never"\n',
        prepare=install_what("<project>"),
        ways=(after(install(make_wheel("project", "2.0"))),),
    ),
    Row(kind="direct-url/installed", line=SCAN, prepare=install_what("<rogue-wheel-url>")),
    Row(
        kind="lookalike-project-name/check:3",
        line=SCAN,
        prepare=install(make_wheel("reqeusts")),
        ways=(after(uninstall("reqeusts")),),
    ),
    Row(
        kind="known-malicious/check_release:1",
        line=SCAN,
        policy=WITH_PYPI,
        prepare=install(MALWARE),
        ways=(after(uninstall("not-on-the-index")),),
    ),
    Row(
        kind="known-malicious/check_release:2",
        line=SCAN,
        prepare=install(MALWARE),
        ways=(after(uninstall("not-on-the-index")),),
    ),
    Row(kind="startup-code/about_installed", line=SCAN, prepare=install(brings({"demo.pth": IMPORTS}))),
    Row(
        kind="startup-code/about_unowned:1",
        line=SCAN,
        prepare=plant("evil.pth", IMPORTS),
        ways=(after(remove("evil.pth")),),
    ),
    Row(
        kind="startup-code/about_unowned:2",
        line=SCAN,
        prepare=plant("evil.pth", IMPORTS * 200_000),
        ways=(after(remove("evil.pth")),),
    ),
    Row(
        kind="record-mismatch/check-2",
        line=SCAN,
        prepare=plant("extra.py", ""),
        ways=(after(remove("extra.py")),),
    ),
    Row(kind="record-mismatch/installed-1", line=SCAN, prepare=all_of(install(brings()), change)),
    Row(kind="record-mismatch/installed-2", line=SCAN, prepare=all_of(install(brings()), remove("demo.py"))),
    Row(
        kind="overwritten-files/check-1",
        line=SCAN,
        prepare=all_of(install(make_wheel("other", files={"demo.py": "1"})), install(brings({"demo.py": "2"}))),
    ),
    Row(
        kind="planted-file/check-2",
        line=SCAN,
        prepare=install(brings(data={"data/pip.conf": ""})),
        ways=(after(uninstall("demo")),),
    ),
    Row(
        kind="planted-file/unowned",
        line=SCAN,
        prepare=plant_command,
        ways=(after(lambda world: (world.workspace.venv.scripts / "uname").unlink()),),
    ),
)
