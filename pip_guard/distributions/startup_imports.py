"""Find the modules that installed startup files import, or try to, whenever Python starts."""

from __future__ import annotations

import os
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from pip_guard.environment.files import list_folder, read_file_if_possible

# In bytes.
_LARGEST = 1 << 20
_IMPORTS = re.compile(
    r"\bfrom[ \t]+(?P<package>\w+(?:\.\w+)*)[ \t]+import\b"
    r"|\bimport[ \t]+(?P<names>\w+(?:\.\w+)*(?:[ \t]*,[ \t]*\w+(?:\.\w+)*)*)"
    r"|(?:__import__|import_module|find_spec|run_module)\(\s*[rb]?['\"](?P<name>[\w.]+)['\"]"
)
# The modules that Python imports by itself.
CUSTOMIZATIONS = ("sitecustomize", "usercustomize")


def imported_names(content: bytes) -> set[str]:
    """Return the dotted names that code imports, in whatever string it stands, and those of the packages around them."""
    names: set[str] = set()
    text = content.decode("utf-8", "replace").replace("\\n", "\n").replace("\\t", "\t")
    for match in _IMPORTS.finditer(re.sub(r"(?m)^\s*#.*$", "", text)):
        for name in re.split(r"[ \t]*,[ \t]*", match["package"] or match["names"] or match["name"]):
            parts = name.split(".")
            names.update(".".join(parts[:count]) for count in range(1, len(parts) + 1))
    return {name for name in names if name.partition(".")[0] not in sys.stdlib_module_names}


def startup_imports(libraries: Iterable[str]) -> Mapping[str, list[str]]:
    """Return the dotted names that startup files import, and the files; those of the interpreter's own library count, too."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in dict.fromkeys(_startup_files(libraries)):
        content = read_file_if_possible(path, _LARGEST) or b""
        if path.lower().endswith(".pth"):
            content = b"\n".join(line for line in content.splitlines() if line.strip().startswith(b"import"))
        for name in imported_names(content):
            found[name].append(path)
    return found


def _startup_files(libraries: Iterable[str]) -> Iterator[str]:
    folders = sorted(libraries)
    for folder in folders:
        yield from (os.path.join(folder, name) for name in list_folder(folder) if name.lower().endswith(".pth"))
    for folder in (*folders, *filter(os.path.isdir, sys.path)):
        for name in CUSTOMIZATIONS:
            yield os.path.join(folder, f"{name}.py")
            yield os.path.join(folder, name, "__init__.py")
