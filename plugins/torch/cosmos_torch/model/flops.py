"""Arithmetic of a run: floating-point operations and device peaks."""

from __future__ import annotations

import torch

from ..job import Model
from .llama import count_parameters

PEAKS = (
    ("H100 PCIe", 756e12),
    ("H100", 989e12),
    ("H200", 989e12),
    ("B200", 2250e12),
    ("A100", 312e12),
    ("L40S", 362e12),
    ("A10G", 70e12),
    ("RTX 4090", 165e12),
    ("L4", 121e12),
)
"""Dense bfloat16 peaks from vendor data sheets, by part of the device name. First match counts."""


def body_parameters(model: Model) -> int:
    """Counts the parameters without input and output embeddings."""
    return count_parameters(model) - (1 if model.tied else 2) * model.vocab * model.width


def flops_per_token_6n(model: Model) -> float:
    """6·N, where N counts the parameters in matrix products: body and output matrix.

    Source: Kaplan et al. 2020.
    """
    return 6.0 * (body_parameters(model) + model.vocab * model.width)


def flops_per_token(model: Model, context: int) -> float:
    """6·N + 12·L·D·T. Attention counts in full, not halved for causality (PaLM, appendix B)."""
    return flops_per_token_6n(model) + 12.0 * model.layers * model.width * context


def peak_flops(device: torch.device) -> float | None:
    """Returns the dense bfloat16 peak of a known GPU, otherwise None."""
    if device.type != "cuda":
        return None
    name = torch.cuda.get_device_name(device)
    return next((peak for part, peak in PEAKS if part in name), None)
