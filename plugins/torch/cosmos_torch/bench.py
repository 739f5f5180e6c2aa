"""The speed of training steps on random tokens, after some warm-up steps."""

from __future__ import annotations

import gc
import time
from typing import Any

import torch

from .data.plan import StepPlan
from .distributed.parallel import join_world, leave_world
from .events import Events
from .job import TrainJob
from .model.flops import flops_per_token, flops_per_token_6n, peak_flops
from .model.llama import count_parameters
from .train import memory_bytes
from .training.trainer import Trainer


def bench(job: TrainJob, events: Events, steps: tuple[int, int]) -> int:
    """Writes one `bench` event.

    It holds tokens per second, model FLOP utilisation by both formulas, peak memory, device and
    versions.
    """
    world = join_world(job.backend, job.parallel, 600.0)
    trainer = Trainer(job, world, None)
    context = job.stages[0].context
    rows = max(1, job.batch.micro_tokens // context)
    share = max(1, job.batch.tokens // context // job.parallel.data)
    count = max(1, share // rows)
    step = StepPlan(0, context, 0, count * rows * job.parallel.data, 0)
    ids = torch.randint(job.model.vocab, (count, rows, context + 1), device=world.device)
    inputs, targets = ids[..., :-1].contiguous(), ids[..., 1:].contiguous()
    warm_up, timed = steps
    gc.disable()  # as in a training run
    began = time.perf_counter()
    for number in range(warm_up):
        trainer.step(number, step, inputs, targets)
    wait_for(world.device)
    begin = time.perf_counter()
    for number in range(timed):
        trainer.step(warm_up + number, step, inputs, targets)
    wait_for(world.device)
    seconds = time.perf_counter() - begin
    facts = report(job, world.device, timed * step.samples * context / seconds)
    events.write(
        "bench",
        **facts,
        microBatch=rows,
        accumulated=count,
        timedSteps=timed,
        warmUpSeconds=begin - began,
    )
    leave_world()
    return 0


def wait_for(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def report(job: TrainJob, device: torch.device, speed: float) -> dict[str, Any]:
    """Returns the members of the `bench` event for `speed` tokens per second."""
    context, peak, ranks = job.stages[0].context, peak_flops(device), job.parallel.ranks
    full, simple = (
        speed * flops_per_token(job.model, context),
        speed * flops_per_token_6n(job.model),
    )
    return {
        "preset": job.preset,
        "parameters": count_parameters(job.model),
        "vocabulary": job.model.vocab,
        "context": context,
        "headDim": job.model.head_dim,
        "tokensPerSecond": round(speed, 1),
        "flopsPerSecond": full,
        "mfuFullAttention": full / peak / ranks if peak else None,
        "mfu6N": simple / peak / ranks if peak else None,
        "memoryBytes": memory_bytes(device),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "ranks": ranks,
        "threads": torch.get_num_threads() if device.type == "cpu" else None,
        "precision": job.backend.precision,
        "compile": job.backend.compile,
        "options": job.backend.options,
        "dropout": job.model.dropout,
        "torch": torch.__version__,
    }
