"""AdamW over the parts of the parameters that this process holds, and the learning rate of each step.

A sharded parameter is a view on this process's part of it, so one fused optimizer serves one device, DDP, FSDP2 and
tensor parallelism alike.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor

from .job import Optimizer, Schedule


def learning_rate(schedule: Schedule, step: int) -> float:
    """The rate of step number `step` (the first is 0): linear warm-up to the peak, then down to the final rate."""
    if step < schedule.warmup_steps:
        return schedule.peak * (step + 1) / schedule.warmup_steps
    if schedule.type == "constant":
        return schedule.peak
    last = max(schedule.total_steps - 1, schedule.warmup_steps + 1)
    progress = min(1.0, (step - schedule.warmup_steps) / (last - schedule.warmup_steps))
    fall = progress if schedule.type == "linear" else (1 - math.cos(math.pi * progress)) / 2
    return schedule.peak - (schedule.peak - schedule.final) * fall


def local(value: Tensor) -> Tensor:
    """This process's part of a tensor that may be sharded."""
    return value.to_local() if isinstance(value, DTensor) else value


def summed(gradient: Tensor, parameter: Tensor) -> Tensor:
    """The gradient cut like its parameter; what replicas hold in parts of a sum is added up."""
    if isinstance(gradient, DTensor) and isinstance(parameter, DTensor):
        return gradient.redistribute(placements=parameter.placements)
    return gradient


def is_decayed(name: str) -> bool:
    """Weight decay is for matrices between layers, not for norms and embeddings (input or output)."""
    return not name.endswith(("norm.weight", "embed_tokens.weight", "lm_head.weight"))


class ShardedAdamW:
    """Fused AdamW on local parts. `parts` are the trained tensors by parameter name."""

    def __init__(self, model: nn.Module, config: Optimizer) -> None:
        self.parameters = dict(model.named_parameters())
        self.parts = {name: nn.Parameter(local(value.detach())) for name, value in self.parameters.items()}
        groups = [
            {
                "params": [part for name, part in self.parts.items() if is_decayed(name)],
                "weight_decay": config.weight_decay,
            },
            {"params": [part for name, part in self.parts.items() if not is_decayed(name)], "weight_decay": 0.0},
        ]
        self.adamw = torch.optim.AdamW(groups, lr=0.0, betas=(config.beta1, config.beta2), eps=config.eps, fused=True)

    def gradients(self) -> dict[str, Tensor]:
        """Local gradients by parameter name; they are handed to the optimizer on the way."""
        found = {}
        for name, parameter in self.parameters.items():
            if parameter.grad is not None:
                found[name] = self.parts[name].grad = local(summed(parameter.grad, parameter))
        return found

    def step(self, rate: float, divisor: Tensor, skip: Tensor) -> None:
        """One update with the gradients divided by `divisor`; nothing changes where `skip` is 1. No host sync.

        Both are read by the fused kernel, the way a gradient scaler hands them over.
        """
        for group in self.adamw.param_groups:
            group["lr"] = rate
        self.adamw.grad_scale, self.adamw.found_inf = divisor, skip
        self.adamw.step()

    def clear_gradients(self) -> None:
        for name, parameter in self.parameters.items():
            parameter.grad = self.parts[name].grad = None

    def moments(self, name: str) -> dict[str, Tensor]:
        """First and second moment and the step counter of one parameter, made if they are not there yet."""
        part = self.parts[name]
        state = self.adamw.state[part]
        if not state:
            state["step"] = torch.zeros((), dtype=torch.float32, device=part.device)
            state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(part), torch.zeros_like(part)
        return state
