"""Metrics of finished steps, fetched without stalling the device.

On a GPU they are copied to the host after each step and read while the next step computes. On other
devices they are read at once.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..data.plan import StepPlan

Reading = tuple[int, StepPlan, list[float]]


class Readings:
    """Metrics not read yet. `take` leaves the newest `lag` steps, unless asked for everything."""

    def __init__(self, device: torch.device) -> None:
        self.on_gpu = device.type == "cuda"
        self.lag = 1 if self.on_gpu else 0
        self.pending: list[tuple[int, StepPlan, Tensor, torch.cuda.Event | None]] = []

    def add(self, number: int, step: StepPlan, metrics: Tensor) -> None:
        """Stores the metrics of step `number` without waiting."""
        if not self.on_gpu:
            self.pending.append((number, step, metrics, None))
            return
        host = torch.empty(metrics.shape, dtype=metrics.dtype, pin_memory=True)
        host.copy_(metrics, non_blocking=True)
        copied = torch.cuda.Event()
        copied.record()
        self.pending.append((number, step, host, copied))

    def take(self, everything: bool) -> list[Reading]:
        """Returns stored metrics, oldest first. Waits only for the steps it returns."""
        count = len(self.pending) - (0 if everything else self.lag)
        taken, self.pending = self.pending[: max(0, count)], self.pending[max(0, count) :]
        if taken and taken[-1][3] is not None:
            taken[-1][3].synchronize()
        return [(number, step, metrics.tolist()) for number, step, metrics, _ in taken]
