"""The JSON Schema of a scenario, for editors and for programs that write scenarios.

It describes the file as it is written, before variables are filled in. What needs knowledge of
Clickatell (whether a status occurs on a channel, say) is checked when a scenario is loaded.
"""

from __future__ import annotations

import inspect
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, Literal, get_args, get_origin

from mockatell.clickatell.contract import PRESETS
from mockatell.core.scenario.read import is_struct, members, shape
from mockatell.core.scenario.spec import (
    ExpectSpec,
    FaultSpec,
    MessageSpec,
    ProbeSpec,
    RetryByRoleSpec,
    RetrySpec,
    Scenario,
    StepSpec,
)
from mockatell.core.scenario.units import Probability, Rate, Seconds, Span

if TYPE_CHECKING:
    import msgspec

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_LENGTH: Final = r"[0-9]+(\.[0-9]+)?(d|h|ms|m|s)"
_DURATION: Final = rf"({_LENGTH} ?)*{_LENGTH}"
_VARIABLE: Final = {"type": "string", "pattern": r"\$\{"}

_PLAIN: Final[dict[Any, dict[str, Any]]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    Any: {},
    Seconds: {"type": "string", "pattern": f"^{_DURATION}$"},
    Span: {"type": "string", "pattern": rf"^{_DURATION}( ?\.\. ?{_DURATION})?$"},
    Rate: {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?/[smh]$"},
    Probability: {
        "anyOf": [
            {"type": "number", "minimum": 0, "maximum": 1},
            {"type": "string", "pattern": r"^(100(\.0+)?|[0-9]{1,2}(\.[0-9]*)?|\.[0-9]+)%$"},
            {"type": "string", "pattern": r"^(0(\.[0-9]*)?|1(\.0*)?|\.[0-9]+)$"},
        ]
    },
}

_SCALARS: Final = frozenset(_PLAIN) - {str, Any}

_EXTRA: Final[dict[type[msgspec.Struct], dict[str, Any]]] = {
    Scenario: {"required": ["messages"]},
    RetrySpec: {"oneOf": [{"required": ["schedule"]}, {"required": ["exponential"]}]},
    RetryByRoleSpec: {"minProperties": 1},
    StepSpec: {
        "oneOf": [{"required": [key]} for key in ("status", "reply", "typing", "fallback")],
        "dependentRequired": {"code": ["status"], "message_id": ["reply"]},
    },
    MessageSpec: {
        "dependentRequired": {
            "over": ["count"],
            "rate": ["for"],
            "for": ["rate"],
            "delivery": ["reply"],
        },
        "allOf": [
            {"not": {"required": list(pair)}}
            for pair in (
                ("count", "rate"),
                ("lifecycle", "steps"),
                ("lifecycle", "reply"),
                ("steps", "reply"),
            )
        ],
    },
    FaultSpec: {"minProperties": 1, "maxProperties": 1},
    ExpectSpec: {"minProperties": 1, "maxProperties": 1},
    ProbeSpec: {
        "oneOf": [{"required": ["get"]}, {"required": ["sql"]}],
        "dependentRequired": {
            "sql": ["url", "json"],
            "url": ["sql"],
            "status": ["get"],
            "headers": ["get"],
        },
    },
}
"""What the annotations do not say: keys that exclude or need each other."""

_LIMITS: Final[dict[tuple[type[msgspec.Struct], str], dict[str, Any]]] = {
    (Scenario, "messages"): {"minItems": 1},
    (Scenario, "retry"): {"examples": list(PRESETS)},
    (MessageSpec, "count"): {"minimum": 1},
    (MessageSpec, "to"): {"pattern": r"^[0-9]{3,15}$|\$\{"},
    (MessageSpec, "from"): {"pattern": r"^[0-9]{3,15}$|\$\{"},
    (MessageSpec, "steps"): {"minItems": 1},
    (RetrySpec, "schedule"): {"minItems": 1},
    (RetrySpec, "attempts"): {"minimum": 1},
}


def json_schema() -> dict[str, Any]:
    """The schema, JSON Schema 2020-12."""
    definitions: dict[str, Any] = {}
    root = _refer(Scenario, definitions)
    return {
        "$schema": DIALECT,
        "$id": "urn:mockatell:scenario",
        "title": "A mockatell scenario",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def _refer(cls: type[msgspec.Struct], definitions: dict[str, Any]) -> dict[str, Any]:
    """A reference to a structure's definition, made the first time."""
    if cls.__name__ not in definitions:
        definitions[cls.__name__] = {}
        definitions[cls.__name__] = _define(cls, definitions)
    return {"$ref": f"#/$defs/{cls.__name__}"}


def _define(cls: type[msgspec.Struct], definitions: dict[str, Any]) -> dict[str, Any]:
    fields = shape(cls)
    properties = {
        key: _describe(field.type, definitions) | _LIMITS.get((cls, key), {})
        for key, field in fields.items()
    }
    required = [key for key, field in fields.items() if field.required]
    return {
        "title": cls.__name__.removesuffix("Spec"),
        "description": _summary(cls),
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        **({"required": required} if required else {}),
        **_EXTRA.get(cls, {}),
    }


def _summary(cls: type[msgspec.Struct]) -> str:
    return (inspect.getdoc(cls) or "").partition("\nArgs:")[0].strip()


def _describe(want: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    choices = [_one(member, definitions) for member in members(want) if member is not NoneType]
    if _needs_variable(want):
        choices.append(_VARIABLE)
    return choices[0] if len(choices) == 1 else {"anyOf": choices}


def _one(want: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if is_struct(want):
        return _refer(want, definitions)
    if want in _PLAIN:
        return _PLAIN[want]
    arguments = get_args(want)
    match get_origin(want):
        case origin if origin is dict:
            return {"type": "object", "additionalProperties": _describe(arguments[1], definitions)}
        case origin if origin is tuple:
            return {"type": "array", "items": _describe(arguments[0], definitions)}
        case _:
            return {"enum": list(arguments)}


def _needs_variable(want: Any) -> bool:
    """Whether a scalar may stand there that is not text, so that `${N}` has to be let in."""
    allowed = members(want)
    if str in allowed or Any in allowed:
        return False
    return any(member in _SCALARS or get_origin(member) is Literal for member in allowed)
