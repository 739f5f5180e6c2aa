"""The order of samples: a permutation, exact shares, the same for any number of processes."""

from __future__ import annotations

import dataclasses
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from corpus import GROUPS, make_job
from processes import train

from cosmos_torch.data.permutation import permute, round_keys
from cosmos_torch.data.plan import (
    IGNORED,
    DataState,
    StageOrder,
    StepData,
    Timetable,
    batch_tokens,
    split,
)
from cosmos_torch.data.prefetch import Prefetcher
from cosmos_torch.data.shards import TokenStream, flat_tokens, open_corpora, record_batches
from cosmos_torch.data.shares import share_out
from cosmos_torch.failure import TrainFailure
from cosmos_torch.job import Batch, TrainJob, parse_job


def job_of(corpus: Path, run: Path, **changes: Any) -> TrainJob:
    job = parse_job(make_job(corpus, run, **changes))
    assert isinstance(job, TrainJob)
    return job


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 17, 64, 1000, 4097])
def test_a_permutation_contains_every_index_once(size: int) -> None:
    moved = permute(np.arange(size), size, round_keys(1, "epoch", 2))
    assert sorted(moved.tolist()) == list(range(size))


def test_another_key_gives_another_order_and_spreads_neighbours() -> None:
    first, second = (permute(np.arange(10_000), 10_000, round_keys(7, epoch)) for epoch in (0, 1))
    assert (first == second).mean() < 0.01
    # Independent draws differ by a third of the range on average.
    assert np.abs(np.diff(first)).mean() == pytest.approx(10_000 / 3, rel=0.05)


def test_one_index_alone_maps_as_it_does_among_all() -> None:
    keys = round_keys("k")
    everything = permute(np.arange(999), 999, keys)
    assert [int(permute(np.array([index]), 999, keys)[0]) for index in (0, 500, 998)] == everything[
        [0, 500, 998]
    ].tolist()


def test_shares_add_up_and_are_rounded_by_less_than_one() -> None:
    shares = share_out(1000, [1, 1, 1])
    assert (sum(shares), max(shares) - min(shares)) == (1000, 1)
    assert share_out(10, [0, 5, 5]) == [0, 5, 5]


def test_stream_reads_across_record_batches_and_shards(corpus: Path, tmp_path: Path) -> None:
    shards = open_corpora(job_of(corpus, tmp_path).data)
    stream = TokenStream(shards, "train", GROUPS[:2])
    flat = np.concatenate(stream.pieces)
    assert len(stream.pieces) > 4
    positions = np.array([0, 1, len(stream) - 5000, len(stream.pieces[0]) - 3])
    out = np.empty((4, 5000), dtype=np.int32)
    stream.gather(positions, out, np.arange(4))
    for row, position in zip(out, positions, strict=True):
        np.testing.assert_array_equal(row, flat[position : position + 5000])


def test_shards_are_mapped_not_read(corpus: Path, tmp_path: Path) -> None:
    import pyarrow as pa

    before = pa.total_allocated_bytes()
    stream = TokenStream(open_corpora(job_of(corpus, tmp_path).data), "train", GROUPS)
    assert len(stream) > 20_000
    assert pa.total_allocated_bytes() - before < 2 * len(stream) / 10


def samples_of(job: TrainJob, ranks: int, start: DataState | None = None) -> list[bytes]:
    """Returns all samples of a run as the ranks see them, in order of step and rank."""
    timetable, state, rows = Timetable(job), start or DataState(0, 0), []
    parts = [StepData(job, open_corpora(job.data), rank, ranks) for rank in range(ranks)]
    while (step := timetable.next_step(state)) is not None:
        for part in parts:
            inputs, targets = (half.numpy() for half in split(torch.from_numpy(part.load(step))))
            for row, wanted in zip(
                inputs.reshape(-1, step.context), targets.reshape(-1, step.context), strict=True
            ):
                if wanted[0] != IGNORED:
                    np.testing.assert_array_equal(row[1:], wanted[:-1])
                    rows.append(row.tobytes())
        state = timetable.after(step)
    return rows


