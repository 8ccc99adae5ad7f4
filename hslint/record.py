"""Classes that are their fields, as dataclasses are, without what making a dataclass costs every start of hslint.

`@dataclass(frozen=True, slots=True)` writes and compiles up to ten functions and makes the class twice. There are over a hundred
such classes, and a run makes instances of few: here `__init__` alone is written, when a class gets its first instance.
Type checkers see dataclasses (PEP 681).
"""

from __future__ import annotations

from functools import cache, cached_property
from types import CodeType, FunctionType
from typing import Any, TypeVar, dataclass_transform


class _Fields(type):
    """Makes the annotations of a class its slots. A class with cached properties keeps a dictionary for them as well."""

    _fields: tuple[str, ...]
    _defaults: dict[str, object]

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> _Fields:
        own = tuple(namespace.get("__annotations__", ()))
        above = [base for base in bases if isinstance(base, _Fields)]
        fields = (*(field for base in above for field in base._fields), *own)
        defaults = {field: namespace.pop(field) for field in own if field in namespace}
        cached = any(isinstance(value, cached_property) for value in namespace.values())
        namespace["__slots__"] = (*own, "__dict__", "__weakref__") if cached else own
        namespace["__match_args__"] = fields
        namespace.setdefault("__init__", _first_init)
        made = super().__new__(cls, name, bases, namespace)
        made._fields = fields
        made._defaults = {name: value for base in above for name, value in base._defaults.items()} | defaults
        return made


def _first_init(self: Any, *given: Any, **named: Any) -> None:
    """Stands in for a class's `__init__` until there is an instance."""
    made = type(self)
    code = _init(len(made._fields)).replace(co_varnames=("self", *made._fields))
    # Slots are set through their descriptors, past the `__setattr__` that forbids it.
    setters = {f"set_{number}": getattr(made, field).__set__ for number, field in enumerate(made._fields)}
    made.__init__ = FunctionType(code, setters, "__init__", tuple(made._defaults.values()))
    made.__init__(self, *given, **named)


@cache
def _init(fields: int) -> CodeType:
    """`__init__` for a number of fields, whose names are put in later: compiling takes longer than all the rest."""
    numbers = range(fields)
    steps = [f" set_{number}(self, field_{number})" for number in numbers]
    lines = [f"def __init__({', '.join(['self', *(f'field_{number}' for number in numbers)])}):", *steps, " return"]
    found: dict[str, Any] = {}
    exec("\n".join(lines), found)  # noqa: S102
    code: CodeType = found["__init__"].__code__
    return code


@dataclass_transform(frozen_default=True)
class Record(metaclass=_Fields):
    """A value: it never changes, and is equal to any other of its class with equal fields."""

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name} of a {type(self).__name__} cannot be set")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and _values(self) == _values(other)

    def __hash__(self) -> int:
        return hash(_values(self))

    def __repr__(self) -> str:
        shown = [f"{field}={value!r}" for field, value in zip(type(self)._fields, _values(self), strict=True)]
        return f"{type(self).__name__}({', '.join(shown)})"


@dataclass_transform(eq_default=False)
class Entity(metaclass=_Fields):
    """A thing: it is equal to nothing but itself, and its fields may be set."""


Made = TypeVar("Made", bound=Record | Entity)


def replace(before: Made, **changes: Any) -> Made:
    """Another one, with other values in some of the fields."""
    cls = type(before)
    return cls(**{**dict(zip(cls._fields, _values(before), strict=True)), **changes})


def _values(record: object) -> tuple[Any, ...]:
    return tuple([getattr(record, field) for field in type(record)._fields])  # type: ignore[attr-defined]
