"""Versioned weights on disk: a folder a version, written whole or not at all, checked by hash."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from adapt_core.config import from_data
from adapt_core.config_keys import did_you_mean
from adapt_core.durable import exclusive, full_disk_named, make_locked_folder, publish, release, remove_abandoned
from adapt_core.errors import ConfigError, WeightsError
from adapt_core.safetensors_header import problem_with

_META = "meta.json"
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")


class WeightsRole(StrEnum):
    """Which model of the method the weights belong to."""

    IN_DOMAIN = "in_domain"
    PRIOR = "prior"
    CODEC = "codec"
    INVERSE_DYNAMICS = "inverse_dynamics"


@dataclass(frozen=True)
class WeightsHeader:
    """What the trainer knows of weights it is about to store.

    `parent` is the version they were finetuned from, `run_id` and `iteration` the SAIL run they came out of, `facts`
    what is worth knowing of the training (steps, losses, seeds, data): anything JSON can hold.
    """

    preset: str
    role: WeightsRole
    parent: str | None = None
    run_id: str | None = None
    iteration: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class WeightsMeta(WeightsHeader):
    """A stored version: its header, name, time (UTC, ISO 8601) and the SHA-256 of each file."""

    version: str = ""
    created_at: str = ""
    sha256: Mapping[str, str] = field(default_factory=dict)


class WeightsStore:
    """The versions under the folder `root`: `<root>/<version>/{*.safetensors, ..., meta.json}`."""

    def __init__(self, root: Path | str) -> None:
        """Open the store, making `root` when missing, and remove what killed writers left behind."""
        self.root = Path(root)
        with full_disk_named(str(self.root)):
            self.root.mkdir(parents=True, exist_ok=True)
            with exclusive(self.root / ".store.lock"):
                remove_abandoned(self.root, ".writing-*")

    def write(self, version: str, header: WeightsHeader, write: Callable[[Path], None]) -> WeightsMeta:
        """Store what `write(folder)` puts into the empty folder it is given: at least one *.safetensors file.

        Raises WeightsError when the version exists or the files are no safetensors, StorageFullError when the disk is
        full, and whatever `write` raises; nothing of the version is there afterwards.
        """
        self._check_new(version)
        folder = self.root / f".writing-{uuid.uuid4().hex}"
        with full_disk_named(f"weights {version}"):
            with exclusive(self.root / ".store.lock"):
                handle = make_locked_folder(folder)
            try:
                write(folder)
                meta = _describe(folder, version, header)
                (folder / _META).write_text(json.dumps(asdict(meta), indent=1), encoding="utf-8")
                publish(folder, self.root / version)
            except FileExistsError as error:
                raise WeightsError(f"weights {version} were stored meanwhile; choose another version name") from error
            finally:
                shutil.rmtree(folder, ignore_errors=True)
                release(handle)
        return meta

    def versions(self) -> list[str]:
        """All stored versions by name."""
        return sorted(path.parent.name for path in self.root.glob(f"*/{_META}") if not path.parent.name.startswith("."))

    def __contains__(self, version: object) -> bool:
        """Is this version stored?"""
        return version in self.versions()

    def path(self, version: str) -> Path:
        """The folder of `version`. Raises WeightsError, naming close ones, when there is none."""
        if version not in self:
            known = self.versions()
            hint = did_you_mean(version, known) or f"; it has: {', '.join(known) or 'none'}"
            raise WeightsError(f'no weights "{version}" in {self.root}{hint}. Train them, or copy their folder there')
        return self.root / version

    def meta(self, version: str) -> WeightsMeta:
        """The meta data of `version`. Raises WeightsError when missing or unreadable."""
        path = self.path(version) / _META
        try:
            return from_data(json.loads(path.read_text(encoding="utf-8")), WeightsMeta, str(path))
        except (OSError, ValueError, ConfigError) as error:
            raise WeightsError(f"{path} is unreadable ({error}): {_REMEDY.format(self.root / version)}") from error

    def verify(self, version: str) -> WeightsMeta:
        """Check each file of `version` against its hash and header. Raises WeightsError that names the bad file."""
        meta = self.meta(version)
        folder = self.path(version)
        for name, expected in meta.sha256.items():
            problem = _problem(folder / name, expected)
            if problem is not None:
                raise WeightsError(f"{folder / name} {problem}: {_REMEDY.format(folder)}")
        return meta

    def _check_new(self, version: str) -> None:
        if not _VERSION.fullmatch(version):
            raise WeightsError(
                f'"{version}" is no version name: use letters, digits and . _ + -, starting with a letter or digit'
            )
        if version in self:
            raise WeightsError(f"weights {version} are already in {self.root}; choose another version name")


_REMEDY = "delete the folder {} and train or copy these weights again"


def _describe(folder: Path, version: str, header: WeightsHeader) -> WeightsMeta:
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    if not any(path.suffix == ".safetensors" for path in files):
        raise WeightsError(f"weights {version}: the trainer wrote no .safetensors file")
    for path in files:
        problem = problem_with(path) if path.suffix == ".safetensors" else None
        if problem is not None:
            raise WeightsError(f"weights {version}: {path.name} {problem}; write it again")
    hashes = {path.name: _sha256(path) for path in files}
    return WeightsMeta(**vars(header), version=version, created_at=datetime.now(UTC).isoformat(), sha256=hashes)


def _problem(path: Path, sha256: str) -> str | None:
    if not path.is_file():
        return "is missing"
    problem = problem_with(path) if path.suffix == ".safetensors" else None
    if problem is None and _sha256(path) != sha256:
        problem = "does not match its hash"
    return problem


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
