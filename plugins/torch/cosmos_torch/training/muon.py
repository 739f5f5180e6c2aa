"""Muon for the matrices between layers (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon).

The momentum of a matrix is replaced by the orthogonal matrix nearest to it. The update is scaled so
that its root mean square is that of AdamW's, and both take the same learning rate (Liu et al. 2025,
arXiv 2502.16982, section 2.2).
"""

from __future__ import annotations

import torch
from torch import Tensor

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
"""Coefficients of the quintic iteration that brings singular values to about one."""
ITERATIONS = 5
ADAMW_SCALE = 0.2


def is_matrix(name: str) -> bool:
    """Muon is for the projections of the layers, not for embeddings, output matrix and norms."""
    return ".layers." in name and name.endswith("_proj.weight")


@torch.no_grad()
def orthogonal(matrix: Tensor) -> Tensor:
    """Returns about the nearest matrix with singular values of one: they are between 0.7 and 1.2.

    In bfloat16 on a GPU, where that is faster and as good.
    """
    first, second, third = NEWTON_SCHULZ
    x = matrix.bfloat16() if matrix.is_cuda else matrix
    is_tall = x.shape[0] > x.shape[1]
    x = x.T if is_tall else x
    x = x / x.norm().clamp(min=1e-7)
    for _ in range(ITERATIONS):
        square = x @ x.T
        x = first * x + (second * square + third * square @ square) @ x
    return (x.T if is_tall else x).to(matrix.dtype)


@torch.no_grad()
def next_momentum(momentum: Tensor, gradient: Tensor, beta: float) -> tuple[Tensor, Tensor]:
    """Returns the momentum after this gradient, and the direction of the update (Nesterov's)."""
    after = momentum.lerp(gradient, 1 - beta)
    return after, gradient.lerp(after, beta)


def scale_of(shape: torch.Size) -> float:
    """Returns the factor that gives an orthogonal update the size of AdamW's."""
    return ADAMW_SCALE * max(shape[0], shape[1]) ** 0.5
