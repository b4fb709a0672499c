#!/usr/bin/env bash
# pip refuses the lock file that pip has just written, once --uploaded-prior-to is set; it accepts one that uv wrote.
#
# Versions: pip 26.3, uv 0.13.9, with an index that has upload times (PyPI).
# Expected: --uploaded-prior-to (also as `uploaded-prior-to` in pip.conf) works with pip's own lock files: `pip lock` reads the
#   upload times from the index, and pylock.toml has a key for them (`upload-time`, optional).
# Seen: `pip lock` writes no upload-time. `pip install -r pylock.toml --uploaded-prior-to 2026-11-01` then exits with 1:
#     ERROR: Could not install locked package 'six' from 'pylock.toml': Index pylock.toml does not provide upload-time metadata.
#   The lock file is called an index in that message. uv writes upload-time for each file, and pip installs from uv's lock file with
#   the same option. So a cooldown that is set once for all commands ends the use of pip's lock files, and not of uv's.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check pip==26.3
venv/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
pip="venv/bin/python -m pip --disable-pip-version-check"

mkdir by-pip by-uv
$pip lock --quiet --output by-pip/pylock.toml six==1.16.0 2>/dev/null
echo six==1.16.0 > requirements.in
venv/bin/uv pip compile --quiet --generate-hashes --format pylock.toml --output-file by-uv/pylock.toml requirements.in

grep -q upload-time by-uv/pylock.toml
if grep -q upload-time by-pip/pylock.toml; then
    echo "changed: pip writes upload times" && exit 1
fi

$pip install --dry-run --ignore-installed --uploaded-prior-to 2026-11-01 -r by-uv/pylock.toml 2>/dev/null | tee by-uv/output
grep -q "Would install six-1.16.0" by-uv/output

code=0
$pip install --dry-run --ignore-installed --uploaded-prior-to 2026-11-01 -r by-pip/pylock.toml 2>by-pip/errors || code=$?
grep ERROR by-pip/errors
[ "$code" = 1 ]
grep -q "does not provide upload-time metadata" by-pip/errors
echo "as described: pip's own lock file is refused, uv's is not"
