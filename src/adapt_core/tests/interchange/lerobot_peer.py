"""Runs in a Python that has `lerobot`: `read DATASET NPZ` reads a dataset, `write FOLDER` makes one."""

import sys

import numpy as np
from lerobot.datasets.lerobot_dataset import LeRobotDataset

CAMERA = "observation.images.camera"


def read(folder: str, target: str) -> None:
    dataset = LeRobotDataset("local/read", root=folder)
    items = [dataset[i] for i in range(len(dataset))]
    np.savez(
        target,
        frames=np.stack([(item[CAMERA].numpy().transpose(1, 2, 0) * 255).round().astype(np.uint8) for item in items]),
        actions=np.stack([item["action"].numpy() for item in items]),
        episodes=np.array([item["episode_index"].item() for item in items]),
        tasks=np.array([item["task"] for item in items]),
        successes=np.array(dataset.meta.filter_episodes(lambda row: row["adapt/label"] == "success")),
        mean=dataset.meta.stats[CAMERA]["mean"].ravel(),
    )


def write(folder: str) -> None:
    features = {
        CAMERA: {"dtype": "video", "shape": (64, 96, 3), "names": ["height", "width", "channels"]},
        "observation.state": {"dtype": "float32", "shape": (6,), "names": [f"joint_{i}" for i in range(6)]},
        "action": {"dtype": "float32", "shape": (6,), "names": [f"joint_{i}" for i in range(6)]},
    }
    dataset = LeRobotDataset.create("local/written", fps=10, features=features, root=folder, robot_type="so101")
    for episode in range(2):
        for i in range(7):
            image = np.full((64, 96, 3), 20 * i + 100 * episode, np.uint8)
            numbers = np.full(6, i + 10 * episode, np.float32)
            dataset.add_frame({CAMERA: image, "observation.state": numbers, "action": numbers, "task": "Fold it."})
        dataset.save_episode()
    dataset.finalize()


if __name__ == "__main__":
    {"read": read, "write": write}[sys.argv[1]](*sys.argv[2:])
