"""Output matrix and cross-entropy together, a chunk of positions at a time.

The [T, V] scores never exist as a whole. The gradient is computed together with the loss, while the
scores of a chunk are in memory: dS = softmax(S) − onehot(target), dH = dS·W, dW += dSᵀ·H. Backward
then only scales it. This takes three matrix products; recomputing the scores would take four.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

IGNORED = -100


def compute_type(weight: Tensor) -> torch.dtype:
    """Returns the type of matrix products: autocast's if it is on, otherwise the weight's."""
    device = weight.device.type
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else weight.dtype


def chunk_losses(
    hidden: Tensor, weight: Tensor, targets: Tensor, z_loss: float
) -> tuple[Tensor, Tensor]:
    """Returns the cross-entropy per position, and the gradient of its sum by the scores.

    Both are 0 for ignored positions. `z_loss` times the square of the scores' logarithmic sum is
    part of the gradient only (Chowdhery et al. 2022, section 5): it keeps scores from drifting.
    """
    scores = (hidden @ weight.T).float()
    normaliser = scores.logsumexp(dim=-1, keepdim=True)
    counted = (targets != IGNORED).unsqueeze(-1)
    index = targets.clamp(min=0).unsqueeze(-1)
    losses = torch.where(counted, normaliser - scores.gather(-1, index), 0.0)
    shares = (scores - normaliser).exp()
    if z_loss > 0:
        shares = shares * (1 + 2 * z_loss * normaliser)
    if torch.compiler.is_compiling():
        # Pointwise, so that one kernel reads the scores and writes the gradient.
        gradient = shares - (torch.arange(scores.shape[-1], device=scores.device) == index).float()
    else:
        gradient = shares.scatter_add_(-1, index, torch.full_like(losses, -1.0))
    return losses.squeeze(-1), torch.where(counted, gradient, 0.0).to(hidden.dtype)


class _SumCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        hidden: Tensor,
        weight: Tensor,
        targets: Tensor,
        chunk_tokens: int,
        z_loss: float,
        trains: bool,
    ) -> Tensor:
        dtype = compute_type(weight)
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        hidden_gradient = torch.empty_like(hidden) if trains else None
        weight_gradient = (
            torch.zeros(weight.shape, dtype=torch.float32, device=weight.device) if trains else None
        )
        with torch.autocast(hidden.device.type, enabled=False):
            matrix = weight.to(dtype)
            for start in range(0, hidden.shape[0], chunk_tokens):
                rows = slice(start, start + chunk_tokens)
                vectors = hidden[rows].to(dtype)
                losses, gradient = losses_of_chunk(vectors, matrix, targets[rows], z_loss)
                total += losses.sum()
                if hidden_gradient is not None and weight_gradient is not None:
                    hidden_gradient[rows] = gradient @ matrix
                    weight_gradient += gradient.T @ vectors
        if hidden_gradient is not None and weight_gradient is not None:
            ctx.save_for_backward(hidden_gradient, weight_gradient.to(weight.dtype))
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None, None, None, None]:
        hidden_gradient, weight_gradient = ctx.saved_tensors
        scale = gradients[0]
        # In place, because nothing else reads these tensors.
        return hidden_gradient.mul_(scale), weight_gradient.mul_(scale), None, None, None, None


losses_of_chunk = chunk_losses


def compile_loss() -> None:
    """Fuses the passes over the scores of a chunk. Faster on a GPU only."""
    global losses_of_chunk
    losses_of_chunk = torch.compile(chunk_losses, dynamic=False)


def sum_cross_entropy(
    hidden: Tensor, weight: Tensor, targets: Tensor, chunk_tokens: int, z_loss: float = 0.0
) -> Tensor:
    """Returns the summed cross-entropy of `targets` [N], in float32.

    The scores are `hidden` [N, D] · `weight`ᵀ [D, V]. Positions with target −100 are ignored. Takes
    memory for one chunk of scores and one gradient of the weight.
    """
    return _SumCrossEntropy.apply(
        hidden, weight, targets.long(), chunk_tokens, z_loss, torch.is_grad_enabled()
    )
