"""Configuration: files become checked dataclasses, and every mistake is named."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import pytest
from adapt_core.config import from_data, load_yaml, parse_overrides
from adapt_core.config_base import read_extended
from adapt_core.errors import ConfigError
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field

from adapt_core import paths


@dataclass(frozen=True)
class Inner:
    rate_hz: Annotated[float, Field(gt=0)]
    corner: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Camera:
    kind: Literal["camera"]
    height: int
    rate_hz: Annotated[float, Field(gt=0)] = 1.0


@dataclass(frozen=True)
class Lidar:
    kind: Literal["lidar"]
    beams: int


Sensor = Annotated[Camera | Lidar, Field(discriminator="kind")]


@dataclass(frozen=True)
class Rig:
    front: Sensor
    back: Sensor | None = None
    others: tuple[Sensor, ...] = ()


@dataclass(frozen=True)
class Outer:
    name: str
    inner: Inner
    maybe: Inner | None = None
    several: tuple[Inner, ...] = ()
    named: Mapping[str, Inner] = field(default_factory=dict)


def write(folder: Path, text: str) -> Path:
    path = folder / "thing.yaml"
    path.write_text(text)
    return path


def test_nested_values_arrive_typed(tmp_path: Path) -> None:
    path = write(
        tmp_path, "name: a\ninner: {rate_hz: 1e-1, corner: [1, 2.5]}\nseveral: [{rate_hz: 2}]\nnamed: {x: {rate_hz: 3}}"
    )
    loaded = load_yaml(path, Outer)
    assert loaded == Outer("a", Inner(0.1, (1.0, 2.5)), None, (Inner(2.0),), {"x": Inner(3.0)})


@pytest.mark.parametrize(
    ("text", "needles"),
    [
        ("name: a\ninner: {rate_hx: 1}", ["inner.rate_hx", 'did you mean "rate_hz"']),
        ("name: a\ninner: {rate_hz: 1}\nmaybe: {rate_hz: 1, cornr: [0, 0]}", ["maybe.cornr", "corner"]),
        ("name: a\ninner: {rate_hz: 1}\nseveral: [{rate_hz: 1, x: 1}]", ["several.0.x", "unknown key"]),
        ("name: a\ninner: {rate_hz: 1}\nnamed: {z: {rate: 1}}", ["named.z.rate"]),
        ("name: 3\ninner: {rate_hz: 1}", ["name", "string", "given: 3"]),
        ('name: a\ninner: {rate_hz: "1"}', ["inner.rate_hz", "number"]),
        ("name: a\ninner: {rate_hz: 0}", ["inner.rate_hz", "greater than 0"]),
        ("name: a\ninner: {rate_hz: 1, corner: [1]}", ["inner.corner"]),
        ("name: a", ["inner"]),
        ("", ["whole file"]),
        ("- 1", ["whole file"]),
        ("name: a\nname: b\ninner: {rate_hz: 1}", ["twice"]),
        ("name: [", ["not valid YAML"]),
        ("name: 2020-01-01\ninner: {rate_hz: 1}", ["only text, numbers"]),
    ],
)
def test_each_mistake_is_named_with_file_and_key(tmp_path: Path, text: str, needles: list[str]) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_yaml(path, Outer)
    for needle in [str(path), *needles]:
        assert needle in str(caught.value)


def test_members_of_a_union_are_told_apart_by_their_kind(tmp_path: Path) -> None:
    path = write(tmp_path, "front: {kind: lidar, beams: 4}\nothers: [{kind: camera, height: 2}]")
    assert load_yaml(path, Rig) == Rig(Lidar("lidar", 4), None, (Camera("camera", 2),))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("front: {kind: lidar, beam: 4}", 'front.beam: unknown key, did you mean "beams"?; valid are kind, beams'),
        (
            "front: {kind: lider, beams: 4}",
            "front.kind: is 'lider', which there is not, did you mean \"lidar\"?; valid",
        ),
        ("front: {kind: [lidar], beams: 4}", "front.kind: is ['lidar'], which there is not"),
        ("front: {beams: 4}", "front.kind: is missing; valid are camera, lidar"),
        ("front: {kind: lidar, height: 4}", "front.height: unknown key"),
        ("front: {kind: lidar}", "front.beams: Field required"),
        ("front: {kind: camera, height: 4, rate_hz: 0}", "front.rate_hz: Input should be greater than 0"),
        ("front: {kind: lidar, beams: 4}\nback: {kind: lidar, beems: 4}", "back.beems: unknown key"),
        ("front: {kind: lidar, beams: 4}\nothers: [{kind: lidar, beams: x}]", "others.0.beams: Input should be"),
        ("front: lidar", "front: "),
    ],
)
def test_mistakes_within_a_union_are_named_with_their_key(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_yaml(path, Rig)
    assert f"{path}: {message}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_says_only_what_differs_from_another(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("front: {kind: lidar, beams: 4}\nback: {kind: camera, height: 3, rate_hz: 2}")
    (tmp_path / "middle.yaml").write_text("extends: base\nback: {height: 5}")
    path = write(tmp_path, "extends: middle\nfront: {kind: camera, height: 1}\nback: {rate_hz: 7}")
    merged = from_data(read_extended(path), Rig, "here")
    assert merged == Rig(Camera("camera", 1), Camera("camera", 5, 7))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("extends: thing", "never ends"),
        ("extends: none", "none.yaml does not exist"),
        ("extends: 3", "must be the name"),
    ],
)
def test_a_file_that_extends_nothing_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_extended(write(tmp_path, text))


def test_missing_or_unreadable_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        load_yaml(tmp_path / "none.yaml", Outer)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_yaml(tmp_path, Outer)
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_yaml(tmp_path / "binary.yaml", Outer)


def test_overrides_win_and_are_checked_like_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "name: a\ninner: {rate_hz: 1}")
    assert load_yaml(path, Outer, parse_overrides(["inner.rate_hz=2e3", "name=b=c"])) == Outer("b=c", Inner(2000.0))
    for item, message in [("inner.rate=1", "inner.rate: unknown"), ("name.x=1", "no mapping")]:
        with pytest.raises(ConfigError, match=message):
            load_yaml(path, Outer, parse_overrides([item]))
    for item in ["inner", "=1", "name=[", "name={a: 1, a: 2}"]:
        with pytest.raises(ConfigError):
            parse_overrides([item])


@settings(max_examples=30)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_any_data_is_either_accepted_or_a_config_error(data: object) -> None:
    try:
        from_data({"name": "a", "inner": data}, Outer, "here")
    except ConfigError as error:
        assert str(error).startswith("here: ")


def test_config_dir_prefers_environment_then_ros_then_source_then_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ["chosen", "share/adapt/config", "source", "data"]:
        (tmp_path / name / "robots").mkdir(parents=True)
    monkeypatch.setenv("AMENT_PREFIX_PATH", f"{tmp_path / 'other'}:{tmp_path}")
    monkeypatch.setattr(paths, "_SOURCE_TREE", tmp_path / "source")
    monkeypatch.setattr(paths, "_PACKAGE_DATA", tmp_path / "data")
    monkeypatch.setenv(paths.CONFIG_ENV, str(tmp_path / "chosen"))
    assert paths.config_dir() == tmp_path / "chosen"
    monkeypatch.setenv(paths.CONFIG_ENV, str(tmp_path / "nowhere"))
    with pytest.raises(ConfigError, match=paths.CONFIG_ENV):
        paths.config_dir()
    monkeypatch.delenv(paths.CONFIG_ENV)
    for name in ["share/adapt/config", "source", "data"]:
        assert paths.config_dir() == tmp_path / name
        (tmp_path / name / "robots").rmdir()
    with pytest.raises(ConfigError, match="no configuration found"):
        paths.config_dir()


def test_missing_config_file_lists_what_is_there() -> None:
    with pytest.raises(ConfigError, match="metaworld"):
        paths.config_file("robots", "metaworlt.yaml")


def test_values_cannot_be_changed(tmp_path: Path) -> None:
    loaded = load_yaml(write(tmp_path, "name: a\ninner: {rate_hz: 1}"), Outer)
    with pytest.raises(dataclasses.FrozenInstanceError):
        loaded.name = "b"  # type: ignore[misc]
