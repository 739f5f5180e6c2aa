"""Every failure has the right exit code and a helpful message, and leaves nothing half done."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from corpus import make_job
from processes import carry_out, environment, events_of, finish, start, train

from cosmos_torch.failure import as_failure
from cosmos_torch.training.checkpoint import complete_folders


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"protocol": 2}, "this backend speaks 1"),
        ({"task": "dance"}, "job.task"),
        ({"model": {"width": 33}}, "model.width 33 is not a multiple"),
        ({"model": {"layers": "two"}}, "job.model.layers: 'two' is not of type int"),
        ({"model": {"depth": 3}}, "job.model.depth: unknown"),
        ({"optimizer": {"type": "sgd"}}, "job.optimizer.type: 'sgd' is none of adamw"),
        ({"parallel": {"ranks": 2}}, "parallel.ranks 2 is not data × tensor × pipeline"),
        ({"parallel": {"ranks": 3, "data": 3}}, "1 processes were started"),
        (
            {"backend": {"precision": "float8"}, "parallel": {"ranks": 2, "tensor": 2}},
            "float8 cannot be combined",
        ),
        ({"data": {"mixture": 5}}, "job.data.mixture: not an array"),
        ({"model": {"vocab": 3}}, "model.vocab is smaller"),
    ],
)
def test_a_bad_job_is_code_20_and_names_the_member(
    corpus: Path, tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    done = train(corpus, tmp_path, **changes)
    assert done.codes == [20]
    assert words in done.error["message"]
    assert done.error["hint"]


def test_a_job_file_that_is_missing_or_not_json_is_code_20(tmp_path: Path) -> None:
    assert carry_out("train", tmp_path / "job.json") == 20
    (tmp_path / "job.json").write_text('{"protocol": 1')
    assert carry_out("train", tmp_path / "job.json") == 20
    assert "not a readable job file" in events_of(tmp_path)[-1]["message"]


def test_a_wrong_fingerprint_is_code_21(corpus: Path, tmp_path: Path) -> None:
    done = train(
        corpus, tmp_path, data={"corpora": [{"path": str(corpus), "fingerprint": "f" * 64}]}
    )
    assert done.codes == [21]
    assert "fingerprint" in done.error["message"]


def test_a_checkpoint_of_another_job_is_code_21(corpus: Path, tmp_path: Path) -> None:
    assert train(corpus, tmp_path).codes == [0]
    done = train(corpus, tmp_path, hash="b" * 64)
    assert done.codes == [21]
    assert "written by job aaaaaaaaaaaa" in done.error["message"]


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_cuda_without_a_cuda_device_is_code_22(corpus: Path, tmp_path: Path) -> None:
    done = train(corpus, tmp_path, backend={"device": "cuda"})
    assert done.codes == [22]
    assert done.error["code"] == "device-missing"
    assert "--backend cpu" in done.error["hint"]


def test_running_out_of_memory_is_code_30(corpus: Path, tmp_path: Path) -> None:
    # A petabyte of embeddings: the allocator refuses at once.
    done = train(corpus, tmp_path, model={"vocab": 1 << 43})
    assert done.codes == [30]
    assert "microTokens" in done.error["hint"]


def test_a_loss_that_is_not_finite_is_code_31_and_never_saved(corpus: Path, tmp_path: Path) -> None:
    done = train(
        corpus, tmp_path, schedule={"peak": 1e30, "warmupSteps": 0}, optimizer={"clip": 1e30}
    )
    assert done.codes == [31]
    assert "no finite loss for 8 steps" in done.error["message"]
    assert len(done.of("spike")) >= 8
    assert not (tmp_path / "checkpoints").exists()


def test_a_full_disk_is_code_22_and_the_run_resumes_from_the_last_checkpoint(
    corpus: Path, tmp_path: Path
) -> None:
    make_job(corpus, tmp_path)
    (tmp_path / "control.json").write_text('{"seq": 1, "action": "stop"}')
    assert train(corpus, tmp_path).codes == [10]
    (tmp_path / "events.jsonl").unlink()
    # The kernel refuses to write more than this into a file.
    done = finish(tmp_path, start(tmp_path, file_bytes=60_000))
    assert done.codes == [22]
    assert done.error["code"] == "disk-full"
    assert "the newest complete checkpoint is step-0000000001" in done.error["message"]
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["step-0000000001"]
    again = train(corpus, tmp_path)
    assert again.codes == [0]
    assert again.of("plan")[0]["resumedFrom"] == "step-0000000001"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_no_space_and_no_quota_are_a_full_disk(number: int) -> None:
    failure = as_failure(OSError(number, "no"))
    assert (failure.exit_code, failure.code) == (22, "disk-full")


def test_a_bug_of_ours_is_code_40() -> None:
    assert as_failure(AssertionError("x")).exit_code == 40
    assert as_failure(RuntimeError("shape mismatch")).exit_code == 40


def test_an_incomplete_checkpoint_is_never_used(corpus: Path, tmp_path: Path) -> None:
    make_job(corpus, tmp_path)
    (tmp_path / "control.json").write_text('{"seq": 1, "action": "stop"}')
    assert train(corpus, tmp_path).codes == [10]
    whole = complete_folders(tmp_path)[-1]
    # A process that is killed while it writes leaves everything except COMPLETE.
    half = whole.with_name("step-0000000099")
    shutil.copytree(whole, half, ignore=shutil.ignore_patterns("COMPLETE"))
    (tmp_path / "latest").write_text(half.name + "\n")
    assert complete_folders(tmp_path) == [whole]
    done = train(corpus, tmp_path)
    assert done.codes == [0]
    assert done.of("plan")[0]["resumedFrom"] == whole.name
    assert not half.exists()


@pytest.mark.parametrize("damage", ["cut", "flip", "missing"])
def test_a_damaged_checkpoint_is_found_before_it_is_used(
    corpus: Path, tmp_path: Path, damage: str
) -> None:
    assert train(corpus, tmp_path).codes == [0]
    victim = next(complete_folders(tmp_path)[-1].glob("model-*.safetensors"))
    data = bytearray(victim.read_bytes())
    if damage == "missing":
        victim.unlink()
    else:
        data[-5] ^= 1
        victim.write_bytes(data if damage == "flip" else data[:-8])
    done = train(corpus, tmp_path)
    assert done.codes == [21]
    assert victim.name in done.error["message"]


def test_ranks_die_with_their_launcher(corpus: Path, tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux has parent death signals")
    make_job(corpus, tmp_path, stages=[{"context": 32, "tokens": 50_000_000}])
    package = Path(__file__).resolve().parent.parent
    launcher = (
        "import os, subprocess, sys\n"
        "command = [sys.executable, '-m', 'cosmos_torch', 'train', '--job', sys.argv[1]]\n"
        "rank = subprocess.Popen(command,"
        " env={**os.environ, 'ETL_PARENT_PID': str(os.getpid())}, stderr=subprocess.DEVNULL)\n"
        "print(rank.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    with environment({"PYTHONPATH": str(package)}):
        parent = subprocess.Popen(
            [sys.executable, "-c", launcher, str(tmp_path / "job.json")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    assert parent.stdout is not None
    rank = int(parent.stdout.readline())
    _wait_until(lambda: any(event["type"] == "step" for event in events_of(tmp_path)))
    parent.kill()
    parent.communicate()
    _wait_until(lambda: not _is_alive(rank))


def _is_alive(process: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


def _wait_until(condition: Any, seconds: float = 120) -> None:
    import time

    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still false after {seconds} seconds"
        time.sleep(0.05)


def test_probe_and_plan_answer_in_one_line_of_json(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from cosmos_torch.probe import print_probe

    assert print_probe() == 0
    ready = json.loads(capsys.readouterr().out)
    assert ready["ready"] is True
    assert {"python", "torch", "numpy", "pyarrow", "safetensors"} <= ready["versions"].keys()
    make_job(corpus, tmp_path)
    assert carry_out("plan", tmp_path / "job.json") == 0
    plan = json.loads(capsys.readouterr().out)
    assert (plan["steps"], plan["tokens"], plan["notes"]) == (12, 6144, [])
