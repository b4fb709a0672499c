"""For each kind of thing that a wheel may not bring, what happens without the rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.e2e.histories.world import World
from tests.e2e.holes.hole import Hole, arrives
from tests.kit.wheels import make_wheel

Files = Mapping[str, str | bytes]


def brings(
    files: Files | None = None,
    *,
    data: Files | None = None,
    command: str | None = None,
    there: Mapping[str, str] | None = None,
) -> Callable[[World], None]:
    """Offer a wheel with these files, in an environment that has those."""

    def prepare(world: World) -> None:
        for path, content in (there or {}).items():
            world.write(world.workspace.venv.site_packages / path, content)
        scripts = {} if command is None else {"console_scripts": {command: "demo:main"}}
        world.index.publish(
            make_wheel("demo", "2.0", files={"demo.py": "", **(files or {})}, data=data, entry_points=scripts)
        )

    return prepare


ROOT = "../../../"
ROWS = (
    ("overwritten-files", brings({"mine.py": "2"}, there={"mine.py": "1"})),
    ("overwritten-files", brings({"mine/__init__.py": "2"}, there={"mine.py": "1"})),
    ("overwritten-files", brings({"__pycache__/mine.cpython-311.opt-1.pyc": "2"}, there={"mine.py": "1"})),
    ("overwritten-files", brings(data={"data/share/doc/demo/x": "2"}, there={f"{ROOT}share/doc/demo/x": "1"})),
    ("overwritten-files", brings(command="deploy", there={f"{ROOT}bin/deploy": "1"})),
    ("planted-file", brings(data={"data/Makefile": ""})),
    ("planted-file", brings(data={"data/.git/hooks/pre-commit": ""})),
    ("planted-file", brings(data={"data/share/systemd/user/demo.service": ""})),
    ("planted-file", brings(data={"data/share/bash-completion/completions/_git": ""})),
    (
        "planted-file",
        brings(data={"data/etc/jupyter/jupyter_server_config.d/demo.json": '{"ServerApp": {"root_dir": "/"}}'}),
    ),
    ("planted-file", brings(data={"data/sbin/git": ""})),
    ("planted-file", brings(command="kubectl")),
    ("planted-file", brings(command="pytest")),
    ("planted-file", brings({"zz.py": ""}, there={f"{ROOT}bin/zz.py": ""})),
    ("planted-file", brings({"org/python.py": ""})),
    ("planted-file", brings({"backports/__init__.py": "import os"})),
    ("planted-file", brings({"tzdata/__init__.py": ""})),
    (
        "startup-code",
        brings(
            {"acme.py": ""}, there={"a.pth": "import sys; exec('try:\\\\n import acme\\\\nexcept ImportError: pass')"}
        ),
    ),
    ("startup-code", brings({"demo.pth": " import demo"})),
    ("startup-code", brings({"demo.start": ""})),
)
HOLES = tuple(
    Hole(without=(rule,), line="install demo==2.0", prepare=prepare, happens=arrives("demo==2.0"))
    for rule, prepare in ROWS
)
