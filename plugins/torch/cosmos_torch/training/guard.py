"""Skips outlier steps without making the host wait for the device.

A step changes nothing if its loss or gradient norm is not finite, or more than k standard
deviations above the mean of the last accepted steps. After several skipped steps in a row, a finite
step is accepted, because the values have then reached a new level. The window is kept on the device
and saved in checkpoints.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..job import Spikes

WARM_STEPS = 32
"""Accepted steps before deviations are judged. Fewer say little about the spread."""
PATIENCE = 8
"""Skipped steps in a row before a finite step is accepted."""


class SpikeGuard:
    """Judges steps by those accepted before.

    `window` is [2, steps]: losses and gradient norms of accepted steps. `seen` counts all accepted
    steps.
    """

    def __init__(self, config: Spikes, device: torch.device) -> None:
        self.sigmas = config.sigmas
        self.window = torch.zeros((2, config.window), dtype=torch.float32, device=device)
        self.seen = torch.zeros((), dtype=torch.int64, device=device)
        self.skipped_in_a_row = torch.zeros((), dtype=torch.int64, device=device)

    def judge(self, loss: Tensor, norm: Tensor) -> tuple[Tensor, Tensor]:
        """Returns two scalars on the device: whether to skip the step, and its deviation.

        The first is 1.0 if the step must be skipped. The second is in standard deviations.
        """
        values = torch.stack((loss, norm)).float()
        size = self.window.shape[1]
        filled = torch.arange(size, device=values.device) < self.seen
        count = filled.sum().clamp(min=1)
        mean = (self.window * filled).sum(dim=1) / count
        spread = (((self.window - mean[:, None]) * filled).pow(2).sum(dim=1) / count).sqrt()
        sigmas = ((values - mean) / spread.clamp(min=1e-8)).max()
        finite = values.isfinite().all()
        warm = self.seen >= min(WARM_STEPS, size)
        skip = ~finite | (warm & (sigmas > self.sigmas) & (self.skipped_in_a_row < PATIENCE))
        slot = self.seen % size
        current = self.window.index_select(1, slot.view(1)).squeeze(1)
        self.window.index_copy_(1, slot.view(1), torch.where(skip, current, values)[:, None])
        self.seen += (~skip).long()
        self.skipped_in_a_row.copy_(torch.where(skip, self.skipped_in_a_row + 1, 0))
        return skip.float(), torch.where(warm, sigmas, 0.0)

    def state(self) -> dict[str, Tensor]:
        return {
            "guard.window": self.window,
            "guard.seen": self.seen,
            "guard.skipped": self.skipped_in_a_row,
        }

    def restore(self, state: dict[str, Tensor]) -> None:
        self.window.copy_(state["guard.window"])
        self.seen.copy_(state["guard.seen"])
        self.skipped_in_a_row.copy_(state["guard.skipped"])
