#!/usr/bin/env bash
# `"2.0rc1" in SpecifierSet(">=1.0")` is false in packaging 25.0 and true in packaging 26.4.
#
# Versions: packaging 25.0, packaging 26.4.
# Expected: a pre-release is in a specifier that names none only if it is asked for; the same question has one answer.
# Seen: 25.0 says no. 26.4 says yes, since it treats one version as the list of all candidates, in which no final release fits; in a
#   real list, filter() leaves the pre-release out, as both versions of packaging always did:
#     25.0   in: False   filter(["1.5", "2.0rc1"]): ['1.5']
#     26.4   in: True    filter(["1.5", "2.0rc1"]): ['1.5']
#   So a loop that tests candidates one by one with `in` takes release candidates after an upgrade, where filter() does not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for version in 25.0 26.4; do
    python3 -m venv "venv-$version"
    "venv-$version/bin/python" -m pip install --quiet --disable-pip-version-check "packaging==$version"
    "venv-$version/bin/python" - "$version" <<'PYTHON' | tee -a seen
import sys

from packaging.specifiers import SpecifierSet

specifier = SpecifierSet(">=1.0")
print(sys.argv[1], "2.0rc1" in specifier, list(specifier.filter(["1.5", "2.0rc1"])))
PYTHON
done
diff - seen <<'SEEN'
25.0 False ['1.5']
26.4 True ['1.5']
SEEN
echo "as described: one question, two answers"
