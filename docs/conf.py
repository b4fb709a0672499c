"""Configure Sphinx."""

project = "pip-guard"
author = "pip-guard contributors"
copyright = "2026, pip-guard contributors"

extensions = ["myst_parser"]
exclude_patterns = ["_build", "changelog.d"]
nitpicky = True

myst_heading_anchors = 3

# They are published at the top, where their own identifiers say that they are.
html_extra_path = [f"reference/{name}.schema.json" for name in ("policy", "journal", "json-output")]

html_theme = "furo"
html_title = "pip-guard"
html_copy_source = False
# Served under a name that stays: the README shows one of them.
html_static_path = ["pictures"]
