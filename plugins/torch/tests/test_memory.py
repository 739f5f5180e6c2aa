"""The memory that a plan promises: as `etl train --plan` says, and as torch's MemTracker counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from corpus import make_job

from cosmos_torch.failure import TrainFailure
from cosmos_torch.job import parse_job
from cosmos_torch.model.memory import memory_of

HERE = Path(__file__).resolve().parent


def test_thirty_jobs_are_refused_or_planned_as_the_command_line_does() -> None:
    for case in map(json.loads, (HERE / "plans.jsonl").read_text().splitlines()):
        if case["refused"] is None:
            assert memory_of(parse_job(case["job"])) == case["memory"], case["job"]["name"]
        else:
            with pytest.raises(TrainFailure) as refused:
                parse_job(case["job"])
            assert str(refused.value) == case["refused"]


SHAPES: dict[str, dict[str, Any]] = {
    "tied": {"model": {"tied": True}},
    "recomputed": {"options": {"recompute": True}},
    "selective, longer": {"options": {"recompute": "selective"}, "context": 1024},
    "grouped, wider": {"model": {"width": 512, "ffn": 1024, "heads": 8, "kvHeads": 2}},
    "fsdp": {"parallel": {"ranks": 2, "data": 2, "shard": "fsdp"}},
    "tensor": {"parallel": {"ranks": 2, "tensor": 2}},
    "pipeline": {"parallel": {"ranks": 2, "pipeline": 2}},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_plan_is_within_a_tenth_of_what_the_tracker_counts(
    corpus: Path, tmp_path: Path, shape: str
) -> None:
    wanted = SHAPES[shape]
    context = wanted.get("context", 256)
    sizes = {"layers": 4, "width": 256, "heads": 4, "kvHeads": 4, "ffn": 768, "vocab": 4096}
    made = make_job(
        corpus,
        tmp_path,
        model={**sizes, **wanted.get("model", {})},
        backend={"options": {"threads": 1, "chunkTokens": 512, **wanted.get("options", {})}},
        parallel={"shard": "none", **wanted.get("parallel", {})},
        stages=[{"context": context, "tokens": 32 * context}],
        batch={"startTokens": 8 * context, "tokens": 8 * context, "microTokens": 2 * context},
    )
    ranks = made["parallel"]["ranks"]
    alone = [sys.executable, str(HERE / "tracked.py"), str(tmp_path / "job.json")]
    several = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(ranks)]
    command = alone if ranks == 1 else [sys.executable, *several, *alone[1:]]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    counted = [int(line) for line in done.stdout.split()]
    assert len(counted) == ranks, done.stderr[-2000:]
    planned = memory_of(parse_job(made))["total"]
    assert planned == pytest.approx(max(counted), rel=0.1)
