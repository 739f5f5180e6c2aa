"""Learning rates by step, and the checkpoint before a decay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from corpus import make_job
from processes import train

from cosmos_torch.job import TrainJob, parse_job
from cosmos_torch.training.optimizer import learning_rate

# src/train/schedule.test.ts reads the same cases.
CASES = json.loads((Path(__file__).parent / "rates.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_learning_rates_are_those_of_typescript(
    corpus: Path, tmp_path: Path, case: dict[str, Any]
) -> None:
    job = parse_job(make_job(corpus, tmp_path, schedule=case["schedule"]))
    assert isinstance(job, TrainJob)
    for step, rate in case["rates"].items():
        assert learning_rate(job.schedule, int(step)) == pytest.approx(rate, abs=1e-12)


def test_a_decay_leaves_a_permanent_checkpoint_before_it_and_a_fork_goes_on_from_there(
    corpus: Path, tmp_path: Path
) -> None:
    wsd = {"type": "wsd", "decaySteps": 4, "decayShape": "1-sqrt"}
    done = train(corpus, tmp_path / "one", schedule=wsd)
    assert done.codes == [0]
    permanent = [event["step"] for event in done.of("checkpoint") if event["permanent"]]
    assert permanent == [8, 12]
    rates = [event["lr"] for event in done.of("step")]
    assert rates[3:8] == [0.01] * 5
    assert rates[8:] == pytest.approx([0.0055, 0.01 - 0.009 * 0.5**0.5, rates[10], 0.001])
    start = {"run": str(tmp_path / "one"), "checkpoint": "step-0000000008", "hash": "a" * 64}
    more = train(
        corpus,
        tmp_path / "two",
        schedule={**wsd, "warmupFrom": 0.01},
        start={**start, "continues": False},
        seed=8,
    )
    assert more.codes == [0]
    assert [event["lr"] for event in more.of("step")][:8] == pytest.approx([0.01] * 8)
    # It begins where the first run had come to, not where a new run begins.
    assert more.losses[0] == pytest.approx(done.losses[8], abs=0.3)
    assert more.losses[-1] < done.losses[-1]
