"""Test the session with which advisories are asked where no command of pip's runs."""

from __future__ import annotations

import os

import pytest

from pip_guard.pip_adapter import session
from pip_guard.pip_adapter.commands.advisory_transport import make_transport
from pip_guard.pip_adapter.network.advisory_session import AdvisorySession
from tests.unit.engine.factories import make_session


def test_exempts_no_host_from_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_TRUSTED_HOST", "api.osv.dev")
    monkeypatch.setattr(session, "_running", session._Running())
    session.set_session(make_session)
    transport = make_transport()
    assert isinstance(transport, AdvisorySession)
    assert not transport._session.pip_trusted_origins  # type: ignore[attr-defined]
