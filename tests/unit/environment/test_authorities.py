"""Test which certificate authorities are found in a bundle."""

from __future__ import annotations

import hashlib
import re
import ssl
from datetime import date
from pathlib import Path

import pytest
import trustme
from packaging.version import Version

from pip_guard.environment import authorities
from pip_guard.environment.authorities import find_distrusted, is_of_system, system_bundles
from pip_guard.facts.command import Authority, Bundle
from pip_guard.pip_adapter.options.values import own_bundle
from pip_guard.pip_adapter.version import pip_version

LISTED = Path(authorities.__file__).parent / "distrusted_authorities.txt"
LINE = re.compile(r"[0-9a-f]{64} (\d{4}-\d\d-\d\d) [^|]+ \| (CVE-\d{4}-\d+|certifi [\d.]+)")


def certificate() -> str:
    return trustme.CA().cert_pem.bytes().decode("ascii")


def fingerprint(pem: str) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


@pytest.fixture
def withdrawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An authority that is listed."""
    pem = certificate()
    listed = tmp_path / "listed.txt"
    listed.write_text(f"# comment\n#\n{fingerprint(pem)} 2026-10-18 A - B CA | certifi 2026.10.18\n", encoding="utf-8")
    monkeypatch.setattr(authorities, "_FILE", str(listed))
    authorities._listed.cache_clear()
    monkeypatch.setattr(authorities, "_listed", authorities._listed.__wrapped__)
    return pem


def test_finds_what_is_listed_and_no_other(withdrawn: str, tmp_path: Path) -> None:
    for name, content in {
        "all.pem": f"# a comment\n{certificate()}\n{withdrawn}{certificate()}",
        "harmless.pem": certificate(),
        "windows.pem": withdrawn.replace("\n", "\r\n"),
        "junk.pem": f"-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n\0\xff{withdrawn}",
        "cut.pem": withdrawn[: len(withdrawn) // 2],
        "empty.pem": "",
    }.items():
        (tmp_path / name).write_text(content, encoding="utf-8", newline="")
    found = (Authority(name="A - B CA", withdrawn="2026-10-18", source="certifi 2026.10.18"),)
    names = ("all.pem", "harmless.pem", "missing.pem", "windows.pem", "junk.pem", "cut.pem", "empty.pem", ".")
    assert list(find_distrusted(str(tmp_path / name) for name in names)) == [
        Bundle(path=str(tmp_path / name), distrusted=found) for name in ("all.pem", "windows.pem", "junk.pem")
    ]


def test_each_line_has_a_fingerprint_a_day_a_name_and_a_source() -> None:
    lines = [line for line in LISTED.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    days = [date.fromisoformat(match[1]) for line in lines if (match := LINE.fullmatch(line))]
    assert len(days) == len(lines)
    assert days == sorted(days)
    assert len({line.partition(" ")[0] for line in lines}) == len(lines)


def test_bundles_of_pip_older_than_the_withdrawal_have_some() -> None:
    found = [authority.name for bundle in find_distrusted([own_bundle()]) for authority in bundle.distrusted]
    is_older = Version(pip_version()) <= Version("26.2.1")
    assert sorted(found) == (["emSign ECC Root CA - C3", "emSign ECC Root CA - G3", "emSign Root CA - C1"] * is_older)


def test_bundles_of_the_system_are_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, link, missing = (str(tmp_path / name) for name in ("first.pem", "link.pem", "missing.pem"))
    Path(first).touch()
    Path(link).symlink_to(first)
    monkeypatch.setattr(authorities, "SYSTEM_BUNDLES", (first, link, missing))
    assert system_bundles() == (first,)
    assert is_of_system(link)
    assert not is_of_system(str(tmp_path / "other.pem"))
