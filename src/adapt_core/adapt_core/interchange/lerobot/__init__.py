"""LeRobotDataset v3.0, written and read without the `lerobot` package, whose pins exclude this one's.

The layout is that of lerobot 0.6 (`lerobot/datasets/dataset_writer.py`, `dataset_metadata.py`, Apache-2.0).
"""

from adapt_core.interchange.lerobot.exporting import export_lerobot
from adapt_core.interchange.lerobot.importing import Judgement, import_lerobot

__all__ = ["Judgement", "export_lerobot", "import_lerobot"]
