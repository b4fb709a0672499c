"""Run pip-guard as ``python -m pip_guard``."""

import sys

if __name__ == "__main__":
    # Python puts the working directory first, where a file could shadow any module that is imported from here on.
    if not getattr(sys.flags, "safe_path", False):
        del sys.path[0]

    from pip_guard.cli import main

    sys.exit(main())
