"""Test which packages only let others add to them."""

from __future__ import annotations

import pytest

from pip_guard.distributions.wheel.namespace import only_extends_path


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="empty"),
        pytest.param("__path__ = __import__('pkgutil').extend_path(__path__, __name__)", id="one-line"),
        pytest.param('__path__ = __import__("pkgutil").extend_path(__path__, __name__)  # type: ignore', id="quotes"),
        pytest.param("from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)", id="two-lines"),
        pytest.param("import pkgutil\n__path__ = pkgutil.extend_path(__path__, __name__)", id="module"),
        pytest.param(
            "from __future__ import annotations\nfrom pkgutil import extend_path\n"
            "__path__: list[str] = extend_path(__path__, __name__)",
            id="annotated",
        ),
        pytest.param('"""A namespace."""\n__import__("pkg_resources").declare_namespace(__name__)', id="setuptools"),
        pytest.param(
            "try:\n    __import__('pkg_resources').declare_namespace(__name__)\nexcept ImportError:\n"
            "    __path__ = __import__('pkgutil').extend_path(__path__, __name__)",
            id="either",
        ),
    ],
)
def test_lets_others_add_to_it(content: str) -> None:
    assert only_extends_path(content.encode())


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("import os", id="import"),
        pytest.param("__path__ = __import__('pkgutil').extend_path(__path__, 'other')", id="another-name"),
        pytest.param("__path__ = extend_path(__path__, print(1))", id="call"),
        pytest.param("__path__: print(1) = extend_path(__path__, __name__)\nprint(1)", id="more"),
        pytest.param("__path__: list[str]", id="declaration"),
        pytest.param("try:\n    pass\nexcept print(1):\n    pass", id="handler"),
        pytest.param("print(1)", id="statement"),
        pytest.param("'", id="no-python"),
        pytest.param("#" * 5000, id="large"),
    ],
)
def test_does_something_else(content: str) -> None:
    assert not only_extends_path(content.encode())
