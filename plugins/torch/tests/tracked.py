"""Prints the peak bytes of tensors in two steps of a job, as torch's MemTracker counts them.

Its ranks are started by test_memory.py. DDP is left out: the tracker does not see its buckets.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch
from torch.distributed._tools.mem_tracker import MemTracker
from torch.nn.modules.module import register_module_forward_pre_hook

from cosmos_torch.data.plan import StepPlan
from cosmos_torch.distributed.parallel import join_world, leave_world
from cosmos_torch.job import TrainJob, parse_job
from cosmos_torch.model.llama import Llama
from cosmos_torch.training.trainer import Trainer


def peak(job: TrainJob) -> int:
    world = join_world(job.backend, job.parallel, 300.0)
    tracker = MemTracker()
    # The tracker wants to hear of every new pass through the model.
    register_module_forward_pre_hook(
        lambda module, _: tracker.reset_mod_stats() if isinstance(module, Llama) else None
    )
    trainer = Trainer(job, world, None)
    tracker.track_external(trainer.model, trainer.optimizer.adamw)
    context = job.stages[0].context
    samples, rows = job.batch.tokens // context, job.batch.micro_tokens // context
    shape = (samples // job.parallel.data // rows, rows, context)
    with tracker:
        for number in range(2):
            inputs, targets = (torch.randint(0, job.model.vocab, shape) for _ in range(2))
            step = StepPlan(0, context, 0, samples, samples * context)
            trainer.step(number, step, inputs, targets)
    snapshot = next(iter(tracker.get_tracker_snapshot("peak").values()))
    leave_world()
    return int(snapshot["Total"])


if __name__ == "__main__":
    found = parse_job(json.loads(Path(sys.argv[1]).read_text("utf-8")))
    assert isinstance(found, TrainJob)
    sys.stdout.write(f"{peak(found)}\n")
