#!/usr/bin/env bash
# The bill of materials of a requirements file and that of the environment made from it name the same project by two package URLs.
#
# Versions: cyclonedx-bom 7.5.0, packageurl-python 0.17.6, zope.interface 7.2.
# Expected: PyPI knows one project, whether it is written zope.interface, zope-interface or zope_interface (PEP 503), and a package
#   URL (purl) is there to join data about it: both give pkg:pypi/zope-interface.
# Seen: the purl type `pypi` lowers letters and replaces `_`, and leaves dots alone. The environment has the name from METADATA
#   (pkg:pypi/zope.interface@7.2), the file has what a person or a lock tool wrote (pkg:pypi/zope-interface@7.2): a comparison of the
#   two reports one component removed and one added. With an underscore instead (typing_extensions) both are the same.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv tool
python3 -m venv application
tool/bin/python -m pip install --quiet --disable-pip-version-check cyclonedx-bom==7.5.0 packageurl-python==0.17.6
printf '%s\n' zope-interface==7.2 typing-extensions==4.15.0 > requirements.txt
application/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: -r requirements.txt
tool/bin/cyclonedx-py requirements requirements.txt > requirements.json 2>/dev/null
tool/bin/cyclonedx-py environment application > environment.json 2>/dev/null
tool/bin/python - <<'PYTHON'
import json

def read(name):
    with open(name) as file:
        return {part["purl"] for part in json.load(file)["components"] if part["name"].lower().startswith(("zope", "typing"))}

wanted, installed = read("requirements.json"), read("environment.json")
print("requirements:", *sorted(wanted))
print("environment: ", *sorted(installed))
assert wanted == {"pkg:pypi/zope-interface@7.2", "pkg:pypi/typing-extensions@4.15.0"}
assert installed == {"pkg:pypi/zope.interface@7.2", "pkg:pypi/typing-extensions@4.15.0"}
print("as described: one project, two package URLs")
PYTHON
