#!/usr/bin/env bash
# In an environment that pipx has made, the command of the tool does not match the RECORD that was written a second before.
#
# Versions: pipx 1.18.4 with its pip and its uv backend (uv 0.13.9), pycowsay 0.0.0.2.
# Expected: RECORD has the hash of each installed file, the console script that is generated included, so that an installation
#   can be verified later; whoever edits a file of it afterwards edits RECORD as well.
# Seen: when pip or uv has finished, pipx adds " -E" to the first line of each console script and leaves RECORD alone. The one file
#   of the tool that its user starts is the one that fails verification, in every environment that pipx has made.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check pipx==1.18.4 uv==0.13.9

cat > verify.py <<'PYTHON'
import base64
import hashlib
import sys
from importlib.metadata import distributions
from pathlib import Path

(tool,) = (each for each in distributions(path=[sys.argv[1]]) if each.name == "pycowsay")
for file in tool.files:
    if file.hash is not None:
        content = Path(file.locate()).read_bytes()
        digest = base64.urlsafe_b64encode(hashlib.new(file.hash.mode, content).digest()).rstrip(b"=").decode()
        if digest != file.hash.value:
            print(file, content.decode().splitlines()[0].rpartition("/")[2])
PYTHON

for backend in pip uv; do
    export PIPX_HOME=$folder/$backend PIPX_BIN_DIR=$folder/$backend/commands
    PATH=$folder/venv/bin:$PATH venv/bin/pipx install --quiet --backend "$backend" pycowsay==0.0.0.2
    "$PIPX_BIN_DIR/pycowsay" moo > /dev/null
    venv/bin/python verify.py "$(echo "$PIPX_HOME"/venvs/pycowsay/lib/python3*/site-packages)" > "differs-$backend"
    echo "differs from RECORD with the $backend backend: $(cat "differs-$backend")"
done
for backend in pip uv; do
    grep -qx '.*bin/pycowsay python.* -E' "differs-$backend"
    [ "$(wc -l < "differs-$backend")" = 1 ]
done
echo "as described: the command that pipx links to is not the one of RECORD"
