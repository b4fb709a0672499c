"""Test that pip has the methods that the checks stand on, and that a pip without one is found out."""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Callable

import pytest
from packaging.version import Version

from pip_guard.pip_adapter.hooks import COMPILE_HOOKS, HOOKS, Hook, install_hooks, missing_hooks
from pip_guard.pip_adapter.network.requests import CommandState
from pip_guard.pip_adapter.version import pip_version
from tests.unit.engine.factories import make_session

WORLD = "pip_guard_test_world"
# The one that pip compiles each module with came with 26.3; an older pip compiles them as ever.
COMPILES_APART = Version(pip_version()) >= Version("26.3")
STATE = CommandState(make_session())


class Greeter:
    """Stands in for a class of pip's."""

    def greet(self, name: str, loud: bool = False) -> str:
        """Greet somebody."""
        return f"Hello {name}{'!' if loud else ''}"

    def anything(self, *args: object, **kwargs: object) -> None:
        return

    @classmethod
    def of_class(cls, name: str, loud: bool) -> None:
        return

    @property
    def value(self) -> str:
        return ""

    greeting = "Hello"


class Child(Greeter):
    """Has what it has from another class."""


def farewell(name: str) -> str:
    return f"Goodbye {name}"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """Make a module whose methods can be wrapped."""
    module = types.ModuleType(WORLD)
    greeter = type("Greeter", (), dict(vars(Greeter)))
    module.Greeter = greeter  # type: ignore[attr-defined]
    module.Child = type("Child", (greeter,), {})  # type: ignore[attr-defined]
    module.farewell = farewell  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, WORLD, module)
    return module


def shout(state: object, method: Callable[..., str], *args: object, **kwargs: object) -> str:
    assert state is STATE
    return method(*args, **kwargs).upper()


def make_hook(
    name: str = "greet",
    parameters: tuple[str, ...] = ("self", "name", "loud=False"),
    *,
    module: str = WORLD,
    owner: str | None = "Greeter",
) -> Hook:
    given = ", ".join(parameter.partition("=")[0] for parameter in parameters)
    around = eval(f"lambda state, method, {', '.join(parameters)}: shout(state, method, {given})", {"shout": shout})
    return Hook(f"{module}:{owner}.{name}" if owner else f"{module}:{name}", around)


@pytest.mark.parametrize(
    "hook", [pytest.param(hook, id=hook.path) for hook in (*HOOKS, *(COMPILE_HOOKS if COMPILES_APART else ()))]
)
def test_installed_pip_has_the_method(hook: Hook) -> None:
    assert missing_hooks([hook]) == ()


@pytest.mark.parametrize("hook", [pytest.param(hook, id=hook.path) for hook in HOOKS])
def test_what_is_put_around_takes_the_parameters_of_the_method(hook: Hook) -> None:
    around = inspect.signature(hook.around)
    names = list(around.parameters)
    assert hook.around.__module__.startswith("pip_guard.pip_adapter.")
    assert names[:2] == ["state", "method"]
    positional = [
        name
        for name, parameter in around.parameters.items()
        if parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    ]
    owner, attribute = hook.find()
    method = inspect.signature(getattr(owner, attribute))
    assert positional[2:] == [
        name
        for name, parameter in method.parameters.items()
        if parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    ]
    # whoever may leave an argument out, or give more of them by name, may do so still
    for name, parameter in method.parameters.items():
        if parameter.default is not inspect.Parameter.empty:
            assert around.parameters[name].default == parameter.default
        taken = around.parameters.get(name)
        if parameter.kind is inspect.Parameter.VAR_KEYWORD or (
            parameter.kind is inspect.Parameter.KEYWORD_ONLY and (taken is None or taken.kind is not parameter.kind)
        ):
            assert any(each.kind is inspect.Parameter.VAR_KEYWORD for each in around.parameters.values())


@pytest.mark.parametrize(
    ("hook", "path"),
    [
        pytest.param(make_hook(), f"{WORLD}.Greeter.greet", id="method"),
        pytest.param(make_hook("farewell", owner=None), f"{WORLD}.farewell", id="function"),
    ],
)
def test_path_is_the_dotted_name(hook: Hook, path: str) -> None:
    assert hook.path == path


@pytest.mark.parametrize(
    "hook",
    [
        pytest.param(make_hook(), id="method"),
        pytest.param(make_hook(owner="Child"), id="inherited-method"),
        pytest.param(make_hook("farewell", ("name",), owner=None), id="function"),
        pytest.param(make_hook("anything", ("self",)), id="method-that-takes-more"),
    ],
)
def test_finds_what_is_there(world: types.ModuleType, hook: Hook) -> None:
    assert missing_hooks([hook]) == ()


@pytest.mark.parametrize(
    "hook",
    [
        pytest.param(make_hook("missing"), id="no-such-method"),
        pytest.param(make_hook(owner="Missing"), id="no-such-class"),
        pytest.param(make_hook(module="pip_guard_no_such_module"), id="no-such-module"),
        pytest.param(make_hook("missing", owner=None), id="no-such-function"),
        pytest.param(make_hook(parameters=("self", "name")), id="parameter-more"),
        pytest.param(make_hook(parameters=("self", "name", "loud", "x")), id="parameter-less"),
        pytest.param(make_hook(parameters=("self", "loud", "name")), id="parameters-in-another-order"),
        pytest.param(make_hook(parameters=("self", "name", "quiet")), id="parameter-of-another-name"),
        pytest.param(make_hook(parameters=("self", "name", "*rest")), id="wrapper-that-takes-more"),
        pytest.param(make_hook("anything"), id="parameters-packed"),
        pytest.param(make_hook("of_class", ("cls", "name", "loud")), id="class-method"),
        pytest.param(make_hook("value", ("self",)), id="property"),
        pytest.param(make_hook("greeting", ("self",)), id="no-method"),
    ],
)
def test_names_what_is_missing_or_has_another_form(world: types.ModuleType, hook: Hook) -> None:
    assert missing_hooks([make_hook(), hook, make_hook("farewell", ("name",), owner=None)]) == (hook.path,)


def test_puts_wrappers_around(world: types.ModuleType) -> None:
    original = world.Greeter.greet
    install_hooks([make_hook(), make_hook("farewell", ("name",), owner=None)], STATE)
    assert world.Greeter().greet("me", loud=True) == "HELLO ME!"
    assert world.Greeter().greet(name="me") == "HELLO ME"
    assert world.farewell("me") == "GOODBYE ME"
    assert (world.Greeter.greet.__name__, world.Greeter.greet.__doc__) == ("greet", "Greet somebody.")
    assert world.Greeter.greet.__wrapped__ is original


def test_wrapper_lets_exceptions_through(world: types.ModuleType) -> None:
    install_hooks([make_hook()], STATE)
    with pytest.raises(TypeError):
        world.Greeter().greet()
