#!/usr/bin/env bash
# `pip install --target` says "Successfully installed six-1.16.0", exits with 0, and leaves the code of 1.15.0.
#
# Versions: pip 26.3.
# Expected: installing another version into the same folder replaces the first one, as in an environment, or fails.
# Seen: each file or package that is there already is left alone with a warning ("Target directory .../six.py already exists. Specify
#   --upgrade to force replacement."), but the new .dist-info has another name, so it is added. The folder then claims both versions:
#     six-1.15.0.dist-info  six-1.16.0.dist-info  six.py          (six.__version__ is 1.15.0)
#   The last line of output is the success line for 1.16.0. uv 0.13.9 replaces the old version in the same place.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check pip==26.3
venv/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
pip="venv/bin/python -m pip --disable-pip-version-check"

$pip install --quiet --target by-pip six==1.15.0
$pip install --target by-pip six==1.16.0 2>warnings | tee output
grep -q "Successfully installed six-1.16.0" output
grep -q "six.py already exists. Specify --upgrade" warnings
ls by-pip
[ -d by-pip/six-1.15.0.dist-info ]
[ -d by-pip/six-1.16.0.dist-info ]
[ "$(PYTHONPATH=by-pip venv/bin/python -c 'import six; print(six.__version__)')" = 1.15.0 ]

venv/bin/uv pip install --quiet --python venv --target by-uv six==1.15.0
venv/bin/uv pip install --quiet --python venv --target by-uv six==1.16.0
[ ! -d by-uv/six-1.15.0.dist-info ]
[ "$(PYTHONPATH=by-uv venv/bin/python -c 'import six; print(six.__version__)')" = 1.16.0 ]
echo "as described: pip leaves the old code under the metadata of both versions"
