"""Pipelines whose steps have fewer samples than stages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from corpus import make_job
from processes import train

from cosmos_torch.data.plan import IGNORED, DataState, StepData, Timetable
from cosmos_torch.data.shards import open_corpora
from cosmos_torch.job import TrainJob, parse_job


@pytest.mark.parametrize("stages", [2, 4])
def test_a_pipeline_finishes_steps_with_fewer_micro_batches_than_stages(
    corpus: Path, tmp_path: Path, stages: int
) -> None:
    # Steps of 7 + 7 + 1 samples, then of 3 + 3 + 1, in micro-batches of 3 and 1.
    changes: dict[str, Any] = {
        "batch": {"startTokens": 7 * 32, "tokens": 7 * 32, "microTokens": 3 * 32},
        "stages": [{"context": 32, "tokens": 15 * 32}, {"context": 64, "tokens": 7 * 64}],
        "model": {"layers": 4},
    }
    one = train(corpus, tmp_path / "one", **changes)
    parallel = {"ranks": stages, "pipeline": stages}
    done = train(corpus, tmp_path / "pipeline", ranks=stages, parallel=parallel, **changes)
    assert done.codes == [0] * stages
    assert [event["tokens"] for event in done.of("step")] == [
        event["tokens"] for event in one.of("step")
    ]
    for kind in ("loss", "gradNorm"):
        assert [event[kind] for event in done.of("step")] == pytest.approx(
            [event[kind] for event in one.of("step")], rel=1e-5
        )
    assert [part["loss"] for part in done.of("eval")[-1]["slices"]] == pytest.approx(
        [part["loss"] for part in one.of("eval")[-1]["slices"]], rel=1e-5
    )


@pytest.mark.parametrize(
    ("samples", "shape", "rows"),
    [(1, (4, 1), [1]), (3, (4, 1), [3]), (5, (4, 2), [5]), (7, (4, 2), [7]), (9, (5, 2), [9])],
)
def test_a_step_has_a_micro_batch_for_each_stage_of_a_pipeline(
    corpus: Path, tmp_path: Path, samples: int, shape: tuple[int, int], rows: list[int]
) -> None:
    size = samples * 32
    made = make_job(
        corpus,
        tmp_path,
        batch={"startTokens": size, "tokens": size, "microTokens": 2 * 32},
        parallel={"ranks": 4, "pipeline": 4},
        model={"layers": 4},
    )
    job = parse_job(made)
    assert isinstance(job, TrainJob)
    step = Timetable(job).next_step(DataState(0, 0))
    assert step is not None
    loaded = StepData(job, open_corpora(job.data), 0, 1).load(step)
    assert loaded.shape == (*shape, 33)
    assert (step.samples, step.tokens) == (samples, size)
    assert [int((loaded[..., 1] != IGNORED).sum())] == rows
