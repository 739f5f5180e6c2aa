"""Event files for TensorBoard in `<run>/tensorboard`, written by tensorboardX."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

FOLDER = "tensorboard"
READINGS = {
    "loss": "train/loss",
    "smoothed": "train/smoothed loss",
    "gradNorm": "train/gradient norm",
    "lr": "train/learning rate",
    "tokensPerSecond": "speed/tokens per second",
    "mfu": "speed/MFU",
    "memoryBytes": "speed/memory in bytes",
}
"""Members of a `step` event by the tag they have on the board."""


class Board:
    """Follows the events of a run. What fails here stops no training."""

    def __init__(self, run: Path, step: int) -> None:
        """Opens the board of a run that goes on after `step`; later steps in it are hidden.

        Raises ImportError without tensorboardX.
        """
        from tensorboardX import SummaryWriter

        # Files are named by the second, in which a run may resume: none must replace another.
        self.writer = SummaryWriter(
            str(run / FOLDER), purge_step=step + 1, filename_suffix=f".from-{step}"
        )

    def follow(self, event: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):
            if event["type"] == "step":
                for member, tag in READINGS.items():
                    if event[member] is not None:
                        self.writer.add_scalar(tag, event[member], event["step"])
            elif event["type"] == "eval":
                for part in event["slices"]:
                    tag = f"held out/loss of {part['slice']}"
                    self.writer.add_scalar(tag, part["loss"], event["step"])
            elif event["type"] == "done":
                self.writer.close()
