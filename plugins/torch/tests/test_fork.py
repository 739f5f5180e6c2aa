"""A fork takes weights and optimizer from another run's checkpoint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from corpus import make_job
from processes import train, weights

HALF = 12 * 16 * 32 // 2


def stopped(corpus: Path, run: Path, **changes: Any) -> str:
    """Trains six of twelve steps with a permanent checkpoint there, and returns its name."""
    done = train(corpus, run, checkpoints={"everyTokens": HALF}, **changes)
    assert done.codes == [0]
    return "step-0000000006"


def start(run: Path, checkpoint: str, continues: bool) -> dict[str, Any]:
    return {"run": str(run), "checkpoint": checkpoint, "hash": "a" * 64, "continues": continues}


def test_a_fork_with_nothing_changed_ends_where_the_run_ends(corpus: Path, tmp_path: Path) -> None:
    source, fork = tmp_path / "source", tmp_path / "fork"
    checkpoint = stopped(corpus, source)
    done = train(corpus, fork, hash="b" * 64, start=start(source, checkpoint, True))
    assert done.codes == [0]
    assert [event["step"] for event in done.of("step")] == list(range(7, 13))
    assert done.of("plan")[0]["resumedFrom"] == f"{source}: {checkpoint}"
    one, other = weights(source), weights(fork)
    assert all(torch.equal(value, other[name]) for name, value in one.items())


def test_a_fork_goes_on_with_another_rate_and_resumes_from_itself(
    corpus: Path, tmp_path: Path
) -> None:
    source, fork = tmp_path / "source", tmp_path / "fork"
    changes: dict[str, Any] = {
        "hash": "b" * 64,
        "schedule": {"peak": 0.001},
        "start": start(source, stopped(corpus, source), True),
    }
    make_job(corpus, fork, **changes)
    (fork / "control.json").write_text(json.dumps({"seq": 1, "action": "stop"}))
    first = train(corpus, fork, **changes)
    assert first.codes == [10]
    rest = train(corpus, fork, **changes)
    assert rest.codes == [0]
    assert rest.of("plan")[0]["resumedFrom"] == "step-0000000007"
    steps = first.of("step") + rest.of("step")
    assert [event["step"] for event in steps] == list(range(7, 13))
    assert {event["lr"] for event in steps} == {0.001}


def test_a_fork_with_a_pass_of_its_own_begins_at_its_first_step(
    corpus: Path, tmp_path: Path
) -> None:
    source, fork = tmp_path / "source", tmp_path / "fork"
    begin = start(source, stopped(corpus, source), False)
    done = train(corpus, fork, hash="b" * 64, seed=8, start=begin)
    assert [event["step"] for event in done.of("step")] == list(range(1, 13))
    fresh = train(corpus, tmp_path / "fresh", seed=8)
    assert done.losses[0] < fresh.losses[0] - 0.5  # it has learned already


def test_a_fork_of_a_checkpoint_by_another_job_is_refused(corpus: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    begin = {**start(source, stopped(corpus, source), True), "hash": "c" * 64}
    done = train(corpus, tmp_path / "fork", hash="b" * 64, start=begin)
    assert done.codes == [21]
    assert "written by job" in done.error["message"]
    assert not (tmp_path / "fork" / "checkpoints").exists()
