"""Arithmetic of a run: floating-point operations, device peaks, memory."""

from __future__ import annotations

import torch

from ..job import Model, TrainJob
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


def device_memory(job: TrainJob) -> int:
    """Estimates the bytes on each device.

    Counts weights, gradients and two moments in float32, activations, and one chunk of scores.
    Activations take about 34·D + 4·FFN bytes per position and layer in 16 bits (after Korthikanti
    et al. 2022, equation 2, without the attention matrix) and twice as much in float32. Recomputed
    layers keep only their input.
    """
    parts = (
        job.parallel.tensor
        * job.parallel.pipeline
        * (job.parallel.data if job.parallel.shard == "fsdp" else 1)
    )
    width = 2 if job.backend.precision == "float32" else 1
    rows = max(job.batch.micro_tokens, job.stages[0].context)
    layers = -(-job.model.layers // job.parallel.pipeline)
    block = rows * (34 * job.model.width + 4 * job.model.ffn) * width // job.parallel.tensor
    kept = rows * layers * 2 * width * job.model.width
    activations = block + kept if job.backend.options.get("recompute", False) else block * layers
    chunk = min(rows, int(job.backend.options.get("chunkTokens", 4096)))
    return count_parameters(job.model) * 16 // parts + activations + chunk * job.model.vocab * 8
