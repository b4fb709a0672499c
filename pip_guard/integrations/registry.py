"""Open and close the doors through which pip is entered; one module a door, which defines its `DOOR`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pip_guard.integrations.integration import Door

# In the order in which they are shown. A door's module is called like its option.
NAMES = ("shell", "shims", "interpreter", "pip-config", "uv-config")


def load_doors() -> tuple[Door, ...]:
    """Import every door."""
    return tuple(load_door(name) for name in NAMES)


def load_door(name: str) -> Door:
    """Import one door."""
    door: Door = importlib.import_module(f"pip_guard.integrations.{name.replace('-', '_')}").DOOR
    return door
