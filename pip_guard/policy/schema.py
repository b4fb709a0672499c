"""Describe policy files as a JSON Schema (https://json-schema.org), for editors and other programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from pip_guard.policy.exceptions import EXACT_RULES
from pip_guard.policy.keys import KEYS, SEVERITY, AnyKey
from pip_guard.policy.parser import HASHES
from pip_guard.policy.profiles import PROFILES
from pip_guard.policy.value_types import TEXT

DIALECT = "https://json-schema.org/draft/2020-12/schema"
IDENTIFIER = "https://pip-guard-shim.readthedocs.io/en/stable/policy.schema.json"
_HASH = "|".join(f"{name}:[0-9a-f]{{{digits}}}" for name, digits in HASHES.items())
_ONE_FILE = {
    "if": {"properties": {"rule": {"enum": sorted(EXACT_RULES)}}},
    "then": {"required": ["project", "version", "hash"]},
}


def make_schema(rules: Iterable[str]) -> dict[str, object]:
    """Return the schema of a policy file; `rules` are the ids of all rules."""
    rules = tuple(rules)
    tables: dict[str, dict[str, object]] = {"rules": {rule: dict(SEVERITY.schema) for rule in rules}}
    top: dict[str, object] = {
        "profile": {
            "enum": [profile.value for profile in PROFILES],
            "description": "the kind of machine, a named set of values below those of the file",
        },
        "locked": {"type": "boolean", "description": "in the administrator's file: nothing loosens what it sets"},
    }
    for key in KEYS.values():
        properties = top if len(key.path) == 1 else tables.setdefault(key.path[0], {})
        properties[key.path[-1]] = _describe(key)
    tables["indexes"]["projects"] = {
        "type": "object",
        "additionalProperties": {"type": "string", "format": "uri"},
        "description": "names of projects, or patterns, and the one index that may serve each",
    }
    described = {name: _object(members) for name, members in tables.items()}
    described["publishers"]["additionalProperties"] = {
        "type": "string",
        "pattern": r"^(github|gitlab|google):\S+$",
        "description": "names of projects, or patterns, and who must have published the files of each",
    }
    return {
        "$schema": DIALECT,
        "$id": IDENTIFIER,
        "title": "Policy of pip-guard",
        **_object({**top, **described, **_exceptions(rules)}),
    }


def render_schema(rules: Iterable[str]) -> str:
    """Return the published text of the schema."""
    return json.dumps(make_schema(rules), indent=2) + "\n"


def _describe(key: AnyKey) -> dict[str, object]:
    default = {} if key.default is None else {"default": key.kind.plain(key.default)}
    return {**key.kind.schema, "description": key.about, **default}


def _exceptions(rules: tuple[str, ...]) -> dict[str, object]:
    fields: dict[str, object] = {
        "rule": {"enum": list(rules)},
        "reason": dict(TEXT.schema),
        "project": {"type": "string", "pattern": r"\S", "description": "a name, or a pattern such as acme-*"},
        "version": {"type": "string", "pattern": r"\S", "description": "a specifier such as ==1.2.3"},
        "hash": {"type": "string", "pattern": f"^({_HASH})$"},
        "url": {"type": "string", "format": "uri", "description": "the place below which what is excused lies"},
        "expires": {"type": "string", "format": "date", "description": "the last day on which it counts"},
    }
    return {"exceptions": {"type": "array", "items": {**_object(fields), "required": ["rule", "reason"], **_ONE_FILE}}}


def _object(properties: Mapping[str, object]) -> dict[str, object]:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}
