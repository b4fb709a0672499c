"""Stand in for setuptools, as far as pip uses it to build a project that has a setup.py alone.

NOTE: a wheel carries this file, with `wheels.py`, as `setuptools/build_meta.py`; the tests never import it.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import TypeAlias

from .wheels import Wheel, escape, make_wheel  # noqa: TID252 - the name of the package differs from tree to tree

ConfigSettings: TypeAlias = dict[str, str | list[str]] | None
Keywords: TypeAlias = dict[str, str]

RECEIVED: list[tuple[Keywords, list[str]]] = []


def setup(*, install_requires: list[str] | None = None, **keywords: str) -> None:
    """Take what setup.py says."""
    RECEIVED.append((keywords, install_requires or []))


def wheel_of(files: dict[str, str] | None) -> Wheel:
    """Run setup.py and make the wheel that it describes, by default of the modules below src."""
    runpy.run_path("setup.py", run_name="__main__")
    keywords, requires = RECEIVED.pop()
    if files is None:
        files = {path.name: path.read_text(encoding="utf-8") for path in sorted(Path("src").glob("*.py"))}
    return make_wheel(keywords["name"], keywords["version"], files=files, requires=requires)


class LegacyBackend:
    """The hooks of PEP 517 and 660 that run setup.py."""

    def get_requires_for_build_wheel(self, config_settings: ConfigSettings = None) -> list[str]:
        """Run setup.py and ask for nothing."""
        wheel_of({})
        return []

    get_requires_for_build_editable = get_requires_for_build_wheel

    def prepare_metadata_for_build_wheel(self, metadata_directory: str, config_settings: ConfigSettings = None) -> str:
        """Write the .dist-info folder."""
        wheel = wheel_of({})
        folder = Path(metadata_directory, f"{escape(wheel.name)}-{wheel.version}.dist-info")
        folder.mkdir()
        (folder / "METADATA").write_bytes(wheel.metadata)
        return folder.name

    prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel

    def build_wheel(
        self, wheel_directory: str, config_settings: ConfigSettings = None, metadata_directory: str | None = None
    ) -> str:
        """Build a wheel."""
        return wheel_of(None).write(Path(wheel_directory)).name

    def build_editable(
        self, wheel_directory: str, config_settings: ConfigSettings = None, metadata_directory: str | None = None
    ) -> str:
        """Build a wheel that adds src to the import path."""
        return wheel_of({"__editable__.legacy.pth": f"{Path('src').resolve()}\n"}).write(Path(wheel_directory)).name


__legacy__ = LegacyBackend()
