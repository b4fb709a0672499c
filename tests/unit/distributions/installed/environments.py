"""Lay out what is installed as pip leaves it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from pip_guard.distributions.installed.libraries import LibraryFolder
from tests.kit.wheels import record_hash


def make_library_folder(folder: Path) -> LibraryFolder:
    """Make the folders of a virtual environment."""
    library = folder / "lib" / "python3.11" / "site-packages"
    library.mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "pyvenv.cfg").touch()
    return LibraryFolder(library=str(library), prefix=str(folder))


def install(
    place: LibraryFolder,
    name: str,
    version: str = "1.0",
    *,
    files: Mapping[str, str | bytes] | None = None,
    rows: Sequence[str] = (),
    record: str | bytes | None = "",
    metadata: str | None = None,
    entry_points: str | None = None,
    installer: str = "pip",
    requested: bool = False,
    direct_url: Mapping[str, object] | str | None = None,
    top_level: str | None = None,
) -> Path:
    """Write the files of a distribution; `record` replaces RECORD, None leaves it out, and `rows` are added to it."""
    library = Path(place.library)
    folder = f"{name.replace('-', '_')}-{version}.dist-info"
    contents: dict[str, str | bytes | None] = {f"{name.replace('-', '_')}.py": ""} if files is None else {**files}
    contents[f"{folder}/METADATA"] = f"Name: {name}\nVersion: {version}\n" if metadata is None else metadata
    contents[f"{folder}/INSTALLER"] = f"{installer}\n"
    contents[f"{folder}/REQUESTED"] = "" if requested else None
    contents[f"{folder}/entry_points.txt"] = entry_points
    contents[f"{folder}/top_level.txt"] = top_level
    contents[f"{folder}/direct_url.json"] = json.dumps(direct_url) if isinstance(direct_url, Mapping) else direct_url
    lines = []
    for path, content in contents.items():
        if content is not None:
            data = content.encode() if isinstance(content, str) else content
            target = library / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            lines.append(f"{path},{record_hash(data)},{len(data)}")
    text = record or "\n".join([*lines, *rows, f"{folder}/RECORD,,", ""])
    if record is not None:
        (library / folder / "RECORD").write_bytes(text if isinstance(text, bytes) else text.encode())
    return library / folder
