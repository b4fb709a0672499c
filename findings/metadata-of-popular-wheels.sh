#!/usr/bin/env bash
# packaging.metadata rejects the METADATA of most popular wheels of 2024, which every installer takes.
#
# Versions: packaging 26.4; wheels of requests 2.32.3, urllib3 2.2.1, setuptools 70.0.0, attrs 23.2.0, tqdm 4.66.4, pytz 2024.1,
#   python-dateutil 2.8.2 (rejected), six 1.16.0, idna 3.7 (accepted).
# Expected: Metadata.from_email(), whose `validate` is true by default, parses what the index has accepted and pip installs.
# Seen: an ExceptionGroup with "license-file introduced in metadata version 2.4, not 2.1" for seven of these nine. Build backends
#   wrote License-File (attrs: License-Expression, too) into METADATA years before the field had a version. Which project is
#   read is a matter of the backend's age, not of its quality. Only `validate=False` reads them all.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check packaging==26.4
venv/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest wheels requests==2.32.3 \
    urllib3==2.2.1 setuptools==70.0.0 attrs==23.2.0 tqdm==4.66.4 pytz==2024.1 python-dateutil==2.8.2 six==1.16.0 idna==3.7
venv/bin/python - <<'PYTHON'
import glob
import zipfile

from packaging.metadata import Metadata

rejected = set()
for path in sorted(glob.glob("wheels/*.whl")):
    with zipfile.ZipFile(path) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        text = wheel.read(name)
    project = Metadata.from_email(text, validate=False).name
    try:
        Metadata.from_email(text)
    except Exception as group:
        print(f"{project:16} {'; '.join(str(error) for error in group.exceptions)}")
        assert any("license-file introduced in metadata version 2.4" in str(error) for error in group.exceptions)
        rejected.add(project)
    else:
        print(f"{project:16} valid")
assert rejected == {"requests", "urllib3", "setuptools", "attrs", "tqdm", "pytz", "python-dateutil"}, rejected
print("as described: seven of nine are rejected")
PYTHON
