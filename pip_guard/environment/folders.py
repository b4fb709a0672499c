"""Find the user's own folders of pip-guard."""

from __future__ import annotations

from collections.abc import Callable

from pip_guard.errors import GuardError

_NAME = "pip-guard"


def config_folder() -> str:
    """Return the folder of the user's policy. Raises `GuardError`."""
    import platformdirs

    return _ask(platformdirs.user_config_dir)


def cache_folder() -> str:
    """Return the folder of the caches. Raises `GuardError`."""
    import platformdirs

    return _ask(platformdirs.user_cache_dir)


def log_folder() -> str:
    """Return the folder of the journal. Raises `GuardError`."""
    import platformdirs

    return _ask(platformdirs.user_log_dir)


def _ask(folder: Callable[..., str]) -> str:
    try:
        return folder(_NAME, appauthor=False)
    except RuntimeError as error:
        raise GuardError(f"pip-guard cannot find your home folder: {error}.", hint="Set HOME to its path.") from error
