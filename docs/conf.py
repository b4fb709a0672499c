"""Configure Sphinx."""

project = "pip-guard"
author = "pip-guard contributors"
copyright = "2026, pip-guard contributors"

extensions = ["myst_parser", "sphinx_copybutton"]
exclude_patterns = ["_build", "changelog.d"]
nitpicky = True

myst_heading_anchors = 3
myst_html_meta = {
    "description": "A drop-in pip that refuses dangerous installs: it won't run a package's build code, download from unapproved"
    " places, run as root, or touch the system Python.",
}

# Copy commands without their prompts, and without what they print; root's prompt looks like a comment.
copybutton_prompt_text = r"\$ |# (?=pip-guard )"
copybutton_prompt_is_regexp = True
copybutton_copy_empty_lines = False

# They are published at the top, where their own identifiers say that they are.
html_extra_path = [f"reference/{name}.schema.json" for name in ("policy", "journal", "json-output")]

html_theme = "furo"
html_title = "pip-guard"
html_copy_source = False
html_favicon = "static/favicon.svg"
html_css_files = ["pages.css"]
html_js_files = ["tables.js"]
# The pictures are served under a name that stays: the README shows one of them.
html_static_path = ["pictures", "static"]
