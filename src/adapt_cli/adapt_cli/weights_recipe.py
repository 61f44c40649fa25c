"""How the embedded weights come about: which episodes are collected, and what learns from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from adapt_core.episode_store import EpisodeStore
from adapt_core.robots import Robot, load_robot
from adapt_core.tasks import load_suite
from adapt_core.types import LabelValue, Task, TrainingEpisode
from adapt_core.weights import WeightsRole
from adapt_learning.embedded_training import Making, TrainingData, make_embedded_weights
from adapt_learning.in_domain_versions import embedded_folder
from adapt_learning.preset import load_preset
from adapt_learning.training.episodes import Episode, read_episodes
from adapt_learning.training.processes import Processes

from adapt_cli.bars import bar
from adapt_cli.collecting import Collection, collect
from adapt_cli.interrupt import stop_on_interrupt

# What SAIL is judged by (SAIL, section 5): no model may see them before.
JUDGED = ("drawer-close", "drawer-open", "window-close", "window-open", "door-open")


@dataclass(frozen=True)
class Recipe:
    """`demos` and `play` episodes of each seen task, `foreign` ones of each other task that is not judged by.

    `random_share` of the demonstrations' actions are random; such ones are learned from even where they fail.
    """

    preset: str
    data: Path
    demos: int
    play: int
    foreign: int
    seed: int
    workers: int
    random_share: float = 0.0


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

        def progress(role: WeightsRole, step: int, steps: int, loss: float) -> None:
            report(step, steps, f"{role.value}, loss {loss:.4f}")

        runs = recipe.data / f"training-{preset.name}"
        make_embedded_weights(data, Making(preset, runs, folder, recipe.seed, processes.device, progress, should_stop))
    return folder


def training_data(recipe: Recipe) -> TrainingData:
    """Collect what is missing, in images of the preset's size, and read it all."""
    robot = load_robot("metaworld", preset=recipe.preset)
    suite = load_suite(robot.suite)
    seen = tuple(suite.seen())
    others = tuple(task for task in suite.novel() if task.id not in JUDGED)
    demos = replace(_collection(robot, seen, recipe.demos, recipe), random_share=recipe.random_share)
    return TrainingData(
        demonstrations=_collected(demos, recipe.data / "demonstrations"),
        play=_collected(_collection(robot, seen, recipe.play, recipe, random_play=True), recipe.data / "play"),
        foreign=_collected(_collection(robot, others, recipe.foreign, recipe, randomise=True), recipe.data / "foreign"),
    )


def _collection(
    robot: Robot,
    tasks: tuple[Task, ...],
    count: int,
    recipe: Recipe,
    random_play: bool = False,
    randomise: bool = False,
) -> Collection:
    return Collection(
        robot, tasks, count, recipe.seed, random_play=random_play, randomise=randomise, workers=recipe.workers
    )


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
        if meta.method == collection.method
    ]
    return read_episodes(wanted)
