#!/usr/bin/env bash
# pip refuses uv's lock file of a project whose sdist is called name-1.0-1.tar.gz, although it would take the wheel beside it.
#
# Versions: pip 26.3, packaging 26.4, uv 0.13.9; thop 0.0.23.post1907171426 (wheel and sdist), cffi 1.2.0.post1.
# Expected: `1.0-1` is a version, the implicit spelling of the post release 1.0.post1, and the index has such files, also of popular
#   projects: thop-0.0.23-1907171426.tar.gz, cffi-1.2.0-1.tar.gz. pip and uv know the project that they asked for, and read both
#   names as post releases. What reads a file name on its own reads the same, or says that it cannot.
# Seen: packaging splits at the last dash, without an error: cffi-1.2.0-1.tar.gz is version 1 of a project "cffi-1-2-0". Its reader of
#   pylock.toml, which pip uses, compares that with the name of the package and rejects the whole lock file:
#     Invalid pylock file 'pylock.toml': Name in 'thop-0.0.23-1907171426.tar.gz' is not consistent with package name 'thop'
#   So the sdist, which nobody would use, keeps pip from the wheel. Without the line of the sdist the same lock file installs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check pip==26.3
venv/bin/python -m pip install --quiet --disable-pip-version-check packaging==26.4 uv==0.13.9
pip="venv/bin/python -m pip --disable-pip-version-check"

venv/bin/python - <<'PYTHON'
from packaging.utils import parse_sdist_filename
from packaging.version import Version

assert Version("1.2.0-1") == Version("1.2.0.post1")
found = parse_sdist_filename("cffi-1.2.0-1.tar.gz")
print("packaging reads cffi-1.2.0-1.tar.gz as", found)
assert found == ("cffi-1-2-0", Version("1")), "changed"
PYTHON

echo thop==0.0.23.post1907171426 > requirements.in
venv/bin/uv pip compile --quiet --no-deps --format pylock.toml --output-file pylock.toml requirements.in
grep -q "thop-0.0.23-1907171426.tar.gz" pylock.toml
grep -q "thop-0.0.23.post1907171426-py3-none-any.whl" pylock.toml
$pip download --quiet --no-deps --only-binary :all: --dest by-name -r requirements.in
ls by-name

code=0
$pip download --quiet --no-deps --dest by-lock -r pylock.toml 2>errors || code=$?
grep ERROR errors
[ "$code" = 1 ]
grep -q "is not consistent with package name 'thop'" errors

mkdir wheel-only
grep -v '^sdist' pylock.toml > wheel-only/pylock.toml
$pip download --quiet --no-deps --dest by-wheel -r wheel-only/pylock.toml 2>/dev/null
cmp by-name/*.whl by-wheel/*.whl
echo "as described: the lock file is refused for the name of a file that is not needed"
