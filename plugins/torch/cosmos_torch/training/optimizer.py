"""The optimizer over this process's shards of the parameters, and the learning rate of each step.

The shard of a parameter is a view of it. One fused AdamW therefore serves one device, DDP, FSDP2
and tensor parallelism. Muon needs whole matrices, and gathers them.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor

from ..distributed.parallel import fill, gather
from ..job import Optimizer, Schedule
from .muon import is_matrix, next_momentum, orthogonal, scale_of


def learning_rate(schedule: Schedule, step: int) -> float:
    """Returns the learning rate of step number `step`, counted from 0.

    Linear warm-up to the peak, then decay to the final rate. src/train/schedule.ts has the same.
    """
    if step < schedule.warmup_steps:
        rise = (schedule.peak - schedule.warmup_from) * (step + 1) / schedule.warmup_steps
        return schedule.warmup_from + rise
    if schedule.type == "constant":
        return schedule.peak
    if schedule.type == "wsd":
        start = decay_start(schedule)
        if step < start:
            return schedule.peak
        progress = min(1.0, (step + 1 - start) / max(1, schedule.total_steps - start))
        fall = progress if schedule.decay_shape == "linear" else math.sqrt(progress)
        return schedule.peak - (schedule.peak - schedule.final) * fall
    last = max(schedule.total_steps - 1, schedule.warmup_steps + 1)
    progress = min(1.0, (step - schedule.warmup_steps) / (last - schedule.warmup_steps))
    fall = progress if schedule.type == "linear" else (1 - math.cos(math.pi * progress)) / 2
    return schedule.peak - (schedule.peak - schedule.final) * fall


def decay_start(schedule: Schedule) -> int:
    """Returns the number of steps before a `wsd` schedule decays; the whole run for others."""
    if schedule.type != "wsd":
        return schedule.total_steps
    return max(schedule.warmup_steps, schedule.total_steps - schedule.decay_steps)


def local(value: Tensor) -> Tensor:
    """Returns this process's shard of a tensor that may be sharded."""
    return value.to_local() if isinstance(value, DTensor) else value


def summed(gradient: Tensor, parameter: Tensor) -> Tensor:
    """Returns the gradient sharded like its parameter.

    If replicas hold terms of a sum, the terms are added up.
    """
    if isinstance(gradient, DTensor) and isinstance(parameter, DTensor):
        return gradient.redistribute(placements=parameter.placements)
    return gradient


@torch.no_grad()
def own_part(parameter: Tensor, value: Tensor) -> Tensor:
    """Returns this process's shard of `value`, which is sharded like the parameter."""
    empty = torch.empty_like(parameter)
    fill(empty, value)
    return local(empty)


def is_decayed(name: str) -> bool:
    """Weight decay is for matrices between layers, not for norms, input or output embeddings."""
    return not name.endswith(("norm.weight", "embed_tokens.weight", "lm_head.weight"))


class ShardedOptimizer:
    """AdamW or Muon on local shards. `parts` has the trained tensors by parameter name."""

    def __init__(self, model: nn.Module, config: Optimizer) -> None:
        self.parameters = dict(model.named_parameters())
        self.parts = {
            name: nn.Parameter(local(value.detach())) for name, value in self.parameters.items()
        }
        self.config = config
        self.momenta = {
            name: torch.zeros_like(part)
            for name, part in self.parts.items()
            if config.type == "muon" and is_matrix(name)
        }
        others = {name: part for name, part in self.parts.items() if name not in self.momenta}
        groups = [
            {
                "params": [part for name, part in others.items() if is_decayed(name)],
                "weight_decay": config.weight_decay,
            },
            {
                "params": [part for name, part in others.items() if not is_decayed(name)],
                "weight_decay": 0.0,
            },
        ]
        self.adamw = torch.optim.AdamW(
            groups, lr=0.0, betas=(config.beta1, config.beta2), eps=config.eps, fused=True
        )

    def gradients(self) -> dict[str, Tensor]:
        """Returns local gradients by parameter name, and hands them to the optimizer."""
        found = {}
        for name, parameter in self.parameters.items():
            if parameter.grad is not None:
                found[name] = self.parts[name].grad = local(summed(parameter.grad, parameter))
        return found

    def step(self, rate: float, divisor: Tensor, skip: Tensor) -> None:
        """Updates with the gradients divided by `divisor`; changes nothing if `skip` is 1.

        No host sync: the fused kernel reads both, as it does for a gradient scaler.
        """
        for group in self.adamw.param_groups:
            group["lr"] = rate
        self.adamw.grad_scale, self.adamw.found_inf = divisor, skip
        self.adamw.step()
        for name in self.momenta:
            self._orthogonal_step(name, rate, divisor, skip)

    @torch.no_grad()
    def _orthogonal_step(self, name: str, rate: float, divisor: Tensor, skip: Tensor) -> None:
        part, momentum = self.parts[name], self.momenta[name]
        if part.grad is None:
            return
        gradient = part.grad / divisor
        after, direction = next_momentum(momentum, gradient, self.config.momentum)
        parameter = self.parameters[name]
        update = own_part(parameter, orthogonal(gather(parameter, direction)))
        kept = part * (1 - rate * self.config.weight_decay)
        moved = kept - rate * scale_of(parameter.shape) * update
        skips = skip > 0
        momentum.copy_(torch.where(skips, momentum, after))
        part.copy_(torch.where(skips, part, moved))

    def clear_gradients(self) -> None:
        for name, parameter in self.parameters.items():
            parameter.grad = self.parts[name].grad = None

    def moments(self, name: str) -> dict[str, Tensor]:
        """Returns the state of a parameter by name, creating it if needed.

        Tensors of its shape are sharded like it; the step counter of AdamW is a single number.
        """
        if name in self.momenta:
            return {"momentum": self.momenta[name]}
        part = self.parts[name]
        state = self.adamw.state[part]
        if not state:
            state["step"] = torch.zeros((), dtype=torch.float32, device=part.device)
            state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(part), torch.zeros_like(part)
        return state
