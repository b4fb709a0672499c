"""Find the user's own folders of pip-guard."""

from __future__ import annotations

from pip_guard.errors import GuardError

_NAME = "pip-guard"


def config_folder() -> str:
    """Return the folder of the user's policy. Raises `GuardError`."""
    return _ask("user_config_dir")


def cache_folder() -> str:
    """Return the folder of the caches. Raises `GuardError`."""
    return _ask("user_cache_dir")


def log_folder() -> str:
    """Return the folder of the journal. Raises `GuardError`."""
    return _ask("user_log_dir")


def _ask(function: str) -> str:
    import platformdirs

    try:
        folder: str = getattr(platformdirs, function)(_NAME, appauthor=False)
    except RuntimeError as error:
        raise GuardError(f"pip-guard cannot find your home folder: {error}.", hint="Set HOME to its path.") from error
    return folder
