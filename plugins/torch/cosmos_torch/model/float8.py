"""Opt-in float8 matrix products in the blocks, for GPUs with float8 units (H100 and later).

Every operand is scaled by its own largest value before each product. Values and weights use E4M3,
gradients E5M2 (Micikevicius et al. 2022, "FP8 Formats for Deep Learning"). Weights keep their type.
The output matrix and everything between the products stay in bfloat16.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ..failure import bad_job

VALUES, GRADIENTS = torch.float8_e4m3fn, torch.float8_e5m2
MULTIPLE = 16
"""The kernels need both dimensions of an operand to be multiples of this."""


def scaled(value: Tensor, kind: torch.dtype) -> tuple[Tensor, Tensor]:
    """Returns `value` in 8 bits, and the factor that scales it back.

    The largest magnitude is scaled to the end of the range.
    """
    limit = torch.finfo(kind).max
    factor = limit / value.abs().amax().float().clamp(min=1e-12)
    return (value.float() * factor).clamp(-limit, limit).to(kind), factor.reciprocal()


def product(one: Tensor, other: Tensor, kinds: tuple[torch.dtype, torch.dtype]) -> Tensor:
    """Returns one [M, K] · other [N, K]ᵀ in bfloat16. The kernels need both laid out along K."""
    left, left_scale = scaled(one.contiguous(), kinds[0])
    right, right_scale = scaled(other.contiguous(), kinds[1])
    return torch._scaled_mm(
        left, right.t(), scale_a=left_scale, scale_b=right_scale, out_dtype=torch.bfloat16
    )


class _Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        return product(x, weight, (VALUES, VALUES))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:
        x, weight = ctx.saved_tensors
        gradient = gradients[0]
        to_input = product(gradient, weight.t(), (GRADIENTS, VALUES))
        to_weight = product(gradient.t(), x.t(), (GRADIENTS, VALUES))
        return to_input.to(x.dtype), to_weight.to(weight.dtype)


class Float8Linear(nn.Linear):
    """A linear layer without bias whose three products run in float8."""

    def forward(self, x: Tensor) -> Tensor:
        rows = x.flatten(0, -2).to(torch.bfloat16)
        return _Linear.apply(rows, self.weight).unflatten(0, x.shape[:-1])


def use_float8(blocks: nn.ModuleDict) -> None:
    """Turns the linear layers of the blocks into float8 layers. Parameters and names stay."""
    for name, module in blocks.named_modules():
        if not isinstance(module, nn.Linear):
            continue
        if module.in_features % MULTIPLE or module.out_features % MULTIPLE:
            raise bad_job(
                f"{name}: float8 needs sizes that are multiples of {MULTIPLE}", "Use bfloat16."
            )
        module.__class__ = Float8Linear
