"""Speed of training steps on random tokens: 20 to warm up, 50 timed. Says what it ran on; measures nothing else."""

from __future__ import annotations

import json
import time

import torch

from .data import StepPlan
from .flops import flops_per_token, flops_per_token_6n, peak_flops
from .job import TrainJob
from .model import count_parameters
from .parallel import join_world, leave_world
from .train import memory_bytes
from .trainer import Trainer

WARM_UP, TIMED = 20, 50


def bench(job: TrainJob) -> int:
    """Prints one line of JSON: tokens/s, model FLOP utilisation by both formulas, peak memory, device, versions."""
    world = join_world(job.backend, job.parallel, 600.0)
    trainer = Trainer(job, world, None)
    context = job.stages[0].context
    rows = max(1, job.batch.micro_tokens // context)
    share = max(1, job.batch.tokens // context // job.parallel.data)
    count = max(1, share // rows)
    step = StepPlan(0, context, 0, count * rows * job.parallel.data, 0)
    ids = torch.randint(job.model.vocab, (count, rows, context + 1), device=world.device)
    inputs, targets = ids[..., :-1].contiguous(), ids[..., 1:].contiguous()
    for number in range(WARM_UP):
        trainer.step(number, step, inputs, targets)
    wait_for(world.device)
    begin = time.perf_counter()
    for number in range(TIMED):
        trainer.step(WARM_UP + number, step, inputs, targets)
    wait_for(world.device)
    seconds = time.perf_counter() - begin
    if world.is_main:
        print(json.dumps(report(job, world.device, TIMED * step.samples * context / seconds, count, rows)))
    leave_world()
    return 0


def wait_for(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def report(job: TrainJob, device: torch.device, speed: float, count: int, rows: int) -> dict[str, object]:
    """What one benchmark found."""
    context, peak, ranks = job.stages[0].context, peak_flops(device), job.parallel.ranks
    full, simple = speed * flops_per_token(job.model, context), speed * flops_per_token_6n(job.model)
    return {
        "preset": job.preset,
        "parameters": count_parameters(job.model),
        "context": context,
        "microBatch": rows,
        "accumulated": count,
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
        "dropout": job.model.dropout,
        "torch": torch.__version__,
    }
