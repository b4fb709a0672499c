"""Open and close the doors through which pip is entered; one module a door, which defines its `INTEGRATION`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pip_guard.integrations.integration import Integration

# In the order in which they are shown. A door's module is called like its option.
NAMES = ("shell", "shims", "interpreter", "pip-config", "uv-config")


def load_integrations() -> tuple[Integration, ...]:
    """Import every door."""
    return tuple(load_integration(name) for name in NAMES)


def load_integration(name: str) -> Integration:
    """Import one door."""
    integration: Integration = importlib.import_module(f"pip_guard.integrations.{name.replace('-', '_')}").INTEGRATION
    return integration
