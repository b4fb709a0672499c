#!/usr/bin/env bash
# A License-Expression that the core metadata allow is invalid for the SPDX library that licence checkers use, or becomes another one.
#
# Versions: packaging 26.4 (packaging.licenses), license-expression 30.4.4 (get_spdx_licensing), both with the SPDX list built in.
# Expected: both read the same SPDX expressions, so that what a build backend accepts can be evaluated later.
# Seen:
#     LicenseRef-Proprietary   packaging: valid (PEP 639 names LicenseRef-* for one's own licences); license-expression: "Unknown
#                              license key(s)", as it knows the references of one scanner alone
#     GPL-2.0, LGPL-2.1+       packaging keeps the deprecated spelling; license-expression makes GPL-2.0-only and LGPL-2.1-or-later of
#                              it, so that the text of METADATA is not found again in a report
#     AFL-1.1+                 packaging: valid ("+" after any licence, as SPDX has it); license-expression knows "+" for some only
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check packaging==26.4 license-expression==30.4.4
venv/bin/python - <<'PYTHON'
from license_expression import get_spdx_licensing
from packaging.licenses import canonicalize_license_expression

spdx = get_spdx_licensing()
rows = {
    "MIT OR Apache-2.0": ("MIT OR Apache-2.0", "MIT OR Apache-2.0"),
    "LicenseRef-Proprietary": ("LicenseRef-Proprietary", None),
    "GPL-2.0": ("GPL-2.0", "GPL-2.0-only"),
    "LGPL-2.1+": ("LGPL-2.1+", "LGPL-2.1-or-later"),
    "AFL-1.1+": ("AFL-1.1+", None),
}
for expression, expected in rows.items():
    answers = canonicalize_license_expression(expression), spdx.validate(expression).normalized_expression
    print(f"{expression:24} packaging {answers[0]}, license-expression {answers[1]}")
    assert answers == expected, (expression, answers)
print("as described: the two do not read the same expressions")
PYTHON
