"""The `eval` command: scores held-out slices with a checkpoint, in one process."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..data.shards import open_corpora
from ..distributed.parallel import alone, pick_device
from ..job import EvalJob, read_train_job
from ..training.checkpoint import open_existing
from ..training.trainer import Trainer
from .evaluate import evaluate, read_slice


def score(job: EvalJob, warn: Callable[[str], None]) -> dict[str, Any]:
    """Returns the members of an `eval` event.

    The context is that of the stage in which the checkpoint was written.
    """
    read = read_train_job(job.run)
    world = alone(pick_device(read.backend.device))
    train_job = dataclasses.replace(read, parallel=world.parallel)
    reader, state = open_existing(Path(job.run), job.checkpoint, train_job.hash, warn)
    shards = open_corpora(train_job.data)
    slices = [read_slice(wanted, shards, train_job.data.tokenizer) for wanted in job.slices]
    trainer = Trainer(train_job, world, reader)
    context = train_job.stages[min(state.stage, len(train_job.stages) - 1)].context
    results = evaluate(trainer, slices, context, train_job.batch.micro_tokens)
    return {"step": state.step, "trainTokens": state.tokens, "slices": results}
