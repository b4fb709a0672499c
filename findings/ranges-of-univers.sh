#!/usr/bin/env bash
# univers turns a specifier of PyPI into a `vers` range that contains other versions, without saying so.
#
# Versions: univers 32.0.1 (ranges of advisories and SBOMs), packaging 26.4.
# Expected: `PypiVersionRange.from_native(specifier)` contains what the specifier contains, or refuses to convert.
# Seen: it refuses `~=`, `===` and `.*` with an error, and takes the others by their sign alone, as a plain order of versions. The
#   exceptions that PEP 440 makes from that order are lost:
#     <2.0    contains 2.0rc1 (a pre-release of the excluded version), for packaging it never does
#     >1.0    contains 1.0.post1 and 1.0+local, for packaging it does not
#     ==1.0   does not contain 1.0+local, for packaging it does
#   So an advisory for "<2.0" reports the release candidate that carries the fix.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check univers==32.0.1 packaging==26.4
venv/bin/python - <<'PYTHON'
from packaging.specifiers import SpecifierSet
from univers.version_range import InvalidVersionRange, PypiVersionRange
from univers.versions import PypiVersion

rows = [
    ("<2.0", "2.0rc1", True, False),
    (">1.0", "1.0.post1", True, False),
    (">1.0", "1.0+local", True, False),
    ("==1.0", "1.0+local", False, True),
    ("<2.0", "1.9", True, True),
]
for specifier, version, *expected in rows:
    converted = PypiVersionRange.from_native(specifier)
    by_univers = PypiVersion(version) in converted
    by_packaging = SpecifierSet(specifier).contains(version, prereleases=True)
    print(f"{specifier:6} {str(converted):16} {version:10} univers {by_univers}, packaging {by_packaging}")
    assert [by_univers, by_packaging] == expected
for specifier in ("~=1.4.2", "==1.*", "===1.0"):
    try:
        PypiVersionRange.from_native(specifier)
    except InvalidVersionRange:
        print(f"{specifier:6} is refused")
    else:
        raise AssertionError(specifier)
print("as described: what is converted is another set of versions")
PYTHON
