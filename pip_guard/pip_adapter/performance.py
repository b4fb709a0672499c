"""Spare pip work that it does over and over with the same outcome; what it does, says and writes stays the same.

The functions around pip's methods take the method, then the parameters of that method under pip's own names.
"""

from __future__ import annotations

import copy
import functools
import gc
from collections.abc import Callable, Sequence
from importlib.metadata import Distribution
from optparse import OptionParser
from types import FunctionType
from typing import TYPE_CHECKING

from pip_guard.pip_adapter.hooks import Hook

if TYPE_CHECKING:
    from pip._internal.index.package_finder import CandidateEvaluator
    from pip._internal.models.release_control import ReleaseControl
    from pip._internal.utils.hashes import Hashes
    from pip._vendor.packaging.specifiers import BaseSpecifier
    from pip._vendor.packaging.tags import Tag

# Garbage is looked for after as many new objects, once those that loading pip has made are set aside.
GC_THRESHOLD = 5_000
# What pip's evaluator of candidates makes of the tags.
_RANKED = {"_supported_tags", "_wheel_tag_preferences"}


class Preferences:
    """The order of the tags that an interpreter supports, worked out once for a list of them."""

    def __init__(self) -> None:
        self._tags: Sequence[Tag] = ()
        self._ranks: dict[Tag, int] = {}

    def of(self, tags: Sequence[Tag]) -> dict[Tag, int]:
        """Return the rank of every tag of a list, which is not changed afterwards."""
        if tags is not self._tags:
            self._tags, self._ranks = tags, {tag: rank for rank, tag in enumerate(tags)}
        return self._ranks


_preferences = Preferences()


def make_evaluator(
    method: FunctionType,
    self: CandidateEvaluator,
    project_name: str,
    supported_tags: list[Tag],
    specifier: BaseSpecifier,
    prefer_binary: bool = False,
    release_control: ReleaseControl | None = None,
    hashes: Hashes | None = None,
) -> None:
    """Rank the tags of the interpreter once, not for every project: there are a thousand of them."""
    if not set(method.__code__.co_names) >= _RANKED:
        method(self, project_name, supported_tags, specifier, prefer_binary, release_control, hashes)
        return
    method(self, project_name, [], specifier, prefer_binary, release_control, hashes)
    self._supported_tags = supported_tags
    self._wheel_tag_preferences = _preferences.of(supported_tags)


_supported: dict[object, list[Tag]] = {}


def get_supported(
    method: Callable[..., list[Tag]],
    version: str | None = None,
    platforms: list[str] | None = None,
    impl: str | None = None,
    abis: list[str] | None = None,
) -> list[Tag]:
    """List the tags of an interpreter once, for pip's finder and for its resolver."""
    wanted = (version, platforms and tuple(platforms), impl, abis and tuple(abis))
    if wanted not in _supported:
        _supported[wanted] = method(version, platforms, impl, abis)
    return _supported[wanted]


class LineParser:
    """The parser of the options in requirements files, which pip makes anew for every line."""

    def __init__(self, parser: OptionParser) -> None:
        self._parser = parser
        self._defaults = copy.deepcopy(parser.defaults)

    def renew(self) -> OptionParser:
        """Return the parser as it was made: lines add to the lists and controls that are its defaults."""
        # NOTE: pip itself has one list of features for all its parsers; whatever a line adds there goes to the command anyway.
        self._parser.defaults = {
            name: value if value is None or isinstance(value, (bool, str)) else copy.deepcopy(value)
            for name, value in self._defaults.items()
        }
        return self._parser


@functools.cache
def _line_parser(method: Callable[[], OptionParser]) -> LineParser:
    return LineParser(method())


def build_parser(method: Callable[[], OptionParser]) -> OptionParser:
    """Make the parser of lines once."""
    return _line_parser(method).renew()


def parse_metadata_once() -> None:
    """Let a distribution keep its parsed metadata: pip asks for them up to six times, for a name and a version."""
    parsed = vars(Distribution)["metadata"]
    if isinstance(parsed, property) and parsed.fget is not None:
        kept = functools.cached_property(parsed.fget)
        kept.__set_name__(Distribution, "metadata")
        setattr(Distribution, "metadata", kept)  # noqa: B010 -- to a type checker it is a property that cannot be set


def set_loaded_aside() -> None:
    """Look for garbage only among what is made from now on, which is little beside what loading pip has made."""
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, *gc.get_threshold()[1:])


# What no check stands on: a pip that lacks one of them is only slower.
ECONOMIES = (
    *(
        Hook(
            module=module,
            owner=None,
            name="get_supported",
            parameters=("version", "platforms", "impl", "abis"),
            around=get_supported,
        )
        for module in ("pip._internal.models.target_python", "pip._internal.resolution.resolvelib.factory")
    ),
    Hook(
        module="pip._internal.index.package_finder",
        owner="CandidateEvaluator",
        name="__init__",
        parameters=(
            "self",
            "project_name",
            "supported_tags",
            "specifier",
            "prefer_binary",
            "release_control",
            "hashes",
        ),
        around=make_evaluator,
    ),
    Hook(
        module="pip._internal.req.req_file",
        owner=None,
        name="build_parser",
        parameters=(),
        around=build_parser,
    ),
)
