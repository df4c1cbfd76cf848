"""Frozen dataclasses <-> JSON lines, by their annotations alone.

A field at its default is left out of the JSON; a date is ISO text, a StrEnum its value, a tuple a list.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Callable, Iterable
from datetime import date
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

Record = TypeVar("Record")
Decoder = Callable[[Any], Any]


def record_to_json(record: Any) -> str:
    """One line of JSON, without a line end."""
    return json.dumps(_plain(record), ensure_ascii=False, separators=(",", ":"))


def record_from_json(kind: type[Record], line: str) -> Record:
    """The record written by `record_to_json`. Raises ValueError, KeyError or TypeError on other JSON."""
    decode: Decoder = _decoder(kind)  # type: ignore[arg-type]  # every class is hashable
    record: Record = decode(json.loads(line))
    return record


def write_records(path: Path, records: Iterable[Any]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(record_to_json(record) + "\n" for record in records)


def read_records(path: Path, kind: type[Record]) -> tuple[Record, ...]:
    """Every record of a file. Lines end at "\\n" and nowhere else: str.splitlines would cut inside texts."""
    lines = path.read_bytes().decode("utf-8").split("\n")
    return tuple(record_from_json(kind, line) for line in lines if line)


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind in _JSON_VALUES:
        return value
    if kind is tuple or kind is list:
        return [_plain(item) for item in value]
    if dataclasses.is_dataclass(kind):
        return {
            name: _plain(content)
            for name, default in _defaults(kind)
            if (content := getattr(value, name)) != default
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    return value


_JSON_VALUES = (str, int, float, bool, type(None))


@cache
def _defaults(kind: Any) -> tuple[tuple[str, Any], ...]:
    """Each field of a dataclass with its default."""
    return tuple((field.name, field.default) for field in dataclasses.fields(kind))


@cache
def _decoder(kind: Any) -> Decoder:
    """JSON value -> value of this type: dataclass, enum, date, tuples and unions with None of these."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        (inner,) = (argument for argument in arguments if argument is not type(None))
        decode = _decoder(inner)
        return lambda value: None if value is None else decode(value)
    if origin is tuple and arguments[1:] == (...,):
        decode_item = _decoder(arguments[0])
        return lambda value: tuple(decode_item(item) for item in value)
    if origin is tuple:
        decoders = [_decoder(argument) for argument in arguments]
        return lambda value: tuple(decode(item) for decode, item in zip(decoders, value, strict=True))
    if dataclasses.is_dataclass(kind):
        return _dataclass_decoder(kind)
    if isinstance(kind, type) and issubclass(kind, date):
        return kind.fromisoformat
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    return lambda value: value


def _dataclass_decoder(kind: Any) -> Decoder:
    hints = typing.get_type_hints(kind)
    decoders = {field.name: _decoder(hints[field.name]) for field in dataclasses.fields(kind)}

    def decode(value: Any) -> Any:
        return kind(**{name: decoders[name](content) for name, content in value.items()})

    return decode
