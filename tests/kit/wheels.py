"""Make wheels in memory, correct unless told otherwise.

NOTE: source trees carry a copy of this file as part of their build backend, so it imports the standard library alone.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
import warnings
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Text = str | bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Wheel:
    """A wheel that exists in memory only."""

    name: str
    version: str
    filename: str
    content: bytes
    metadata: bytes

    def write(self, folder: Path) -> Path:
        """Write the wheel into a folder and return where."""
        path = folder / self.filename
        path.write_bytes(self.content)
        return path


def make_wheel(
    name: str,
    version: str = "1.0",
    *,
    files: Mapping[str, Text] | None = None,
    requires: Sequence[str] = (),
    extras: Mapping[str, Sequence[str]] | None = None,
    entry_points: Mapping[str, Mapping[str, str]] | None = None,
    data: Mapping[str, Text] | None = None,
    tag: str = "py3-none-any",
    requires_python: str | None = None,
    metadata_extra: str = "",
    raw: Sequence[tuple[str | zipfile.ZipInfo, bytes]] = (),
    record_override: str | None = None,
    omit: Collection[str] = (),
    unrecorded: Collection[str] = (),
    misrecorded: Collection[str] = (),
    filename: str | None = None,
    dist_info: str | None = None,
    metadata_name: str | None = None,
    metadata_version: str | None = None,
) -> Wheel:
    """Make a wheel; the options from `raw` on make it a wrong one.

    `files` are members by path (default: one module named like the project), `data` those below `{name}-{version}.data/`.
    `extras` maps an extra to its requirements, `entry_points` a group to its entries.
    `raw` members are appended as they are and not recorded; `record_override` is the whole RECORD; `omit` leaves members out
    of the archive but not out of RECORD ("RECORD", "METADATA" and "WHEEL" mean those of the .dist-info folder);
    `unrecorded` and `misrecorded` paths are missing from RECORD, or are there with a wrong hash.
    """
    escaped = escape(name)
    stem = f"{escaped}-{version.replace('-', '_')}"
    folder = dist_info or f"{stem}.dist-info"
    members = encoded({f"{escaped}.py": f'VERSION = "{version}"\n'} if files is None else files)
    members |= {f"{stem}.data/{path}": content for path, content in encoded(data or {}).items()}
    metadata = render_metadata(
        metadata_name or name,
        metadata_version or version,
        requires=requires,
        extras=extras or {},
        requires_python=requires_python,
        extra=metadata_extra,
    ).encode()
    members[f"{folder}/METADATA"] = metadata
    members[f"{folder}/WHEEL"] = render_wheel_file(tag).encode()
    if entry_points:
        members[f"{folder}/entry_points.txt"] = render_entry_points(entry_points).encode()
    record = record_override
    if record is None:
        record = render_record(members, f"{folder}/RECORD", unrecorded=unrecorded, misrecorded=misrecorded)
    members[f"{folder}/RECORD"] = record.encode()
    left_out = {f"{folder}/{path}" if path in ("RECORD", "METADATA", "WHEEL") else path for path in omit}
    archived: list[tuple[str | zipfile.ZipInfo, bytes]] = [item for item in members.items() if item[0] not in left_out]
    return Wheel(
        name=name,
        version=version,
        filename=filename or f"{stem}-{tag}.whl",
        content=zip_archive([*archived, *raw]),
        metadata=metadata,
    )


def escape(name: str) -> str:
    """Escape a project's name for file names and use as a module's name."""
    return re.sub(r"[-_.]+", "_", name).lower()


def encoded(members: Mapping[str, Text]) -> dict[str, bytes]:
    """Encode the text among file contents."""
    return {path: content.encode() if isinstance(content, str) else content for path, content in members.items()}


def render_metadata(
    name: str,
    version: str,
    *,
    requires: Sequence[str] = (),
    extras: Mapping[str, Sequence[str]] | None = None,
    requires_python: str | None = None,
    extra: str = "",
) -> str:
    """Render core metadata; `extra` is appended as it is."""
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    if requires_python is not None:
        lines.append(f"Requires-Python: {requires_python}")
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    for name_of_extra, requirements in (extras or {}).items():
        lines.append(f"Provides-Extra: {name_of_extra}")
        lines += [f'Requires-Dist: {requirement} ; extra == "{name_of_extra}"' for requirement in requirements]
    return "\n".join(lines) + "\n" + extra


def render_wheel_file(tag: str) -> str:
    """Render the WHEEL file for a tag, which may be compressed (py2.py3-none-any)."""
    pythons, abis, platforms = (part.split(".") for part in tag.split("-"))
    tags = [f"Tag: {python}-{abi}-{platform}\n" for python in pythons for abi in abis for platform in platforms]
    return "Wheel-Version: 1.0\nGenerator: tests 1.0\nRoot-Is-Purelib: true\n" + "".join(tags)


def render_entry_points(groups: Mapping[str, Mapping[str, str]]) -> str:
    """Render entry_points.txt."""
    lines: list[str] = []
    for group, entries in groups.items():
        lines += [f"[{group}]", *(f"{name} = {target}" for name, target in entries.items()), ""]
    return "\n".join(lines)


def render_record(
    members: Mapping[str, bytes],
    record: str,
    *,
    unrecorded: Collection[str] = (),
    misrecorded: Collection[str] = (),
) -> str:
    """Render RECORD for members, and for itself without a hash."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for path, content in members.items():
        if path not in unrecorded:
            rows.writerow((path, record_hash(b"wrong" if path in misrecorded else content), len(content)))
    rows.writerow((record, "", ""))
    return text.getvalue()


def record_hash(content: bytes) -> str:
    """Hash content in the notation of RECORD."""
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


def zip_archive(members: Sequence[tuple[str | zipfile.ZipInfo, bytes]]) -> bytes:
    """Make a zip archive with fixed times and permissions; a ZipInfo is used as it is."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.filterwarnings("ignore", message="Duplicate name")
        for member, content in members:
            archive.writestr(member if isinstance(member, zipfile.ZipInfo) else zip_member(member), content)
    return buffer.getvalue()


def zip_member(path: str) -> zipfile.ZipInfo:
    """Describe a regular file, at the earliest time that a zip archive can express."""
    member = zipfile.ZipInfo(path, date_time=(1980, 1, 1, 0, 0, 0))
    member.external_attr = 0o100644 << 16
    member.compress_type = zipfile.ZIP_DEFLATED
    return member
