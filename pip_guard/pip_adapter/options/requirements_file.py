"""Read the options in requirements files, without fetching anything."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from pip._internal.req.req_file import ParsedLine, RequirementsFileParser, get_line_parser

from pip_guard.facts.origin import Origin, OriginKind, Setting
from pip_guard.policy.approval import is_local

if TYPE_CHECKING:
    from optparse import Values

    from pip._internal.network.session import PipSession

# The options that pip obeys in such files, by the name that it stores the value under.
NAMES = {
    "index_url": "index-url",
    "extra_index_urls": "extra-index-url",
    "no_index": "no-index",
    "find_links": "find-links",
    "trusted_hosts": "trusted-host",
    "requirements": "requirement",
    "constraints": "constraint",
    "editables": "editable",
    "pre": "pre",
    "prefer_binary": "prefer-binary",
    "require_hashes": "require-hashes",
    "no_require_hashes": "no-require-hashes",
    "features_enabled": "use-feature",
}
# The options that are about projects, by what holds them, and its attribute.
CONTROLS = (
    ("format_control", "no_binary"),
    ("format_control", "only_binary"),
    ("release_control", "all_releases"),
    ("release_control", "only_final"),
)


class LineOption(NamedTuple):
    """One value that a line of a file sets."""

    dest: str
    name: str
    setting: Setting
    file: str


def read_options(path: str, *, constraint: bool) -> list[LineOption]:
    """Return what a requirements file and the local files that it names set, in pip's order.

    Raises pip's own errors.
    """
    if not is_local(path):
        return []
    reader = _Reader()
    # NOTE: lock files are another matter: they set nothing.
    if not path.endswith(".toml"):
        for _ in reader.parse(path, constraint):
            pass
    return [option for line in reader.lines for option in _options(line)]


class _Reader(RequirementsFileParser):
    """Keeps every line of every file that it reads, including those that name other files."""

    def __init__(self) -> None:
        # nothing is fetched
        super().__init__(cast("PipSession", None), get_line_parser(None))
        self.lines: list[ParsedLine] = []

    def _parse_file(self, filename: str, constraint: bool) -> Generator[ParsedLine, None, None]:
        if not is_local(filename):
            return
        for line in super()._parse_file(filename, constraint):
            found = line.opts.features_enabled
            # NOTE: all parsers share this default, and pip adds to it what any of them reads.
            line.opts.features_enabled = list(found)
            found.clear()
            self.lines.append(line)
            yield line


def _options(line: ParsedLine) -> Iterator[LineOption]:
    origin = Origin(kind=OriginKind.FILE_OPTION, text=f"line {line.lineno} of {line.filename}")
    for dest, name, value in _values(line.opts):
        yield LineOption(dest, name, Setting(value=value, origin=origin), line.filename)


def _values(options: Values) -> Iterator[tuple[str, str, str]]:
    for dest, name in NAMES.items():
        value: Any = getattr(options, dest, None)
        for each in value if isinstance(value, (list, tuple)) else [value]:
            if each:
                yield dest, name, "" if each is True else str(each)
    for dest, attribute in CONTROLS:
        for project in sorted(getattr(getattr(options, dest, None), attribute, ())):
            yield dest, attribute.replace("_", "-"), project
