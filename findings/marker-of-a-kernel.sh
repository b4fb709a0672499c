#!/usr/bin/env bash
# On a Debian or Ubuntu kernel, `platform_release >= "5.4"` and `platform_release < "5.4"` are both false.
#
# Versions: packaging 26.4, pip 26.3 (which carries packaging), distlib 0.4.4.
# Expected: a requirement that is split by a marker and its opposite
#     demo-new; platform_release >= "5.4"
#     demo-old; platform_release < "5.4"
#   gives one of the two everywhere.
# Seen: the value is compared as a version only if it is one by PEP 440. "6.1.0" is, and so is "6.8.0+local"; what kernels of
#   distributions call themselves is not ("6.1.0-28-amd64", "5.15.0-1071-aws"), and then each ordered comparison is false, without an
#   error: neither requirement is installed. `==` against "6.*" is false there, too.
#   distlib compares these values as text: "6.1.0" >= "10" is true for it, false for packaging.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check pip==26.3
venv/bin/python -m pip install --quiet --disable-pip-version-check packaging==26.4 distlib==0.4.4
venv/bin/python - <<'PYTHON'
from distlib.markers import interpret
from packaging.markers import Marker
from pip._vendor.packaging.markers import Marker as MarkerOfPip

seen = {}
for release in ("6.1.0", "6.8.0+local", "6.1.0-28-amd64", "5.15.0-1071-aws"):
    given = {"platform_release": release}
    for marker in ('platform_release >= "5.4"', 'platform_release < "5.4"'):
        answers = Marker(marker).evaluate(given), MarkerOfPip(marker).evaluate(given)
        print(f"{release:16} {marker:26} packaging {answers[0]}, pip {answers[1]}")
        seen[release, marker] = answers
yes, no = (True, True), (False, False)
assert list(seen.values()) == [yes, no, yes, no, no, no, no, no], seen
text = 'platform_release >= "10"', {"platform_release": "6.1.0"}
assert interpret(*text) is True
assert Marker(text[0]).evaluate(text[1]) is False
print("as described: a marker and its opposite are both false")
PYTHON
