"""Issue the certificates of the local indexes, all from one authority a test process."""

from __future__ import annotations

import functools
import ssl
from pathlib import Path

import trustme

from tests.kit.folders import new_folder

NAMES = ("localhost", "127.0.0.1", "::1")


@functools.cache
def certificate_authority() -> trustme.CA:
    """Make the authority."""
    return trustme.CA()


@functools.cache
def certificate_authority_file() -> Path:
    """Write the authority's certificate where every user can read it."""
    path = new_folder("authority-") / "ca.pem"
    certificate_authority().cert_pem.write_to_path(str(path))
    path.chmod(0o644)
    return path


@functools.cache
def server_context() -> ssl.SSLContext:
    """Make the TLS settings of a server on the loopback interface."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate_authority().issue_cert(*NAMES).configure_cert(context)
    return context
