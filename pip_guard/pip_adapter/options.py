"""Read the options that rules ask for out of the values that pip parsed."""

from __future__ import annotations

from optparse import Values

from pip_guard.facts import CommandOptions, FolderOption
from pip_guard.pip_adapter.origins import OptionOrigins

# The commands that change an environment; the others fetch, resolve or build.
WRITING = frozenset({"install", "uninstall"})


def command_options(command: str, options: Values, origins: OptionOrigins) -> CommandOptions:
    """Return what decides where a command writes, with the origin of each value."""
    return CommandOptions(
        command=command,
        writes=command in WRITING and not getattr(options, "dry_run", False),
        target=_folder("target_dir", options, origins),
        prefix=_folder("prefix_path", options, origins),
        root=_folder("root_path", options, origins),
        user=origins.origin("use_user_site") if getattr(options, "use_user_site", None) else None,
        break_system_packages=origins.origin("override_externally_managed")
        if getattr(options, "override_externally_managed", None)
        else None,
    )


def _folder(dest: str, options: Values, origins: OptionOrigins) -> FolderOption | None:
    path = getattr(options, dest, None)
    return FolderOption(path=path, origin=origins.origin(dest)) if path else None
