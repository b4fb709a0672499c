"""Recognise an ``__init__.py`` that only lets other folders add to its package, however it is spelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast

# In bytes; real ones have some hundred.
LARGEST = 4096
_STATEMENTS = frozenset(
    {
        "import pkgutil",
        "import pkg_resources",
        "from pkgutil import extend_path",
        "__path__ = extend_path(__path__, __name__)",
        "__path__ = pkgutil.extend_path(__path__, __name__)",
        "__path__ = __import__('pkgutil').extend_path(__path__, __name__)",
        "pkg_resources.declare_namespace(__name__)",
        "__import__('pkg_resources').declare_namespace(__name__)",
        "pass",
    }
)


def only_extends_path(content: bytes) -> bool:
    """Tell whether a module does nothing but extend its ``__path__`` (pkgutil) or declare its namespace (pkg_resources)."""
    if len(content) > LARGEST:
        return False
    # NOTE: loaded only for a package that several projects share.
    import ast

    try:
        return all(map(_is_harmless, ast.parse(content).body))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _is_harmless(node: ast.stmt) -> bool:
    import ast

    if isinstance(node, ast.ImportFrom) and node.module == "__future__":
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):  # a docstring
        return True
    if isinstance(node, ast.Try):
        bodies = [node.body, node.orelse, node.finalbody, *(handler.body for handler in node.handlers)]
        harmless = all(_is_harmless(each) for body in bodies for each in body)
        return harmless and all(handler.type is None or isinstance(handler.type, ast.Name) for handler in node.handlers)
    if isinstance(node, ast.AnnAssign):
        return node.value is not None and (
            f"{ast.unparse(node.target)} = {ast.unparse(node.value)}" in _STATEMENTS
            and not any(isinstance(each, ast.Call) for each in ast.walk(node.annotation))
        )
    return ast.unparse(node) in _STATEMENTS
