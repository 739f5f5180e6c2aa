"""Requests to a running training, and its time limits.

The main process checks them once per step. All processes follow its decision.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

from .distributed.parallel import World
from .job import TrainJob


@dataclass(frozen=True)
class Orders:
    """What to do after this step."""

    stop: bool
    budget: bool
    checkpoint: bool
    evaluate: bool


class Control:
    """Reads control.json. A request counts once: its `seq` must exceed that of the last one."""

    def __init__(self, job: TrainJob, world: World, seen: int) -> None:
        self.file = Path(job.run) / "control.json"
        self.world, self.seen = world, seen
        self.every_seconds, self.budget_seconds = job.checkpoints.every_seconds, job.budget.seconds
        self.started = self.saved = time.monotonic()

    def mark_saved(self) -> None:
        self.saved = time.monotonic()

    def poll(self) -> Orders:
        flags = self._own() if self.world.is_main else [0, 0, 0, 0, 0]
        stop, budget, checkpoint, evaluate, self.seen = self.world.agree(flags)
        return Orders(bool(stop), bool(budget), bool(checkpoint), bool(evaluate))

    def _own(self) -> list[int]:
        action, seen = self._request()
        now = time.monotonic()
        budget = 0 < self.budget_seconds <= now - self.started
        due = 0 < self.every_seconds <= now - self.saved
        return [
            int(action == "stop"),
            int(budget),
            int(action == "checkpoint" or due),
            int(action == "eval"),
            seen,
        ]

    def _request(self) -> tuple[str, int]:
        try:
            value = json.loads(self.file.read_text("utf-8"))
            action, seq = str(value["action"]), int(value["seq"])
        except (OSError, ValueError, KeyError, TypeError):
            return "", self.seen  # no request yet, or an unreadable one
        return (action, seq) if seq > self.seen else ("", self.seen)
