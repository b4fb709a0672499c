"""Read from the source of the rules what kinds of message they have, and which remedies each of them prints."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from pip_guard import rules
from pip_guard.rules import ALL_RULES

# What stands for a value that only a command has.
ANY = "\0"
STEPS = {
    "Allow": f"pip-guard guard allow {ANY}",
    "Run": f"pip-guard {ANY}",
    "approve": f"In {ANY}:\n[{ANY}]\n{ANY}",
    "approve_index": f"In {ANY}:\n[{ANY}]\n{ANY}",
}
Function = ast.FunctionDef | ast.Module


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A message with one of its remedies; in both, `ANY` stands for what differs from case to case."""

    rule: str
    id: str
    message: str
    remedy: str

    def fits(self, message: str, remedy: str) -> bool:
        """Tell whether a message and a remedy, as they are shown, are of this kind."""
        origin = r"(?:\n  (?:required by|set by|in) [^\n]*)?(?:\n\nnote: .*)?"
        return bool(
            re.fullmatch(pattern(self.message) + origin, message, re.DOTALL)
            and re.fullmatch(pattern(self.remedy), remedy, re.DOTALL)
        )


def pattern(template: str) -> str:
    """Return the regular expression of a template; later lines of a message are indented."""
    return ".*?".join(re.escape(part).replace("\\\n", r"\n *") for part in template.split(ANY))


def all_kinds() -> dict[str, Kind]:
    """Return all kinds of all rules."""
    folder = Path(rules.__file__).parent
    found: dict[str, Kind] = {}
    for rule in ALL_RULES:
        source = RuleSource(rule.id, folder / f"{rule.id.replace('-', '_')}.py")
        found.update((kind.id, kind) for kind in source.kinds())
    return found


class RuleSource:
    """The source of one rule."""

    def __init__(self, rule: str, path: Path) -> None:
        """Parse the module."""
        self._rule = rule
        self._module = ast.parse(path.read_text(encoding="utf-8"))
        self._functions = {node.name: node for node in self._module.body if isinstance(node, ast.FunctionDef)}
        self._remediation = next(
            keyword.value
            for node in ast.walk(self._module)
            if isinstance(node, ast.Call)
            for keyword in node.keywords
            if keyword.arg == "remediation"
        )

    def kinds(self) -> Iterator[Kind]:
        """Yield a kind for each remedy of each violation that a function makes."""
        for function in self._functions.values():
            made = [node for node in ast.walk(function) if isinstance(node, ast.Call) and is_call(node, "Violation")]
            made.sort(key=lambda call: call.lineno)
            for number, call in enumerate(made, start=1):
                given = {keyword.arg: keyword.value for keyword in call.keywords}
                site = f"{self._rule}/{function.name.strip('_')}" + (f"-{number}" if len(made) > 1 else "")
                (message,) = {ANY if isinstance(given["message"], ast.Name) else self._text(given["message"])}
                remedies = dict.fromkeys(self._read(given.get("remedy", self._remediation), function))
                for position, remedy in enumerate(remedies, start=1):
                    suffix = f":{position}" if len(remedies) > 1 else ""
                    yield Kind(rule=self._rule, id=f"{site}{suffix}", message=message, remedy=remedy)

    def _text(self, node: ast.expr) -> str:
        """Return the template of a message."""
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.JoinedStr(values=values):
                return "".join(self._text(value) for value in values)
            case _:
                return ANY

    def _read(self, node: ast.expr, function: Function) -> list[str]:
        """Return all that a remedy can be; a name that the function does not set itself stands for anything."""
        match node:
            case ast.Constant(value=None):
                return self._read(self._remediation, self._module)
            case ast.Constant(value=str(text)):
                return [text]
            case ast.JoinedStr(values=values):
                return ["".join(parts) for parts in product(*(self._read(value, function) for value in values))]
            case ast.FormattedValue(value=ast.Name(id=name)):
                values = [*assigned(name, function), *assigned(name, self._module)]
                texts = [value for value in values if isinstance(value, ast.Constant | ast.JoinedStr | ast.IfExp)]
                return [text for value in texts for text in self._read(value, function)] or [ANY]
            case ast.FormattedValue():
                return [ANY]
            case ast.IfExp(body=first, orelse=second) | ast.BoolOp(values=[first, second]):
                return [*self._read(first, function), *self._read(second, function)]
            case ast.Tuple(elts=elements):
                every = product(*(self._read(element, function) for element in elements))
                return ["\n".join(filter(None, steps)) for steps in every]
            case ast.Starred(value=value):
                return self._read(value, function)
            case ast.GeneratorExp(generators=[*_, ast.comprehension(iter=ast.Tuple() as steps)]):
                return [*self._read(steps, function), ""]
            case ast.Attribute(value=ast.Name(id="RULE"), attr="remediation"):
                return self._read(self._remediation, self._module)
            case ast.Call(func=ast.Name(id="PolicyLines"), args=[lines]):
                return self._read(lines, function)
            case ast.Call(func=ast.Name(id="Allow"), keywords=[ast.keyword(arg=str(condition))]):
                return [f"{STEPS['Allow']} --{condition} {ANY}"]
            case ast.Call(func=ast.Name(id=name)) if name in STEPS:
                return [STEPS[name]]
            case ast.Call(func=ast.Name(id=name)) if name in self._functions:
                called = self._functions[name]
                returns = [each for each in ast.walk(called) if isinstance(each, ast.Return)]
                values = [each.value for each in sorted(returns, key=lambda each: each.lineno) if each.value]
                return [text for value in values for text in self._read(value, called)]
            case ast.Name(id=name):
                values = [*assigned(name, function), *assigned(name, self._module)]
                return [text for value in values for text in self._read(value, function)] or [ANY]
            case _:
                pass
        raise AssertionError(f"{self._rule}: the test cannot read the remedy {ast.unparse(node)}")


def is_call(node: ast.AST, name: str) -> bool:
    """Tell whether a node calls a function of that name."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def assigned(name: str, function: Function) -> Iterator[ast.expr]:
    """Yield what a function, or at its top a module, assigns to a name."""
    nodes = function.body if isinstance(function, ast.Module) else ast.walk(function)
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                yield value
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value) if target == name:
                yield value
