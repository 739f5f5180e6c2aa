"""Data order 2: stages divide whole blocks, every token is seen as often as planned."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corpus import GROUPS, make_job, write_numbered_corpus
from numpy.typing import NDArray
from processes import train

from cosmos_torch.data.blocks import Selection, divide, long_documents
from cosmos_torch.data.plan import IGNORED, DataState, StepData, Timetable
from cosmos_torch.data.realised import mixture
from cosmos_torch.data.shards import TokenStream, open_corpora
from cosmos_torch.failure import TrainFailure
from cosmos_torch.job import TrainJob, parse_job
from cosmos_torch.probe import plan

STAGES = ((16, 0.90), (32, 0.08), (64, 0.02))
BLOCK = 64


@pytest.fixture(scope="module")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("numbered")
    write_numbered_corpus(folder)
    return folder


def job_of(folder: Path, run: Path, epochs: tuple[float, ...] = (1.0, 1.0, 1.0)) -> TrainJob:
    made = make_job(folder, run)
    data = made["data"]
    for component, times in zip(data["mixture"], epochs, strict=True):
        component["tokens"] = round(component["available"] * times)
    data["tokens"], data["order"] = sum(part["tokens"] for part in data["mixture"]), 2
    stages = [
        {"context": context, "tokens": round(data["tokens"] * share)} for context, share in STAGES
    ]
    batch = {"startTokens": 200, "tokens": 900, "rampTokens": 3000, "microTokens": 128}
    job = parse_job(
        {**made, "stages": stages, "batch": batch, "eval": {"everyTokens": 0, "slices": []}}
    )
    assert isinstance(job, TrainJob)
    return job


def seen_by_stage(job: TrainJob, ranks: tuple[int, ...]) -> list[NDArray[np.int64]]:
    """Counts how often each id is an input in each stage. The run stops after every third step and
    goes on with the next number of ranks."""
    counts = [np.zeros(65_536, dtype=np.int64) for _ in job.stages]
    timetable, state, steps = Timetable(job), DataState(0, 0), 0
    while True:
        number = ranks[steps // 3 % len(ranks)]
        shards = open_corpora(job.data)
        parts = [StepData(job, shards, rank, number) for rank in range(number)]
        for _ in range(3):
            step = timetable.next_step(state)
            if step is None:
                assert timetable.tokens_seen(state) == timetable.total_tokens
                return counts
            for part in parts:
                rows = part.load(step).reshape(-1, step.context + 1)
                rows = rows[rows[:, 1] != IGNORED]
                assert (np.diff(rows, axis=1) == 1).all()  # consecutive tokens of the pool
                counts[step.stage] += np.bincount(rows[:, :-1].ravel(), minlength=65_536)
            state, steps = timetable.after(step), steps + 1


def pools_of(job: TrainJob) -> list[tuple[int, int, int]]:
    """Returns the first id of each pool, that of its tail, and the end."""
    first, pools = 0, []
    for component in job.data.mixture:
        blocks = (component.available - 1) // BLOCK
        pools.append((first, first + blocks * BLOCK, first + component.available))
        first += component.available
    return pools


@pytest.mark.parametrize(
    ("epochs", "ranks"),
    [((1.0, 1.0, 1.0), (1, 3, 2, 4)), ((1.0, 3.0, 0.5), (2,)), ((2.3,) * 3, (1,))],
)
def test_every_token_is_seen_as_often_as_planned_over_three_contexts(
    numbered: Path, tmp_path: Path, epochs: tuple[float, ...], ranks: tuple[int, ...]
) -> None:
    job = job_of(numbered, tmp_path, epochs)
    stages = seen_by_stage(job, ranks)
    counts = sum(stages)
    for (first, tail, end), times in zip(pools_of(job), epochs, strict=True):
        own = counts[first:tail]
        assert counts[tail:end].sum() == 0
        assert own.min() == int(times)
        assert own.max() == -int(-times // 1)
        assert own.mean() == pytest.approx(times, abs=BLOCK / len(own))
    total = sum(own.sum() for own in stages)
    for own, (_, share) in zip(stages, STAGES, strict=True):
        assert own.sum() == pytest.approx(total * share, abs=BLOCK)


def test_long_contexts_get_the_long_documents(numbered: Path, tmp_path: Path) -> None:
    job = job_of(numbered, tmp_path)
    long = np.zeros(65_536, dtype=bool)
    for component in job.data.mixture:
        stream, place = TokenStream(open_corpora(job.data), "train", component.groups), 0
        ids = np.concatenate(stream.pieces)
        for offsets in stream.offsets():
            for start, end in zip(offsets[:-1] - offsets[0], offsets[1:] - offsets[0], strict=True):
                long[ids[place + start : place + end]] = end - start >= BLOCK
            place += int(offsets[-1] - offsets[0])
    shares = [float(own[long].sum() / own.sum()) for own in seen_by_stage(job, (1,))]
    assert shares[2] > 0.6
    assert shares[1] > 0.6
    assert shares[0] < 0.5
    assert long.sum() / sum(part.available for part in job.data.mixture) < 0.55


def test_the_order_depends_on_the_seed_and_mixes_the_pools(numbered: Path, tmp_path: Path) -> None:
    job = job_of(numbered, tmp_path)
    order = StepData(job, open_corpora(job.data), 0, 1).orders[0]
    pools, places = order.locate(np.arange(order.samples))
    shares = [part.available / job.data.tokens for part in job.data.mixture]
    for part in (slice(None, 300), slice(-300, None)):
        found = np.bincount(pools[part], minlength=3) / 300
        assert found == pytest.approx(shares, abs=0.1)
    assert np.corrcoef(np.arange(len(places)), places)[0, 1] == pytest.approx(0, abs=0.1)


def test_blocks_are_shared_out_exactly_whatever_the_rounding(
    numbered: Path, tmp_path: Path
) -> None:
    for epochs in ((0.01, 0.02, 0.03), (1, 1, 1), (5.5, 0.2, 1.7)):
        job = job_of(numbered, tmp_path, epochs)
        parts = divide(job)
        for number, (component, times) in enumerate(zip(job.data.mixture, epochs, strict=True)):
            drawn = sum(part[number] for part in parts)
            assert drawn == max(1, round((component.available - 1) // BLOCK * times))
        assert min(min(part) for part in parts) >= 0


def test_a_stage_added_at_the_end_leaves_the_earlier_ones_as_they_were(
    numbered: Path, tmp_path: Path
) -> None:
    def first(stages: list[dict[str, int]], epochs: float) -> Any:
        made = make_job(numbered, tmp_path, stages=stages)
        for component in made["data"]["mixture"]:
            component["tokens"] = round(component["available"] * epochs)
        made["data"]["order"] = 2
        job = parse_job(made)
        assert isinstance(job, TrainJob)
        return StepData(job, open_corpora(job.data), 0, 1).orders

    one = [{"context": 64, "tokens": 5000}]
    (alone,) = first(one, 0.25)
    begun, added = first([*one, {"context": 64, "tokens": 5000}], 0.5)
    numbers = np.arange(alone.samples - 3)
    mine, theirs = set(_pairs(alone, numbers)), set(_pairs(begun, numbers))
    assert len(mine & theirs) >= len(mine) - 9  # rounding of three pools
    assert not set(_pairs(begun, np.arange(begun.samples))) & set(
        _pairs(added, np.arange(added.samples))
    )


def _pairs(order: Any, numbers: NDArray[np.int64]) -> list[tuple[int, int]]:
    return list(zip(*(part.tolist() for part in order.locate(numbers)), strict=True))


def test_selection_finds_the_kth_of_a_kind() -> None:
    chosen = np.random.default_rng(1).random(1000) < 0.1
    selection = Selection(chosen)
    assert selection.count == chosen.sum()
    assert selection.find(np.arange(selection.count)).tolist() == np.flatnonzero(chosen).tolist()


def test_tokens_in_long_documents_are_counted_by_block(numbered: Path, tmp_path: Path) -> None:
    job = job_of(numbered, tmp_path)
    stream = TokenStream(open_corpora(job.data), "train", GROUPS)
    sizes = np.concatenate([np.diff(offsets) for offsets in stream.offsets()])
    inside = np.repeat(sizes >= 32, sizes)
    blocks = len(stream) // 50
    expected = inside[: blocks * 50].reshape(blocks, 50).sum(axis=1)
    found = np.full(blocks, -1)
    for first, counts in long_documents(stream, 50, 32):
        found[first : first + len(counts)] = counts
    assert found.tolist() == expected.tolist()


def test_realised_epochs_are_told_by_component_and_source(
    numbered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_of(numbered, tmp_path, (1.0, 1.0, 2.0))
    data, timetable, state = (
        StepData(job, open_corpora(job.data), 0, 1),
        Timetable(job),
        DataState(0, 0),
    )
    for _ in range(7):
        step = timetable.next_step(state)
        assert step is not None
        state = timetable.after(step)
    told = mixture(job, data, state)
    assert sum(part["tokens"] for part in told["components"]) == step.tokens
    assert sum(part["tokens"] for part in told["sources"]) == step.tokens
    monkeypatch.setattr("cosmos_torch.data.plan.LOOKED_AT", 100)
    some = mixture(job, data, state)
    for kind, within in (("components", 32), ("sources", 32 * 16)):
        assert sum(part["tokens"] for part in some[kind]) == pytest.approx(step.tokens, abs=2)
        for part, whole in zip(some[kind], told[kind], strict=True):
            assert part["tokens"] == pytest.approx(whole["tokens"], rel=0.3, abs=within)
    monkeypatch.undo()
    told = mixture(job, data, DataState(2, data.orders[2].samples))
    sizes = [tail - first for first, tail, _ in pools_of(job)]
    assert [part["tokens"] for part in told["components"]] == [sizes[0], sizes[1], 2 * sizes[2]]
    assert [part["leftOut"] for part in told["components"]] == [
        component.available - size for component, size in zip(job.data.mixture, sizes, strict=True)
    ]
    assert [(part["name"], part["tokens"]) for part in told["sources"]] == [
        ("github", 2 * sizes[2]),
        ("wiki", sizes[0] + sizes[1]),
    ]


@pytest.mark.parametrize(("order", "digest"), [(1, "232dc73302ae5c4d"), (2, "36729665aefdf6b3")])
def test_an_order_never_changes_since_runs_resume_by_it(
    numbered: Path, tmp_path: Path, order: int, digest: str
) -> None:
    job = job_of(numbered, tmp_path, (1.0, 3.0, 0.5))
    job = dataclasses.replace(job, data=dataclasses.replace(job.data, order=order))
    found = hashlib.sha256()
    for part in StepData(job, open_corpora(job.data), 0, 1).orders:
        for values in part.locate(np.arange(part.samples)):
            found.update(values.astype("<i8").tobytes())
    assert found.hexdigest()[:16] == digest


def test_a_pool_shorter_than_a_block_is_a_bad_job(numbered: Path, tmp_path: Path) -> None:
    made = make_job(numbered, tmp_path, stages=[{"context": 100_000, "tokens": 100_000}])
    made["data"]["order"] = 2
    job = parse_job(made)
    assert isinstance(job, TrainJob)
    with pytest.raises(TrainFailure, match="fewer tokens than one block of 100000") as caught:
        Timetable(job)
    assert caught.value.exit_code == 20


def test_steps_are_those_that_the_arithmetic_in_typescript_counts(
    corpus: Path, tmp_path: Path
) -> None:
    # src/train/train.test.ts reads the same cases.
    for case in json.loads((Path(__file__).parent / "steps.json").read_text()):
        made = make_job(corpus, tmp_path, stages=case["stages"], batch=case["batch"])
        pools = [{**made["data"]["mixture"][0], **pool} for pool in case["mixture"]]
        tokens = sum(pool["tokens"] for pool in pools)
        made["data"].update(mixture=pools, tokens=tokens, order=2)
        job = parse_job(made)
        assert isinstance(job, TrainJob)
        assert Timetable(job).samples == case["samples"]
        assert plan(job)["steps"] == case["steps"]


def test_a_run_over_three_contexts_stops_and_goes_on_with_other_ranks(
    corpus: Path, tmp_path: Path
) -> None:
    available = [part["available"] for part in make_job(corpus, tmp_path / "x")["data"]["mixture"]]
    mixed = make_job(corpus, tmp_path / "x")["data"]["mixture"]
    mixed = [{**part, "tokens": part["available"]} for part in mixed]
    total = sum(available)
    changes: dict[str, Any] = {
        "data": {"mixture": mixed, "tokens": total, "order": 2},
        "stages": [{"context": c, "tokens": round(total * share)} for c, share in STAGES],
        "batch": {"startTokens": 2048, "tokens": 2048, "microTokens": 1024},
        "eval": {"slices": []},
    }
    whole = train(corpus, tmp_path / "whole", **changes)
    run, losses, two = tmp_path / "parts", [], {"ranks": 2, "data": 2}
    run.mkdir()
    for seq, parallel in enumerate((None, two, None)):
        request = {"seq": seq + 1, "action": "stop"}
        if seq < 2:
            (run / "control.json").write_text(json.dumps(request))
        more = {"parallel": parallel} if parallel else {}
        done = train(corpus, run, ranks=2 if parallel else 1, **changes, **more)
        assert set(done.codes) == ({10} if seq < 2 else {0})
        losses += done.losses
    assert losses == pytest.approx(whole.losses, rel=1e-5)
    told = done.of("mixture")[-1]["components"]
    assert [part["tokens"] for part in told] == [(size - 1) // BLOCK * BLOCK for size in available]
    assert whole.of("mixture")[-1]["components"] == told
