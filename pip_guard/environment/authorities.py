"""Find certificate authorities that browsers have withdrawn in a bundle of certificates."""

from __future__ import annotations

import binascii
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from pip_guard.environment.files import read_file_if_possible
from pip_guard.facts.command import Authority, Bundle

# Bytes. The bundles of certifi and of distributions have less than 300 kB.
_LIMIT = 8 << 20
_FILE = os.path.join(os.path.dirname(__file__), "distrusted_authorities.txt")
_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
# The paths of the bundle that systems keep for all programs.
SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


def find_distrusted(paths: Iterable[str]) -> Iterator[Bundle]:
    """Yield the bundles that contain withdrawn authorities, with these. Unreadable bundles are skipped: pip reports them itself."""
    for path in paths:
        content = read_file_if_possible(path, _LIMIT)
        if content is None:
            continue
        listed = _listed()
        found = tuple(listed[each] for each in _fingerprints(content) if each in listed)
        if found:
            yield Bundle(path=path, distrusted=found)


def system_bundles() -> tuple[str, ...]:
    """Return the bundles of the system, each once."""
    return tuple({os.path.realpath(path): path for path in reversed(SYSTEM_BUNDLES) if os.path.isfile(path)}.values())


def is_of_system(path: str) -> bool:
    """Tell whether a bundle is one of the system's."""
    return os.path.realpath(path) in map(os.path.realpath, SYSTEM_BUNDLES)


@cache
def _listed() -> Mapping[str, Authority]:
    with open(_FILE, encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file if not line.startswith("#")]
    return {
        fingerprint: Authority(name=name, withdrawn=day, source=source)
        for line in lines
        for fingerprint, day, rest in (line.split(" ", 2),)
        for name, _, source in (rest.partition(" | "),)
    }


def _fingerprints(bundle: bytes) -> Iterator[str]:
    """Yield the SHA-256 of each certificate in a bundle, in hexadecimal; invalid base64 is skipped."""
    for part in bundle.split(_BEGIN)[1:]:
        try:
            yield hashlib.sha256(binascii.a2b_base64(part.partition(_END)[0])).hexdigest()
        except binascii.Error:
            continue
