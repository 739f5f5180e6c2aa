"""Whole runs: known losses, exact resume, the same losses under every form of parallelism."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from corpus import make_job
from processes import Finished, environment, events_of, finish, free_port, start, train, weights

from cosmos_torch.job import Schedule
from cosmos_torch.training.optimizer import learning_rate

# Losses of a seeded run of 12 steps on the test corpus, recorded with torch 2.14.1 on x86-64.
# Other machines agree within 1e-4.
GOLDEN = [
    4.65177,
    4.45979,
    4.11563,
    3.78211,
    3.49620,
    3.23127,
    3.13378,
    2.93304,
    2.85105,
    2.74259,
    2.77036,
    2.70339,
]

FORMS: dict[str, dict[str, Any]] = {
    "ddp": {"ranks": 2, "data": 2},
    "fsdp": {"ranks": 2, "data": 2, "shard": "fsdp"},
    "tensor": {"ranks": 2, "tensor": 2},
    "pipeline": {"ranks": 2, "pipeline": 2},
    "tensor × pipeline": {"ranks": 4, "tensor": 2, "pipeline": 2},
    "fsdp × tensor": {"ranks": 4, "data": 2, "shard": "fsdp", "tensor": 2},
}


@pytest.fixture(scope="module")
def alone(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Finished]:
    """The run that all others are compared with: one process, float32."""
    run = tmp_path_factory.mktemp("alone")
    return run, train(corpus, run)


def assert_same_tensors(one: Path, other: Path) -> None:
    mine, theirs = weights(one), weights(other)
    assert mine.keys() == theirs.keys()
    assert [name for name in mine if not torch.equal(mine[name], theirs[name])] == []


def test_a_seeded_run_has_the_recorded_losses(alone: tuple[Path, Finished]) -> None:
    _, done = alone
    assert done.codes == [0]
    assert done.losses == pytest.approx(GOLDEN, abs=1e-4)
    assert done.losses[-1] < done.losses[0] - 1.5
    slices = done.of("eval")[-1]["slices"]
    assert [part["tokens"] > 500 and part["loss"] < 3.0 for part in slices] == [True] * 3
    # The test corpus has three bytes per token, and no model predicts the start of a document.
    part, documents = slices[0], done.of("contamination")[0]["slices"][0]["documents"]
    size = 3 * (part["tokens"] + documents)
    assert part["bitsPerByte"] == pytest.approx(part["loss"] / 0.6931472 * part["tokens"] / size)


def test_events_report_the_whole_run_in_order(alone: tuple[Path, Finished]) -> None:
    run, done = alone
    kinds = [event["type"] for event in done.events]
    assert kinds[:3] == ["hello", "plan", "contamination"]
    assert kinds[-1] == "done"
    assert [event["seq"] for event in done.events] == list(range(len(kinds)))
    assert {event["v"] for event in done.events} == {1}
    assert done.of("done")[0]["reason"] == "finished"
    assert [part["tokens"] for part in done.of("mixture")[0]["components"]] == [2048] * 3
    assert (run / "latest").read_text() == "step-0000000012\n"


@pytest.mark.parametrize("dropout", [0.0, 0.1])
def test_resuming_at_any_step_equals_never_stopping(
    corpus: Path, tmp_path: Path, dropout: float
) -> None:
    changes: dict[str, Any] = {
        "model": {"dropout": dropout},
        "batch": {"startTokens": 256, "rampTokens": 3000},
    }
    whole = train(corpus, tmp_path / "whole", **changes)
    parts: list[float] = []
    run = tmp_path / "parts"
    for attempt in range(40):
        make_job(corpus, run, **changes)
        (run / "control.json").write_text(json.dumps({"seq": attempt + 1, "action": "stop"}))
        done = train(corpus, run, **changes)
        parts += done.losses
        if done.codes == [0]:
            break
        assert done.codes == [10]
    assert len(parts) > 12
    assert parts == whole.losses
    assert_same_tensors(tmp_path / "whole", run)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_parallelism_has_the_losses_of_one_process(
    corpus: Path, tmp_path: Path, alone: tuple[Path, Finished], form: str
) -> None:
    parallel = FORMS[form]
    done = train(corpus, tmp_path, ranks=parallel["ranks"], parallel=parallel)
    assert done.codes == [0] * parallel["ranks"]
    assert done.losses == pytest.approx(alone[1].losses, rel=1e-5)
    for mine, theirs in zip(
        done.of("eval")[-1]["slices"], alone[1].of("eval")[-1]["slices"], strict=True
    ):
        assert mine["loss"] == pytest.approx(theirs["loss"], rel=1e-5)
    mine, theirs = weights(tmp_path), weights(alone[0])
    assert mine.keys() == theirs.keys()
    for name, value in mine.items():
        # Adam divides by roots of tiny numbers, so rounding affects weights more than losses.
        torch.testing.assert_close(value, theirs[name], rtol=1e-3, atol=2e-4, msg=name)


@pytest.mark.parametrize(
    ("backend", "within"),
    [({"options": {"threads": 1, "recompute": True}}, 1e-5), ({"precision": "float8"}, 0.05)],
)
def test_sharded_layers_can_be_recomputed_or_in_float8(
    corpus: Path,
    tmp_path: Path,
    alone: tuple[Path, Finished],
    backend: dict[str, Any],
    within: float,
) -> None:
    done = train(corpus, tmp_path, ranks=2, parallel=FORMS["fsdp"], backend=backend)
    assert done.codes == [0, 0]
    assert done.losses == pytest.approx(alone[1].losses, rel=within)


def test_a_run_resumes_exactly_with_other_numbers_of_processes(
    corpus: Path, tmp_path: Path, alone: tuple[Path, Finished]
) -> None:
    losses: list[float] = []
    for seq, parallel in enumerate(
        [{"ranks": 1, "data": 1}, FORMS["fsdp"], {"ranks": 4, "data": 4}], start=1
    ):
        make_job(corpus, tmp_path)
        if seq < 3:
            (tmp_path / "control.json").write_text(json.dumps({"seq": seq, "action": "stop"}))
        done = train(corpus, tmp_path, ranks=int(parallel["ranks"]), parallel=parallel)
        assert set(done.codes) == ({10} if seq < 3 else {0})
        losses += done.losses
    assert losses == pytest.approx(alone[1].losses, rel=1e-5)


def test_stages_have_their_own_contexts_and_evaluations_happen_during_the_run(
    corpus: Path, tmp_path: Path
) -> None:
    done = train(
        corpus,
        tmp_path,
        stages=[{"context": 32, "tokens": 2048}, {"context": 64, "tokens": 4096}],
        eval={"everyTokens": 2000},
        checkpoints={"everyTokens": 3000, "keep": 1},
        sample={"everyTokens": 3000, "tokens": 4, "prompts": [[1], [1, 6]]},
        log={"everySteps": 4},
    )
    assert done.codes == [0]
    assert [event["step"] for event in done.of("step")] == [4, 8, 12]
    assert [event["trainTokens"] for event in done.of("eval")] == [2048, 4096, 6144]
    assert [(event["step"], event["permanent"]) for event in done.of("checkpoint")] == [
        (6, True),
        (12, True),
    ]
    assert [len(event["tokens"]) for event in done.of("sample")] == [4, 4, 4, 4]


def test_requests_are_carried_out_once_and_the_budget_ends_the_run(
    corpus: Path, tmp_path: Path
) -> None:
    make_job(corpus, tmp_path)
    (tmp_path / "control.json").write_text('{"seq": 3, "action": "checkpoint"}')
    done = train(
        corpus,
        tmp_path,
        budget={"seconds": 1},
        schedule={"totalSteps": 10_000},
        stages=[{"context": 32, "tokens": 5_000_000}],
    )
    assert done.codes == [11]
    assert [event["permanent"] for event in done.of("checkpoint")] == [False, False]
    assert done.of("checkpoint")[0]["step"] == 1
    assert done.of("done")[0]["reason"] == "budget"
    (tmp_path / "control.json").write_text("{half a requ")
    assert train(
        corpus, tmp_path, budget={"seconds": 1}, stages=[{"context": 32, "tokens": 5_000_000}]
    ).codes == [11]


def test_rolling_checkpoints_are_limited_and_permanent_ones_stay(
    corpus: Path, tmp_path: Path
) -> None:
    done = train(
        corpus,
        tmp_path,
        checkpoints={"everyTokens": 8000, "everySeconds": 1, "keep": 1},
        stages=[{"context": 32, "tokens": 24_000}],
    )
    assert done.codes == [0]
    written = [event["step"] for event in done.of("checkpoint") if not event["permanent"]]
    left = [path.name for path in sorted((tmp_path / "checkpoints").iterdir())]
    permanent = [
        event["path"].split("/")[1] for event in done.of("checkpoint") if event["permanent"]
    ]
    assert set(permanent) <= set(left)
    assert len(left) - len(set(permanent)) == min(1, len(written))


def test_half_precision_learns(corpus: Path, tmp_path: Path, alone: tuple[Path, Finished]) -> None:
    done = train(corpus, tmp_path, backend={"precision": "bfloat16"})
    assert done.codes == [0]
    assert done.losses == pytest.approx(alone[1].losses, rel=0.02)
    assert done.losses != alone[1].losses


def test_fsdp_on_one_process_computes_in_half_precision_as_without(
    corpus: Path, tmp_path: Path
) -> None:
    changes = {"backend": {"precision": "bfloat16"}, "eval": {"slices": []}}
    plain = train(corpus, tmp_path / "none", **changes)
    done = train(corpus, tmp_path / "fsdp", parallel={"shard": "fsdp"}, **changes)
    assert done.losses == plain.losses
    assert done.losses != train(corpus, tmp_path / "full", eval={"slices": []}).losses


def test_a_step_that_blows_up_is_skipped_and_reported(
    corpus: Path, tmp_path: Path, alone: tuple[Path, Finished], monkeypatch: pytest.MonkeyPatch
) -> None:
    # One update at an absurd rate makes the losses of the next steps jump.
    def rate(schedule: Schedule, number: int) -> float:
        return 5.0 if number == 7 else learning_rate(schedule, number)

    monkeypatch.setattr("cosmos_torch.training.trainer.learning_rate", rate)
    done = train(corpus, tmp_path, spikes={"window": 7, "sigmas": 6})
    assert done.codes == [0]
    assert done.losses[:8] == alone[1].losses[:8]
    assert [event["step"] for event in done.of("spike")] == [9, 10, 11, 12]
    assert min(event["sigmas"] for event in done.of("spike")) > 6
    assert done.of("spike")[0]["loss"] > alone[1].losses[8] + 2


def test_torchrun_starts_several_nodes_and_events_are_in_the_file(
    corpus: Path, tmp_path: Path, alone: tuple[Path, Finished]
) -> None:
    make_job(corpus, tmp_path, parallel={"ranks": 2, "data": 2})
    meeting = [
        "--rdzv-backend",
        "c10d",
        "--rdzv-endpoint",
        f"127.0.0.1:{free_port()}",
        "--rdzv-id",
        "test",
    ]
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--nnodes",
        "2",
        "--nproc-per-node",
        "1",
        *meeting,
    ]
    task = ["-m", "cosmos_torch", "train", "--job", str(tmp_path / "job.json")]
    with environment({"PYTHONPATH": str(Path(__file__).parent.parent), "OMP_NUM_THREADS": "1"}):
        nodes = [
            subprocess.Popen(command + task, stderr=subprocess.PIPE, text=True) for _ in range(2)
        ]
    errors = [node.communicate(timeout=240)[1] for node in nodes]
    assert [node.returncode for node in nodes] == [0, 0], errors
    events = events_of(tmp_path)
    assert [event["loss"] for event in events if event["type"] == "step"] == pytest.approx(
        alone[1].losses, rel=1e-5
    )
    assert (events[0]["ranks"], events[-1]["reason"]) == (2, "finished")


def test_a_killed_rank_ends_the_others_with_code_32(corpus: Path, tmp_path: Path) -> None:
    make_job(
        corpus,
        tmp_path,
        parallel={"ranks": 2, "data": 2},
        stages=[{"context": 32, "tokens": 50_000_000}],
    )
    processes = start(tmp_path, ranks=2)
    deadline = time.monotonic() + 120
    while not any('"step"' in line for line in _lines(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.05)
    processes[1].kill()
    done = finish(tmp_path, processes, timeout=60)
    assert done.codes == [32, -9]
    assert done.error["code"] == "collective"
    assert not list((tmp_path / "checkpoints").glob("*/COMPLETE"))


def _lines(run: Path) -> list[str]:
    file = run / "events.jsonl"
    return file.read_text().splitlines() if file.exists() else []
