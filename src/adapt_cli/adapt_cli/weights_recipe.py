"""How the embedded weights come about: which episodes are collected, and what learns from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from adapt_core.episode_store import EpisodeStore
from adapt_core.robots import Robot, load_robot
from adapt_core.tasks import Suite, load_suite
from adapt_core.types import LabelValue, Task, TrainingEpisode
from adapt_core.weights import WeightsRole
from adapt_learning.embedded_training import Making, TrainingData, make_embedded_weights
from adapt_learning.embedded_weights import embedded_folder
from adapt_learning.preset import Preset, load_preset
from adapt_learning.training.episodes import Episode, read_episodes
from adapt_learning.training.pointing import Stills
from adapt_learning.training.processes import Processes

from adapt_cli.bars import bar
from adapt_cli.collecting import DEMO_SCENES, MIDWAY_SCENES, Collection, collect
from adapt_cli.interrupt import stop_on_interrupt
from adapt_cli.stills import stills


@dataclass(frozen=True)
class Recipe:
    """`demos` (None: as many as the suite says) and `play` episodes of each seen task, `foreign` ones of the prior's tasks.

    A broad prior also sees, in foreign scenes, `judged` episodes of each seen task and of each that it is judged by, of these as
    many again of scenes that do not show whether to open or to close. `stills` pictures teach pointing, where a model of
    the preset points. `midway` demonstrations of each seen task begin in the middle of it, as do then half as many again of
    the foreign ones: they show how to recover. `random_share` of the whole demonstrations' actions are random; such ones are
    learned from even where they fail.
    """

    preset: str
    data: Path
    demos: int | None
    play: int
    foreign: int
    seed: int
    workers: int
    random_share: float = 0.0
    robot: str = "metaworld"
    stills: int = 3000
    judged: int = 0
    midway: int = 0


def make_weights(recipe: Recipe, output: Path | None, anew: bool) -> Path:
    """Collect, train, write; the folder with the weights. Raises TrainingError, CancelledByUserError."""
    preset = load_preset(recipe.preset)
    folder, processes = output or embedded_folder(preset.name), Processes()
    if anew and processes.main:
        for role in WeightsRole:
            (folder / f"{role.value}.safetensors").unlink(missing_ok=True)
    with processes.accelerator.main_process_first():  # the others find it collected
        data = training_data(recipe)
    with stop_on_interrupt("Ending; the same command goes on.") as should_stop, bar("training") as report:
        runs = recipe.data / f"training-{preset.name}"
        make_embedded_weights(data, Making(preset, runs, folder, recipe.seed, processes.device, report, should_stop))
    return folder


def training_data(recipe: Recipe) -> TrainingData:
    """Collect what is missing for the models that the preset makes itself, in its images' size, and read it all."""
    robot = load_robot(recipe.robot, preset=recipe.preset)
    suite, preset = load_suite(robot.suite), load_preset(recipe.preset)
    made = set(WeightsRole) - set(preset.shares.roles if preset.shares is not None else ())
    demonstrations: dict[Task, int] = {}
    play: dict[Task, int] = {}
    foreign: dict[Task, int] = {}
    judged: dict[Task, int] = {}
    if made - {WeightsRole.PRIOR}:
        demonstrations = {task: recipe.demos or suite.demonstrations(task.id) for task in suite.seen()}
    if made & {WeightsRole.CODEC, WeightsRole.INVERSE_DYNAMICS}:
        play = dict.fromkeys(suite.seen(), recipe.play)
    if made & {WeightsRole.CODEC, WeightsRole.PRIOR}:
        foreign = dict.fromkeys(suite.in_prior(), recipe.foreign)
        if preset.prior.kind == "broad":
            judged = dict.fromkeys(suite.judged(), recipe.judged)
            often = max(recipe.foreign, recipe.judged)
            foreign = {**foreign, **dict.fromkeys(suite.seen(), often), **judged}
    shown = [_Part("demonstrations", demonstrations, recipe.random_share)]
    elsewhere = [
        _Part("foreign", foreign, randomise=True),
        _Part("foreign", judged, randomise=True, partly_open=True),
    ]
    if recipe.midway:
        shown.append(_Part("demonstrations", dict.fromkeys(demonstrations, recipe.midway), midway=True))
        elsewhere += [replace(part, counts=_halved(part.counts), midway=True) for part in elsewhere]
    return TrainingData(
        demonstrations=[episode for part in shown for episode in _episodes(part, robot, recipe)],
        play=_episodes(_Part("play", play, random_play=True), robot, recipe),
        foreign=[episode for part in elsewhere for episode in _episodes(part, robot, recipe)],
        stills=_stills(robot, suite, preset, recipe) if made & _learning_from_stills(preset) else None,
    )


