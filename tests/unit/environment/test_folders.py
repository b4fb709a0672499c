"""Test where a user's own files are."""

from __future__ import annotations

from collections.abc import Callable

import platformdirs
import pytest

from pip_guard.environment.folders import cache_folder, config_folder, log_folder
from pip_guard.errors import GuardError


@pytest.mark.parametrize(
    ("ask", "variable", "end"),
    [
        pytest.param(config_folder, "XDG_CONFIG_HOME", "/pip-guard", id="config"),
        pytest.param(cache_folder, "XDG_CACHE_HOME", "/pip-guard", id="cache"),
        pytest.param(log_folder, "XDG_STATE_HOME", "/pip-guard/log", id="log"),
    ],
)
def test_finds_folder(monkeypatch: pytest.MonkeyPatch, ask: Callable[[], str], variable: str, end: str) -> None:
    monkeypatch.setenv(variable, "/own")
    assert ask() == f"/own{end}"


def test_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> str:
        raise RuntimeError("there is no home")

    monkeypatch.setattr(platformdirs, "user_config_dir", fail)
    with pytest.raises(GuardError, match="cannot find your home folder: there is no home"):
        config_folder()
