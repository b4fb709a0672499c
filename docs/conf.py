"""Configure Sphinx."""

project = "pip-guard"
author = "pip-guard contributors"
copyright = "2026, pip-guard contributors"

extensions = ["myst_parser"]
exclude_patterns = ["_build", "changelog.d"]
nitpicky = True

myst_heading_anchors = 3

# It is published at the top, where its own identifier says that it is.
html_extra_path = ["reference/policy.schema.json"]

html_theme = "furo"
html_title = "pip-guard"
html_copy_source = False
