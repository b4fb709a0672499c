"""Read the metadata of installed distributions, which may be hostile."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pip_guard.distributions.wheel.metadata import DIST_INFO, parse_dist_info, read_fields
from pip_guard.distributions.wheel.record import Row, UnreadableRecordError, parse_record
from pip_guard.environment.files import UnreadableFileError, list_folder, read_file, read_file_if_possible
from pip_guard.facts.candidate import CandidateKind
from pip_guard.frozen import frozen
from pip_guard.names.normalize import normalize_name

# Old setuptools left a file or a folder with this suffix, and no RECORD.
EGG_INFO = ".egg-info"
# In bytes.
_LARGEST_RECORD = 64 << 20
_LARGEST_FILE = 4 << 20
# The prefix that pip gives to folders that it is removing; they stay if that fails.
_REMNANT = "~"
_BY_CONDA = "conda"
_PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg")


@frozen
class DirectURL:
    """The origin of a distribution according to its direct_url.json."""

    kind: CandidateKind
    url: str
    editable: bool = False

    @property
    def is_there(self) -> bool:
        """Tell whether this is a folder of this machine with a project in it."""
        parts = urlsplit(self.url)
        folder = url2pathname(parts.path)
        return parts.scheme == "file" and any(os.path.isfile(os.path.join(folder, name)) for name in _PROJECT_FILES)


@frozen
class Distribution:
    """An installed distribution, as its metadata describes it.

    `metadata` is the name of the folder or file in its library. `rows` are those of RECORD, None if it has none; `problems` what of
    all this cannot be read. `top_level` are the names that setuptools says are imported.
    """

    name: str
    version: str
    metadata: str
    installer: str = ""
    requested: bool = False
    source: DirectURL | None = None
    rows: tuple[Row, ...] | None = None
    top_level: frozenset[str] = frozenset()
    problems: tuple[str, ...] = ()

    @property
    def project(self) -> str:
        """The normalised name of its project."""
        return normalize_name(self.name)

    @property
    def is_of_conda(self) -> bool:
        """Tell whether conda installed it, which changes files as it does."""
        return self.installer == _BY_CONDA

    @property
    def is_verifiable(self) -> bool:
        """Tell whether its files can be compared with its RECORD."""
        return self.rows is not None and not self.is_of_conda

    @property
    def is_live(self) -> bool:
        """Tell whether it is an editable installation of a project folder that exists."""
        return self.source is not None and self.source.editable and self.source.is_there


def read_distributions(library: str) -> tuple[Distribution, ...]:
    """Read all distributions in a library folder, in the order of their names."""
    return tuple(
        _read(library, entry)
        for entry in list_folder(library)
        if entry.endswith((DIST_INFO, EGG_INFO)) and not entry.startswith(_REMNANT)
    )


def _read(library: str, entry: str) -> Distribution:
    folder = os.path.join(library, entry)
    is_wheel = entry.endswith(DIST_INFO)
    problems: list[str] = []

    def text(name: str, limit: int = _LARGEST_FILE) -> bytes | None:
        try:
            return read_file(os.path.join(folder, name), limit)
        except UnreadableFileError as error:
            if not error.gone:
                problems.append(f"its {name} {error}")
            return None

    if os.path.isdir(folder):
        metadata = text("METADATA" if is_wheel else "PKG-INFO")
    else:  # a distribution of old may consist of one file of metadata
        metadata = read_file_if_possible(folder, _LARGEST_FILE)
    if metadata is None and is_wheel:
        problems.append("it has no METADATA that can be read")
    by_name = parse_dist_info(entry if is_wheel else entry.removesuffix(EGG_INFO))
    name = _first(metadata, "Name") or by_name.name
    version = _first(metadata, "Version") or by_name.version.partition("-py")[0]
    if is_wheel and normalize_name(name) != normalize_name(by_name.name):
        problems.append(f"its METADATA is of {name}, unlike its folder {entry}")
    rows = _rows(text("RECORD", _LARGEST_RECORD), problems) if is_wheel else None
    direct_url = text("direct_url.json")
    source = None if direct_url is None else _parse_source(direct_url)
    if direct_url is not None and source is None:
        problems.append("its direct_url.json cannot be read")
    return Distribution(
        name=name,
        version=version,
        metadata=entry,
        installer=(text("INSTALLER") or b"").decode("utf-8", "replace").strip().lower(),
        requested=os.path.lexists(os.path.join(folder, "REQUESTED")),
        source=source,
        rows=rows,
        top_level=frozenset((text("top_level.txt") or b"").decode("utf-8", "replace").replace("/", ".").split()),
        problems=tuple(problems),
    )


def _rows(record: bytes | None, problems: list[str]) -> tuple[Row, ...] | None:
    try:
        return None if record is None else parse_record(record)
    except UnreadableRecordError as error:
        problems.append(str(error))
        return None


def _first(metadata: bytes | None, field: str) -> str:
    values = read_fields(metadata or b"", field)
    return values[0] if values else ""


def _parse_source(content: bytes) -> DirectURL | None:
    """Return what a direct_url.json says (https://packaging.python.org/en/latest/specifications/direct-url/)."""
    try:
        document = json.loads(content)
        url = document["url"]
        if not isinstance(url, str):
            return None
        urlsplit(url)
        for key, kind in _kinds(url):
            if key in document:
                return DirectURL(kind=kind, url=url, editable=document[key].get("editable") is True)
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return None
    return None


def _kinds(url: str) -> Iterator[tuple[str, CandidateKind]]:
    yield "vcs_info", CandidateKind.VCS
    yield "dir_info", CandidateKind.DIRECTORY
    is_wheel = urlsplit(url).path.lower().endswith(".whl")
    yield "archive_info", CandidateKind.WHEEL if is_wheel else CandidateKind.SOURCE_ARCHIVE
