"""Compile regular expressions when they are first used: most commands need few of those that their modules have."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _LazyPattern:
    """What a compiled pattern has, each from the first time it is asked for."""

    def __init__(self, pattern: Any, flags: int) -> None:
        self._source = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        value = getattr(re.compile(*self._source), name)
        setattr(self, name, value)
        return value


def lazy_pattern(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what is used as `re.compile` would return it; what is wrong with a pattern is raised by its first use."""
    return cast("re.Pattern[AnyStr]", _LazyPattern(pattern, flags))
