"""What keeps a device busy, as far as a machine without a GPU can show, and the benchmark.

Also the search for held-out text in the training text.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from corpus import make_job
from processes import Finished, train
from test_model import small

from cosmos_torch.bench_table import LEVERS, SHAPES, levers_of, measure, row
from cosmos_torch.bench_table import make_job as bench_job
from cosmos_torch.data.plan import StepPlan
from cosmos_torch.data.shards import TokenStream
from cosmos_torch.evaluation.contamination import RUN, document_hashes, find_overlap, hash_runs
from cosmos_torch.evaluation.evaluate import SliceTokens
from cosmos_torch.job import parse_job
from cosmos_torch.model.float8 import GRADIENTS, VALUES, product, use_float8
from cosmos_torch.model.loss import chunk_losses
from cosmos_torch.training.readings import Readings


@pytest.fixture(scope="module")
def alone(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return train(corpus, tmp_path_factory.mktemp("plain"))


def test_readings_leave_the_newest_step_to_the_device() -> None:
    readings, step = Readings(torch.device("cpu")), StepPlan(0, 32, 0, 1, 32)
    readings.lag = 1
    for number in (1, 2, 3):
        readings.add(number, step, torch.tensor([float(number)]))
    assert [(number, values) for number, _, values in readings.take(everything=False)] == [
        (1, [1.0]),
        (2, [2.0]),
    ]
    assert readings.take(everything=False) == []
    assert [number for number, _, _ in readings.take(everything=True)] == [3]


def test_reading_metrics_one_step_late_reports_the_same_losses(
    corpus: Path, tmp_path: Path, alone: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Readings.__init__

    def lagging(self: Readings, device: torch.device) -> None:
        plain(self, device)
        self.lag = 1

    monkeypatch.setattr(Readings, "__init__", lagging)
    done = train(corpus, tmp_path, checkpoints={"everyTokens": 2000}, log={"everySteps": 2})
    assert [event["step"] for event in done.of("step")] == [2, 4, 6, 8, 10, 12]
    assert done.losses == alone.losses[1::2]


@pytest.mark.parametrize(
    "options", [{"recompute": True}, {"chunkTokens": 37}, {"attention": "flash"}]
)
def test_levers_do_not_change_the_losses(
    corpus: Path, tmp_path: Path, alone: Finished, options: dict[str, Any]
) -> None:
    done = train(
        corpus, tmp_path, backend={"options": {"threads": 1, **options}}, model={"dropout": 0.0}
    )
    assert done.losses == pytest.approx(alone.losses, rel=1e-5)


@pytest.mark.skipif(shutil.which("g++") is None, reason="compiling for a CPU needs g++")
def test_a_compiled_model_has_the_losses_of_a_plain_one(corpus: Path, tmp_path: Path) -> None:
    changes = {
        "model": {"layers": 1},
        "stages": [{"context": 32, "tokens": 3 * 512}],
        "eval": {"slices": []},
    }
    plain = train(corpus, tmp_path / "plain", **changes)
    done = train(corpus, tmp_path / "compiled", backend={"compile": True}, **changes)
    assert done.codes == [0]
    assert done.losses == pytest.approx(plain.losses, rel=1e-5)


def test_compiled_and_plain_losses_of_a_chunk_agree(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    torch.manual_seed(0)
    hidden, weight, targets = torch.randn(9, 8), torch.randn(21, 8), torch.randint(21, (9,))
    targets[3] = -100
    plain = chunk_losses(hidden, weight, targets, 1e-3)
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    for one, other in zip(chunk_losses(hidden, weight, targets, 1e-3), plain, strict=True):
        torch.testing.assert_close(one, other)


def test_float8_products_are_close_and_gradients_have_the_same_direction() -> None:
    torch.manual_seed(0)
    one, other = torch.randn(32, 64), torch.randn(48, 64)
    exact = one @ other.T
    for kinds, error in (((VALUES, VALUES), 0.05), ((GRADIENTS, VALUES), 0.1)):
        off = (product(one, other, kinds).float() - exact).norm() / exact.norm()
        assert 0 < off < error
    plain, eighth = small(), small()
    use_float8(eighth.model.layers)
    tokens = torch.randint(50, (2, 17))
    for model in (plain, eighth):
        model(tokens[:, :-1], tokens[:, 1:]).backward()
    for (name, mine), theirs in zip(eighth.named_parameters(), plain.parameters(), strict=True):
        assert torch.cosine_similarity(mine.grad.flatten(), theirs.grad.flatten(), dim=0) > 0.97, (
            name
        )


def test_float8_trains(corpus: Path, tmp_path: Path, alone: Finished) -> None:
    done = train(corpus, tmp_path, backend={"precision": "float8"})
    assert done.codes == [0]
    assert done.losses == pytest.approx(alone.losses, rel=0.05)
    odd = train(corpus, tmp_path / "odd", backend={"precision": "float8"}, model={"ffn": 60})
    assert odd.codes == [20]
    assert "multiples of 16" in odd.error["message"]


def test_every_bench_job_is_valid_and_has_a_preset_of_the_command_line() -> None:
    for preset in SHAPES:
        for change in ({}, *LEVERS.values()):
            job = parse_job(bench_job(preset, "cuda", change))
            assert job.model.vocab == 64_000
    source = (Path(__file__).parents[3] / "src/train/presets.ts").read_text()
    found = re.findall(
        r"'?([\w.-]+)'?: \{ layers: (\d+), width: (\d+), heads: (\d+), "
        r"ffn: ([\d_]+), tied: (true|false) \}",
        source,
    )
    shapes = {
        name: (*(int(size) for size in sizes), tied == "true") for name, *sizes, tied in found
    }
    assert shapes == {**SHAPES, "cosmos-2.6b-literal": shapes["cosmos-2.6b-literal"]}


def test_a_lever_that_changes_nothing_is_not_measured() -> None:
    assert set(LEVERS) - set(levers_of("cosmos-1.3b", "cuda")) == {"heads of 128"}
    assert levers_of("cosmos-125m", "cuda") == list(LEVERS)


def test_the_benchmark_reports_speed_memory_and_device() -> None:
    job = bench_job(
        "tiny", "cpu", {"options": {"threads": 1}, "model": {"layers": 1, "width": 64, "ffn": 128}}
    )
    found = measure(job, [1, 2])
    assert found["exitCode"] == 0
    assert found["tokensPerSecond"] > 0
    assert found["flopsPerSecond"] == pytest.approx(
        found["tokensPerSecond"] * (6 * (found["parameters"]) + 12 * 1 * 64 * 256), rel=1e-3
    )
    assert (found["mfuFullAttention"], found["mfu6N"], found["timedSteps"]) == (None, None, 2)
    assert {"torch", "device", "precision", "compile", "dropout", "memoryBytes"} <= found.keys()
    assert row("tiny", "", found).startswith("| tiny |  | 512 | ")
    job["model"]["width"] = 65
    failed = measure(job, [1, 2])
    assert (failed["exitCode"], failed["type"]) == (20, "error")
    assert "failed: " in row("tiny", "", failed)


def slice_of(*documents: list[int]) -> SliceTokens:
    tokens = [[1, *document, 2] for document in documents]
    offsets = np.cumsum([0, *(len(document) for document in tokens)])
    return SliceTokens("s", np.concatenate(tokens).astype(np.int32), offsets, (1, 2), 1, 10)


def stream_of(*pieces: list[int]) -> TokenStream:
    stream = TokenStream([], "train", ())
    stream.pieces = [np.array(piece, dtype=np.uint16) for piece in pieces]
    stream.checked = [True] * len(pieces)
    return stream


def test_only_documents_that_share_thirteen_tokens_with_train_are_found() -> None:
    same = list(range(100, 100 + RUN))
    almost = [*same[:-1], 99]
    held = slice_of([7, 8, *same, 9], [5, *almost, 5], [3, 4, 5], list(range(200, 230)))
    # The run crosses the border of two chunks. A run that is one token shorter, and one in
    # reverse order, do not count.
    train_text = (
        [50] * ((1 << 16) - 5)
        + same
        + [50] * 20
        + same[::-1]
        + list(range(200, 200 + RUN - 1))
        + [50] * 9
    )
    found = find_overlap([held], [stream_of(train_text)])
    assert found["slices"] == [{"slice": "s", "documents": 4, "tooShort": 1, "found": 1}]
    assert found["searchedTokens"] == found["trainTokens"] == len(train_text)
    assert find_overlap([held], [stream_of([50] * 40)])["slices"][0]["found"] == 0
    assert find_overlap([slice_of([3, 4])], [stream_of([3, 4])])["slices"][0] == {
        "slice": "s", "documents": 1, "tooShort": 1, "found": 0,
    }  # fmt: skip


def test_equal_runs_hash_equally_at_any_position() -> None:
    rng = np.random.default_rng(0)
    tokens = rng.integers(0, 60_000, 5000).astype(np.uint16)
    hashes = hash_runs(tokens)
    assert len(hashes) == len(set(hashes.tolist())) == 5000 - RUN + 1
    assert hash_runs(tokens[777 : 777 + RUN].astype(np.int32))[0] == hashes[777]
    assert len(hash_runs(tokens[: RUN - 1])) == 0
    assert [len(runs) for runs in document_hashes(slice_of([5] * 20, [5] * 3))] == [20 - RUN + 1, 0]


def test_a_large_mixture_is_searched_in_part_and_the_event_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cosmos_torch.evaluation.contamination.SEARCHED", 100)
    found = find_overlap([slice_of(list(range(20)))], [stream_of(*[[9] * 40] * 10)])
    assert (found["trainTokens"], found["searchedTokens"]) == (400, 120)


def test_a_step_copies_no_host_numbers_to_the_device(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # torch.tensor(list, device=…) is a blocking copy on a GPU, allowed in the first step only.
    from cosmos_torch.distributed.parallel import World
    from cosmos_torch.training.trainer import Trainer

    job = parse_job(make_job(corpus, tmp_path))
    world = World(0, 1, torch.device("cpu"), job.parallel, None, None)
    trainer = Trainer(job, world, None)
    inputs = torch.randint(job.model.vocab, (2, 4, 32))
    step = StepPlan(0, 32, 0, 8, 256)
    trainer.step(0, step, inputs, inputs)
    made: list[object] = []
    plain = torch.tensor
    monkeypatch.setattr(
        torch, "tensor", lambda *args, **kwargs: made.append(args) or plain(*args, **kwargs)
    )
    for name in ("item", "tolist", "cpu", "numpy", "__bool__", "__float__", "__int__"):
        original = getattr(torch.Tensor, name)

        def watched(
            self: torch.Tensor,
            *args: Any,
            original: Any = original,
            name: str = name,
            **kwargs: Any,
        ) -> Any:
            made.append(name)
            return original(self, *args, **kwargs)

        monkeypatch.setattr(torch.Tensor, name, watched)
    trainer.step(1, step, inputs, inputs)
    assert made == []