def _halved(counts: dict[Task, int]) -> dict[Task, int]:
    return {task: count // 2 for task, count in counts.items()}


@dataclass(frozen=True)
class _Part:
    """Episodes that lie in one folder: how many of which task, and how they come about."""

    folder: str
    counts: dict[Task, int]
    random_share: float = 0.0
    random_play: bool = False
    randomise: bool = False
    partly_open: bool = False
    midway: bool = False


def _episodes(part: _Part, robot: Robot, recipe: Recipe) -> list[Episode]:
    """The episodes of `part`; those of tasks that are shown equally often are collected together."""
    found: list[Episode] = []
    for count in sorted(set(part.counts.values())):
        tasks = tuple(task for task, wanted in part.counts.items() if wanted == count)
        collection = Collection(
            robot,
            tasks,
            count,
            recipe.seed + (MIDWAY_SCENES if part.midway else DEMO_SCENES),
            random_share=part.random_share,
            random_play=part.random_play,
            randomise=part.randomise,
            workers=recipe.workers,
            partly_open=part.partly_open,
            midway=part.midway,
        )
        found += _collected(collection, recipe.data / part.folder)
    return found


def _learning_from_stills(preset: Preset) -> set[WeightsRole]:
    """The models with a pointer and, where there are such, the codec."""
    video = {WeightsRole.PRIOR: preset.prior, WeightsRole.IN_DOMAIN: preset.in_domain}
    pointing = {role for role, settings in video.items() if getattr(settings, "pointer", None) is not None}
    return pointing | {WeightsRole.CODEC} if pointing else set()


def _stills(robot: Robot, suite: Suite, preset: Preset, recipe: Recipe) -> Stills:
    """Pictures with the suite's things in them; for a strict prior, without those that it must not see."""
    taken = stills(robot, recipe.stills, recipe.data / "stills.npz")
    hidden = [task.id for task in suite.judged()] if preset.prior.kind == "strict" else []
    shown = ~np.isin(taken.tasks, hidden)
    pictures, image = np.unique(taken.image[shown], return_inverse=True)
    prompts = [(suite[task].in_domain_prompt, suite[task].prior_prompt) for task in taken.tasks[shown]]
    return Stills(taken.images[pictures], image, prompts, taken.points[shown])


def _collected(collection: Collection, folder: Path) -> list[Episode]:
    """Collect what `folder` lacks; all its episodes but failed demonstrations. Foreign ones carry the prior's prompts."""
    if not collection.count:
        return []
    with bar(folder.name) as report:
        collect(collection, folder, report)
    store = EpisodeStore(folder)
    any_end = collection.random_play or collection.random_share > 0
    metas = store.episodes(label=None if any_end else LabelValue.SUCCESS)
    wanted = [
        TrainingEpisode(
            str(folder), meta.episode_id, meta.prior_prompt if collection.randomise else meta.in_domain_prompt
        )
        for meta in metas
        if meta.method == collection.method and meta.task_id in {task.id for task in collection.tasks}
    ]
    return read_episodes(wanted)