@pytest.mark.parametrize("ranks", [2, 3, 4])
def test_any_number_of_processes_has_the_same_samples_in_the_same_steps(
    corpus: Path, tmp_path: Path, ranks: int
) -> None:
    job = job_of(
        corpus, tmp_path, batch={"startTokens": 5 * 32, "tokens": 18 * 32, "rampTokens": 2000}
    )
    assert samples_of(job, ranks) == samples_of(job, 1)


def test_resuming_gives_the_rest_even_within_a_ramp_and_between_stages(
    corpus: Path, tmp_path: Path
) -> None:
    job = job_of(
        corpus,
        tmp_path,
        batch={"startTokens": 5 * 32, "tokens": 18 * 32, "rampTokens": 2000},
        stages=[{"context": 32, "tokens": 3000}, {"context": 64, "tokens": 3144}],
    )
    whole, timetable, state, seen = samples_of(job, 1), Timetable(job), DataState(0, 0), 0
    while (step := timetable.next_step(state)) is not None:
        assert samples_of(job, 2, state) == whole[seen:]
        state, seen = timetable.after(step), seen + step.samples
    assert seen == len(whole) == 94 + 50
    assert timetable.tokens_seen(state) == timetable.total_tokens == 94 * 32 + 50 * 64


def test_pools_get_their_share_and_each_block_once_per_epoch(corpus: Path, tmp_path: Path) -> None:
    job = job_of(corpus, tmp_path)
    sizes = [component.available for component in job.data.mixture]
    epochs = (0.5, 1.0, 2.5)
    mixture = tuple(
        dataclasses.replace(component, tokens=int(component.available * times))
        for component, times in zip(job.data.mixture, epochs, strict=True)
    )
    total = sum(component.tokens for component in mixture)
    job = dataclasses.replace(
        job,
        data=dataclasses.replace(job.data, mixture=mixture, tokens=total),
        stages=(dataclasses.replace(job.stages[0], tokens=total),),
    )
    data = StepData(job, open_corpora(job.data), 0, 1)
    order = data.orders[0]
    assert isinstance(order, StageOrder)
    pools, places = order.locate(np.arange(order.samples))
    blocks = places // 32
    for pool, times in enumerate(epochs):
        counts = Counter(blocks[pools == pool].tolist())
        assert sum(counts.values()) * 32 == pytest.approx(sizes[pool] * times, abs=64)
        assert (
            max(counts.values())
            - (min(counts.values()) if len(counts) == order.blocks[pool] else 0)
            <= 1
        )
    half = DataState(0, order.samples // 2)
    assert data.realised(half) == [
        int((pools[: half.samples] == pool).sum()) * 32 for pool in range(3)
    ]
    assert sum(data.realised(DataState(0, order.samples))) == order.samples * 32


def test_the_batch_grows_linearly_in_whole_samples(corpus: Path, tmp_path: Path) -> None:
    batch = Batch(start_tokens=1000, tokens=3000, ramp_tokens=10_000, micro_tokens=1000)
    assert [batch_tokens(batch, seen) for seen in (0, 5000, 9999, 10_000, 50_000)] == [
        1000,
        2000,
        2999,
        3000,
        3000,
    ]
    job = job_of(corpus, tmp_path, batch={"startTokens": 100, "tokens": 300, "rampTokens": 3000})
    step = Timetable(job).next_step(DataState(0, 0))
    assert step is not None
    assert (step.samples, step.tokens) == (3, 96)


def test_uneven_shares_are_padded_to_one_shape_with_ignored_rows(
    corpus: Path, tmp_path: Path
) -> None:
    job = job_of(
        corpus, tmp_path, batch={"startTokens": 7 * 32, "tokens": 7 * 32, "microTokens": 2 * 32}
    )
    step = Timetable(job).next_step(DataState(0, 0))
    assert step is not None
    loads = [StepData(job, open_corpora(job.data), rank, 3).load(step) for rank in range(3)]
    assert {tokens.shape for tokens in loads} == {(2, 2, 33)}
    assert [int((tokens[..., 1] != IGNORED).sum()) for tokens in loads] == [2, 2, 3]


def test_prefetching_gives_the_same_steps_and_passes_errors_on(
    corpus: Path, tmp_path: Path
) -> None:
    job = job_of(corpus, tmp_path)
    timetable, data = Timetable(job), StepData(job, open_corpora(job.data), 0, 1)
    got = [
        (step.start, tokens.numpy().tobytes())
        for step, tokens in Prefetcher(timetable, data, DataState(0, 0), False)
    ]
    assert len(got) == 12
    first = timetable.next_step(DataState(0, 0))
    assert first is not None
    assert got[0] == (0, data.load(first).tobytes())
    data.streams[0].pieces.clear()
    with pytest.raises(IndexError):
        list(Prefetcher(timetable, data, DataState(0, 0), False))


def test_bytes_overwritten_in_a_shard_are_found_when_they_are_touched(
    corpus: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "tokens"
    shutil.copytree(corpus, folder)
    job = parse_job(make_job(folder, tmp_path / "run"))
    shard = open_corpora(job.data)[0]
    batch = list(record_batches(shard))[2]
    ids = flat_tokens(batch.rows)
    place = shard.path.read_bytes().find(ids.tobytes()) + 40
    with shard.path.open("r+b") as file:
        file.seek(place)
        file.write(b"\x07\x00" if ids[20] != 7 else b"\x08\x00")
    stream = TokenStream([shard], "train", job.data.mixture[0].groups)
    out = np.zeros((1, 5), dtype=np.int32)
    stream.gather(np.array([0]), out, np.array([0]))  # another batch
    with pytest.raises(TrainFailure, match="record batch 2 is damaged") as failed:
        stream.gather(np.array([stream.starts[2]]), out, np.array([0]))
    assert failed.value.exit_code == 21
    done = train(folder, tmp_path / "run")
    assert done.codes == [21]
    assert "damaged" in done.error["message"]
    old = dataclasses.replace(shard, batches=())  # of the first release: nothing to compare
    TokenStream([old], "train", job.data.mixture[0].groups).piece(2)


def test_data_that_the_job_does_not_name_is_a_mismatch(corpus: Path, tmp_path: Path) -> None:
    good = make_job(corpus, tmp_path)
    for change, message in (
        ({"corpora": [{"path": str(corpus), "fingerprint": "0" * 64}]}, "fingerprint"),
        (
            {"corpora": [{"path": str(tmp_path), "fingerprint": "0" * 64}]},
            "no readable token manifest",
        ),
        ({"tokenizer": {**good["data"]["tokenizer"], "sha256": "9" * 64}}, "tokenizer"),
    ):
        with pytest.raises(TrainFailure, match=message) as caught:
            open_corpora(job_of(corpus, tmp_path, data=change).data)
        assert caught.value.exit_code == 21
    mixture = [{**part, "available": part["available"] + 1} for part in good["data"]["mixture"]]
    with pytest.raises(TrainFailure, match="tokens on disk"):
        StepData(
            job_of(corpus, tmp_path, data={"mixture": mixture}),
            open_corpora(parse_job(good).data),
            0,
            1,
        )


def test_a_truncated_shard_is_a_mismatch_that_names_the_file(tmp_path: Path) -> None:
    from corpus import write_corpus

    folder = tmp_path / "tokens"
    write_corpus(folder, documents=50)
    job = job_of(folder, tmp_path / "run")
    victim = folder / "train" / "wiki-prose-en.arrow"
    victim.write_bytes(victim.read_bytes()[:-200])
    with pytest.raises(
        TrainFailure, match=r"wiki-prose-en\.arrow: not a readable token shard"
    ) as caught:
        StepData(job, open_corpora(job.data), 0, 1)
    assert caught.value.exit_code == 21


def test_a_pool_shorter_than_a_context_is_a_bad_job(corpus: Path, tmp_path: Path) -> None:
    job = job_of(corpus, tmp_path, stages=[{"context": 100_000, "tokens": 100_000}])
    with pytest.raises(TrainFailure, match="fewer tokens than one context") as caught:
        StepData(job, open_corpora(job.data), 0, 1)
    assert caught.value.exit_code == 20
