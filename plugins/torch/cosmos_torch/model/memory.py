"""Bytes that a job needs on one rank, by the same arithmetic as src/train/memory.ts.

It counts what this package keeps: master weights, gradients and moments in float32, and of each
layer what backward reads. `tests/test_memory.py` compares it with torch's MemTracker, and with what
`etl train --plan` says of the same jobs.
"""

from __future__ import annotations

import math

from ..job import TrainJob

WIDE = 4


def memory_of(job: TrainJob) -> dict[str, int]:
    """Returns the parts and their total, at the peak on the rank that needs most."""
    stages = [_on_stage(job, stage) for stage in range(job.parallel.pipeline)]
    return max(stages, key=lambda parts: parts["total"])


def _on_stage(job: TrainJob, stage: int) -> dict[str, int]:
    model, parallel = job.model, job.parallel
    width, vocab, pipeline = model.width, model.vocab, parallel.pipeline
    first, last = stage == 0, stage == pipeline - 1
    own = model.layers * (stage + 1) // pipeline - model.layers * stage // pipeline
    parts = parallel.data if parallel.shard == "fsdp" else 1
    half = job.backend.precision != "float32"
    narrow = 2 if half else WIDE

    matrices = _layer_matrices(job) / parallel.tensor
    norms = 2 * width + (2 * width / model.heads if model.qk_norm else 0)
    embeddings = vocab * width * (int(first) + int(last and not (model.tied and first)))
    outer = embeddings + (width if last else 0)
    parameters = math.ceil((own * (matrices + norms) + outer) / parts)
    moments = 2 * parameters
    if job.optimizer.type == "muon":
        moments -= own * matrices / parts

    context = max(one.context for one in job.stages)
    rows = max(context, job.batch.micro_tokens // context * context)
    kept, whole, transient = _per_token(job, narrow)
    flying = 1 if pipeline == 1 else pipeline - stage
    recompute = job.backend.options.get("recompute", False)
    inputs = width / parallel.tensor * narrow
    layer = inputs if recompute is True else kept if recompute == "selective" else whole
    held = flying * own * rows * layer
    cast = own * matrices * 2 if half and parts == 1 else 0
    again = rows * (whole - layer) if recompute else 0

    positions = -(-rows // parallel.tensor)
    chunk = min(positions, int(job.backend.options.get("chunkTokens", 4096)))
    copies = 2 if job.backend.compile else 4 if positions > chunk else 3
    matrix = vocab * width * (WIDE + (2 if half else 0))
    output = positions * width * 4 * narrow if last else 0
    scores = copies * chunk * vocab * WIDE + matrix + output if last else 0
    gathered = 0 if parts == 1 else outer * narrow
    block = 0 if parts == 1 else (matrices + norms) * narrow
    between = 0.0
    if pipeline > 1:
        between = (2 * flying + 2) * (rows / parallel.tensor) * width * narrow

    in_loss = {
        "activations": held + cast,
        "scores": scores,
        "communication": gathered + block + between,
    }
    in_layer = {
        "activations": held + cast + again + rows * transient,
        "scores": vocab * width * WIDE if last else 0,
        "communication": gathered + 2 * block + between,
    }
    peak = max(in_layer, in_loss, key=lambda one: sum(one.values()))
    state = {
        "weights": parameters * WIDE,
        "gradients": parameters * WIDE,
        "optimizer": moments * WIDE,
    }
    total = sum(state.values()) + sum(peak.values())
    # Rounded as JavaScript rounds: halves upwards.
    return {
        name: math.floor(value + 0.5) for name, value in (state | peak | {"total": total}).items()
    }


def _layer_matrices(job: TrainJob) -> int:
    model = job.model
    keys = model.kv_heads * model.head_dim
    return 2 * model.width**2 + 2 * model.width * keys + 3 * model.width * model.ffn


def _per_token(job: TrainJob, narrow: int) -> tuple[float, float, float]:
    """Returns bytes per token of a layer.

    They are those of the results of matrix products and attention, of everything that backward
    reads, and of gradients while it is in the layer.
    """
    model, tensor = job.model, job.parallel.tensor
    width, ffn = model.width, model.ffn
    keys = model.kv_heads * model.head_dim
    compiled = job.backend.compile
    streams = (2 * width * WIDE + 2 * width * narrow) / tensor + 2 * width * narrow
    attention = (2 * width + 2 * keys) * narrow / tensor
    is_normed = model.qk_norm and not compiled
    normed = (width + keys) * (WIDE + narrow) / tensor if is_normed else 0
    stream = width * narrow / tensor if compiled else streams
    whole = stream + attention + normed + 4 * ffn * narrow / tensor
    kept = (width + 2 * keys + 2 * ffn) * narrow / tensor + 4 * width * narrow / tensor
    transient = (3 * ffn + 4 * width) * narrow / tensor
    return kept, whole, transient
