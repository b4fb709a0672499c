"""Look up the project that is meant by a name which is not its name, such as the one that it is imported by."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache

_FILE = os.path.join(os.path.dirname(__file__), "import_names.txt")

# Names that are no projects, with the argument that was probably meant; empty if there is none.
MEANT_BY_PHANTOM = {
    "opencv": "opencv-python",
    "pip3": "pip",
    "python": "",
    "python3": "",
    "requirements": "-r requirements.txt",
    "requirements-txt": "-r requirements.txt",
    "setup-py": ".",
}


@cache
def projects_by_import_name() -> Mapping[str, str]:
    """Return the projects that are meant by names to import, read when a name is first judged."""
    with open(_FILE, encoding="utf-8") as file:
        return dict(line.split() for line in file if line.strip() and not line.startswith("#"))
