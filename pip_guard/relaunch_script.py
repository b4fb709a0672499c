"""Run pip-guard in another interpreter, as a script: ``PYTHON relaunch_script.py MODULES ARGUMENTS...``.

MODULES is a JSON object that maps top-level module names to the folders or files to load them from. Up to the check of the version,
the syntax must be valid in every Python. Nothing imports this module.
"""

import sys

OLDEST = (3, 10)
# The name of the script that a start-up hook replaces by this one.
STARTED_AS = "_PIP_GUARD_STARTED_AS"

if __name__ == "__main__" and sys.version_info[:2] < OLDEST:
    sys.stderr.write(
        "error: " + sys.executable + " is Python " + sys.version.split()[0] + "; pip-guard needs 3.10 or newer.\n\n"
        "hint: Name a newer interpreter with --python, or make a new virtual environment.\n\n"
        "Nothing was installed.\n"
    )
    raise SystemExit(40)

import os  # noqa: E402

# NOTE: until pip-guard controls imports, a file on PYTHONPATH would shadow the standard library.
_path = sys.path[:]
sys.path[:] = [entry for entry in _path if entry not in os.environ.get("PYTHONPATH", "").split(os.pathsep)]
import json  # noqa: E402
from importlib.machinery import PathFinder  # noqa: E402

sys.path[:] = _path


class Redirect(object):  # noqa: UP004
    """Find the given top-level modules where the mapping says, and no others."""

    def __init__(self, modules):  # type: ignore[no-untyped-def]
        self._modules = modules

    def find_spec(self, fullname, path=None, target=None):  # type: ignore[no-untyped-def]
        """Return the spec of a redirected module."""
        if fullname not in self._modules:
            return None
        return PathFinder.find_spec(fullname, [os.path.dirname(self._modules[fullname])], target)


if __name__ == "__main__":
    # the first entry is the folder of this script, a package: its modules must not be importable as top-level ones
    if not getattr(sys.flags, "safe_path", False) and not sys.flags.isolated:
        del sys.path[0]
    # NOTE: processes that pip starts must not inherit it.
    _name = os.path.basename(os.environ.pop(STARTED_AS, ""))
    if _name:
        sys.argv[0] = os.path.join(os.path.dirname(sys.argv[0]), _name)
    sys.meta_path.insert(0, Redirect(json.loads(sys.argv.pop(1))))  # type: ignore[no-untyped-call]

    from pip_guard.cli import main

    sys.exit(main())
