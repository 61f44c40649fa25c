"""Finds keys that a dataclass does not have, and the ones that were probably meant."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

KIND = "kind"  # the key that tells the dataclasses of a union apart


def unknown_keys(data: object, kind: Any, path: str = "") -> Iterator[str]:
    """One sentence for each key of `data` (plain YAML data) that the dataclass `kind`, or one nested in it, lacks."""
    kind = _strip(kind)
    if isinstance(data, Mapping) and (members := _by_kind(kind)):
        yield from _of_union(data, members, path)
        return
    if dataclasses.is_dataclass(kind):
        if isinstance(data, Mapping):
            yield from _of_dataclass(data, kind, path)
        return
    origin, args = get_origin(kind), get_args(kind)
    if isinstance(data, Mapping) and isinstance(origin, type) and issubclass(origin, Mapping):
        for key, value in data.items():
            yield from unknown_keys(value, args[1], _join(path, key))
    elif isinstance(data, list) and isinstance(origin, type) and issubclass(origin, Sequence):
        for number, value in enumerate(data):
            yield from unknown_keys(value, args[0], _join(path, number))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Half a sentence for an error message: ', did you mean "x"?', or nothing when no known name is close."""
    close = [f'"{match}"' for match in difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)]
    return f", did you mean {' or '.join(close)}?" if close else ""


def _of_dataclass(data: Mapping[Any, object], kind: Any, path: str) -> Iterator[str]:
    hints = get_type_hints(kind, include_extras=True)
    known = [field.name for field in dataclasses.fields(kind) if field.init]
    for key, value in data.items():
        if key in known:
            yield from unknown_keys(value, hints[key], _join(path, key))
        else:
            yield f"{_join(path, key)}: unknown key{did_you_mean(str(key), known)}; valid are {', '.join(known)}"


def _of_union(data: Mapping[Any, object], members: Mapping[str, Any], path: str) -> Iterator[str]:
    """The keys of the member that `kind` names; one sentence where it names none."""
    name = data.get(KIND)
    if isinstance(name, str) and name in members:
        yield from _of_dataclass(data, members[name], path)
    else:
        given = "is missing" if name is None else f"is {name!r}, which there is not{did_you_mean(str(name), members)}"
        yield f"{_join(path, KIND)}: {given}; valid are {', '.join(members)}"


def _by_kind(kind: Any) -> dict[str, Any]:
    """The dataclasses of a union by the value of their `kind: Literal[...]`; empty for anything else."""
    if get_origin(kind) not in (Union, UnionType):
        return {}
    found: dict[str, Any] = {}
    for member in map(_strip, get_args(kind)):
        hint = get_type_hints(member).get(KIND) if dataclasses.is_dataclass(member) else None
        found |= {name: member for name in get_args(hint) if get_origin(hint) is Literal}
    return found


def _strip(kind: Any) -> Any:
    """`Annotated[X, ...]` and `X | None` as X."""
    if get_origin(kind) is Annotated:
        return _strip(get_args(kind)[0])
    members = [member for member in get_args(kind) if member is not type(None)]
    if type(None) in get_args(kind) and len(members) == 1:
        return _strip(members[0])
    return kind


def _join(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)
