"""Build wheels as a PEP 517 and 660 backend, and leave a mark as soon as any code of it runs.

NOTE: source trees carry this file, with `wheels.py`, as their package `sentinel_backend`; the tests never import it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeAlias

from .wheels import Wheel, escape, make_wheel  # noqa: TID252 - the name of the package differs from tree to tree

ConfigSettings: TypeAlias = dict[str, str | list[str]] | None

SETTINGS = json.loads(Path(__file__).with_name("settings.json").read_text(encoding="utf-8"))


def mark(event: str) -> None:
    """Append an event to the sentinel file."""
    with Path(SETTINGS["sentinel"]).open("a", encoding="utf-8") as sentinel:
        sentinel.write(f"{SETTINGS['name']}: {event}\n")


mark("import")


def get_requires_for_build_wheel(config_settings: ConfigSettings = None) -> list[str]:
    """Ask for nothing (PEP 517)."""
    mark("get_requires_for_build_wheel")
    return []


def get_requires_for_build_editable(config_settings: ConfigSettings = None) -> list[str]:
    """Ask for nothing (PEP 660)."""
    mark("get_requires_for_build_editable")
    return []


def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings: ConfigSettings = None) -> str:
    """Write the .dist-info folder (PEP 517)."""
    mark("prepare_metadata_for_build_wheel")
    return write_metadata(metadata_directory)


def prepare_metadata_for_build_editable(metadata_directory: str, config_settings: ConfigSettings = None) -> str:
    """Write the .dist-info folder (PEP 660)."""
    mark("prepare_metadata_for_build_editable")
    return write_metadata(metadata_directory)


def build_wheel(
    wheel_directory: str, config_settings: ConfigSettings = None, metadata_directory: str | None = None
) -> str:
    """Build a wheel of the modules below src (PEP 517)."""
    mark("build_wheel")
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted(Path("src").glob("*.py"))}
    return wheel_of(files).write(Path(wheel_directory)).name


def build_editable(
    wheel_directory: str, config_settings: ConfigSettings = None, metadata_directory: str | None = None
) -> str:
    """Build a wheel that adds src to the import path (PEP 660)."""
    mark("build_editable")
    files = {f"__editable__.{escape(SETTINGS['name'])}.pth": f"{Path('src').resolve()}\n"}
    return wheel_of(files).write(Path(wheel_directory)).name


def write_metadata(directory: str) -> str:
    """Write a .dist-info folder that holds METADATA and return its name."""
    folder = Path(directory, f"{escape(SETTINGS['name'])}-{SETTINGS['version']}.dist-info")
    folder.mkdir()
    (folder / "METADATA").write_bytes(wheel_of({}).metadata)
    return folder.name


def wheel_of(files: dict[str, str]) -> Wheel:
    """Make the wheel of this project with some files."""
    return make_wheel(SETTINGS["name"], SETTINGS["version"], files=files, requires=SETTINGS["requires"])
