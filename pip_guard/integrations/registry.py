"""List the integrations; each has a module, which defines it as `INTEGRATION`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pip_guard.integrations.integration import Integration

# In the order in which they are shown. The module of an integration is named after its option.
NAMES = ("shell", "shims", "interpreter", "pip-config", "uv-config")


def load_integrations() -> tuple[Integration, ...]:
    """Import every integration."""
    return tuple(load_integration(name) for name in NAMES)


def load_integration(name: str) -> Integration:
    """Import one integration."""
    integration: Integration = importlib.import_module(f"pip_guard.integrations.{name.replace('-', '_')}").INTEGRATION
    return integration
