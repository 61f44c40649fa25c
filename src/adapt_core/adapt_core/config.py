"""A YAML file into a frozen dataclass, checked key by key."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, TypeVar, cast

import yaml
from pydantic import TypeAdapter, ValidationError

from adapt_core.config_keys import KIND, unknown_keys
from adapt_core.errors import ConfigError

T = TypeVar("T")


def load_yaml(path: Path | str, cls: type[T], overrides: Mapping[str, object] | None = None) -> T:
    """Read `path` into an instance of `cls`, a dataclass (pydantic or stdlib) or any type that pydantic can check.

    `overrides` maps dotted keys ("finetune.steps") to values that win over the file's. Types are strict: a string is
    not taken for a number. Raises ConfigError with the file, the key's path, what is wrong and the closest valid key.
    """
    path = Path(path)
    return from_data(overridden(read_yaml(path), overrides or {}), cls, str(path))


def from_data(data: object, cls: type[T], where: str, strict: bool = True) -> T:
    """Check plain `data` (what YAML or JSON holds) against `cls`; `where` names its origin in a ConfigError.

    Unless `strict`, texts are read as what is wanted: "true" as a truth, "3" as a number.
    """
    problems = [f"{where}: {problem}" for problem in unknown_keys(data, cls)]
    if problems:
        raise ConfigError("\n".join(problems))
    try:
        text = json.dumps(data)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"{where}: only text, numbers, true/false, null, lists and mappings are allowed: {error}"
        ) from error
    try:
        checked: T = _adapter(cast(Hashable, cls)).validate_json(text, strict=strict)
        return checked
    except ValidationError as error:
        raise ConfigError("\n".join(f"{where}: {line}" for line in _describe(error, data))) from error


def overridden(data: Any, overrides: Mapping[str, object]) -> Any:
    """`data` with the values of `overrides`, by dotted key, put in. Raises ConfigError."""
    data = deepcopy(data)
    for key, value in overrides.items():
        _set_key(data, key, value)
    return data


def read_yaml(path: Path) -> Any:
    """The plain data of a YAML file. Raises ConfigError when it is missing, no YAML, or has a key twice."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except FileNotFoundError as error:
        raise ConfigError(f"{path} does not exist: create it or correct the name") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not valid YAML: {error}") from error


def parse_overrides(items: Iterable[str]) -> dict[str, object]:
    """Command-line items "key.path=value" as a mapping for `load_yaml`; values are read as YAML.

    Raises ConfigError for an item without "=".
    """
    overrides: dict[str, object] = {}
    for item in items:
        key, equals, text = item.partition("=")
        if not equals or not key.strip():
            raise ConfigError(f'"{item}" is not an override: write key=value, e.g. finetune.steps=200')
        try:
            overrides[key.strip()] = yaml.load(text, Loader=_Loader)
        except yaml.YAMLError as error:
            raise ConfigError(f'override "{item}": the value is not valid YAML: {error}') from error
    return overrides


@functools.cache
def _adapter(cls: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast(Any, cls))


def _set_key(data: Any, key: str, value: object) -> None:
    *parents, last = key.split(".")
    for parent in parents:
        data = data.setdefault(parent, {}) if isinstance(data, dict) else None
    if not isinstance(data, dict):
        raise ConfigError(f'override "{key}": there is no mapping to put it in')
    data[last] = value


def _describe(error: ValidationError, data: object) -> list[str]:
    lines = []
    for item in error.errors(include_url=False):
        key = ".".join(_written(item["loc"], data)) or "(whole file)"
        given = "" if item["type"] == "missing" else f" (given: {json.dumps(item['input'])[:80]})"
        lines.append(f"{key}: {item['msg']}{given}")
    return lines


def _written(location: tuple[str | int, ...], data: Any) -> Iterator[str]:
    """The keys of pydantic's `location` as they stand in `data`: without the kinds of unions that it puts between."""
    for part in location:
        if isinstance(data, Mapping) and part not in data and part == data.get(KIND):
            continue
        yield str(part)
        if isinstance(data, Mapping):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]


class _Loader(yaml.SafeLoader):
    """SafeLoader that reads 1e-5 as a number (YAML 1.2) and refuses a key given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            if key_node.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f'key "{key_node.value}" is given twice', key_node.start_mark
                )
            seen.add(key_node.value)
        return super().construct_mapping(node, deep=deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9][0-9_]*(\.[0-9_]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)
