"""Recomputing layers in the backward pass, to keep less of the forward pass in memory."""

from __future__ import annotations

import functools
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import (
    CheckpointPolicy,
    checkpoint,
    create_selective_checkpoint_contexts,
)

Recompute = Literal[False, True, "selective"]
"""`True` keeps only the input of each layer; `selective` also the results of what is expensive."""

_aten = torch.ops.aten
EXPENSIVE = {
    _aten.mm.default,
    _aten._scaled_dot_product_flash_attention.default,
    _aten._scaled_dot_product_flash_attention_for_cpu.default,
    _aten._scaled_dot_product_efficient_attention.default,
    _aten._scaled_dot_product_cudnn_attention.default,
}
"""Matrix products and attention (as torchtitan chooses; Korthikanti et al. 2022, section 5)."""


def _policy(_context: Any, operation: Any, *_arguments: Any, **_options: Any) -> CheckpointPolicy:
    is_kept = operation in EXPENSIVE
    return CheckpointPolicy.MUST_SAVE if is_kept else CheckpointPolicy.PREFER_RECOMPUTE


def run_block(recompute: Recompute, block: nn.Module, *arguments: Any) -> Tensor:
    """Runs a layer so that backward recomputes it, wholly or but for what is expensive."""
    if recompute == "selective":
        contexts = functools.partial(create_selective_checkpoint_contexts, _policy)
        return checkpoint(block, *arguments, use_reentrant=False, context_fn=contexts)
    return checkpoint(block, *arguments, use_reentrant=False)
