"""Which samples each step trains on.

The order is a pure function of the job and of the number of samples already used. Nothing depends
on the number of processes, so a run can resume on any number of them. The whole state is one
counter per stage. Jobs name the version of their order: `blocks.py` is order 2, `StageOrder` here
is order 1, in which each stage draws from the whole pool.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ..failure import bad_job, data_mismatch
from ..job import Batch, Component, Stage, TrainJob
from .blocks import Integers, block_length, block_orders, divide
from .permutation import permute, round_keys
from .shards import Shard, TokenStream
from .shares import share_out

LOOKED_AT = 1 << 22
"""Samples of a stage that are looked up to say what they were taken from."""
IGNORED = -100
"""Target of positions that are left out of the loss."""


@dataclass(frozen=True)
class DataState:
    """The position of a run in its data: `samples` samples of stage number `stage` are used."""

    stage: int
    samples: int


@dataclass(frozen=True)
class StepPlan:
    """One optimizer step: samples [start, start + samples) of a stage.

    `tokens` counts the tokens of the whole run up to the end of this step.
    """

    stage: int
    context: int
    start: int
    samples: int
    tokens: int


def batch_tokens(batch: Batch, seen: int) -> int:
    """Returns the tokens of the next step after `seen` tokens of the whole run.

    They grow linearly from startTokens to tokens.
    """
    if seen >= batch.ramp_tokens:
        return batch.tokens
    return batch.start_tokens + (batch.tokens - batch.start_tokens) * seen // batch.ramp_tokens


def split(tokens: Tensor) -> tuple[Tensor, Tensor]:
    """Returns inputs and targets [micro-batches, rows, context], int64, on the tokens' device."""
    return tokens[..., :-1].long().clamp(min=0), tokens[..., 1:].long()


def samples_of(job: TrainJob) -> list[int]:
    """Returns the number of samples of each stage."""
    if job.data.order == 1:
        return [-(-stage.tokens // stage.context) for stage in job.stages]
    length = block_length(job)
    parts = zip(divide(job), job.stages, strict=True)
    return [sum(part) * (length // stage.context) for part, stage in parts]


class Timetable:
    """All steps of a run, in order."""

    def __init__(self, job: TrainJob) -> None:
        self.job = job
        self.samples = samples_of(job)
        self.total_tokens = sum(
            samples * stage.context for samples, stage in zip(self.samples, job.stages, strict=True)
        )

    def next_step(self, state: DataState) -> StepPlan | None:
        """Returns the step after `state`, or None at the end of the run."""
        stage, start = state.stage, state.samples
        while stage < len(self.samples) and start >= self.samples[stage]:
            stage, start = stage + 1, 0
        if stage == len(self.samples):
            return None
        context = self.job.stages[stage].context
        seen = self.tokens_seen(DataState(stage, start))
        wanted = max(1, batch_tokens(self.job.batch, seen) // context)
        samples = min(wanted, self.samples[stage] - start)
        return StepPlan(stage, context, start, samples, seen + samples * context)

    def tokens_seen(self, state: DataState) -> int:
        """Returns the number of tokens of the whole run before `state`."""
        done = zip(self.samples[: state.stage], self.job.stages, strict=False)
        before = sum(samples * stage.context for samples, stage in done)
        here = (
            self.job.stages[state.stage].context * state.samples
            if state.stage < len(self.samples)
            else 0
        )
        return before + here

    def after(self, step: StepPlan) -> DataState:
        return DataState(step.stage, step.start + step.samples)


class Order(Protocol):
    """Maps the sample numbers of one stage to places in the pools."""

    @property
    def context(self) -> int: ...
    @property
    def samples(self) -> int: ...

    def drawn(self) -> list[int]:
        """Returns the samples that come from each pool."""

    def locate(self, numbers: Integers) -> tuple[Integers, Integers]:
        """Returns the pool of each sample and its first token there."""


class StageOrder:
    """One stage of order 1.

    A stage with context T draws N = ⌈tokens / T⌉ samples. Each pool of the mixture gets its share
    of the N draws, and a keyed permutation of 0…N−1 orders them. A pool has B blocks; block b is
    its tokens [bT, bT + T + 1). Draw j of the pool is block permute(j mod B) in epoch j div B.
    """

    def __init__(self, job: TrainJob, number: int, streams: list[TokenStream]) -> None:
        stage: Stage = job.stages[number]
        self.context = stage.context
        self.samples = -(-stage.tokens // stage.context)
        self.draws = share_out(self.samples, [component.tokens for component in job.data.mixture])
        self.ends = np.cumsum(self.draws)
        self.blocks = [max(0, (len(stream) - 1) // self.context) for stream in streams]
        self.key = (job.seed, number)
        self.deal = round_keys(*self.key, "deal")
        for component, draws, blocks in zip(job.data.mixture, self.draws, self.blocks, strict=True):
            if draws and not blocks:
                raise bad_job(
                    f"mixture {component.name}: fewer tokens than one context of {self.context}",
                    "Use a shorter context, merge small groups, or give this one no tokens.",
                )

    def drawn(self) -> list[int]:
        return self.draws

    def locate(self, numbers: Integers) -> tuple[Integers, Integers]:
        dealt = permute(numbers, self.samples, self.deal)
        pools = np.searchsorted(self.ends, dealt, side="right")
        blocks = np.empty_like(dealt)
        for pool in np.unique(pools).tolist():
            rows = np.flatnonzero(pools == pool)
            draws = dealt[rows] - (self.ends[pool] - self.draws[pool])
            epochs, size = draws // self.blocks[pool], self.blocks[pool]
            for epoch in np.unique(epochs).tolist():
                here = epochs == epoch
                keys = round_keys(*self.key, pool, epoch)
                blocks[rows[here]] = permute(draws[here] % size, size, keys)
        return pools, blocks * self.context


def open_streams(mixture: tuple[Component, ...], shards: list[Shard]) -> list[TokenStream]:
    """Opens one stream per pool of the mixture and checks its size against the job."""
    streams = [TokenStream(shards, "train", component.groups) for component in mixture]
    for component, stream in zip(mixture, streams, strict=True):
        if len(stream) != component.available:
            raise data_mismatch(
                f"mixture {component.name}: {len(stream)} tokens on disk, "
                f"but the job says {component.available}",
                "Start a new run. This one was planned for other shards.",
            )
    return streams


def stride_of(samples: int) -> int:
    return max(1, -(-samples // LOOKED_AT))


def looked_at(samples: int) -> Iterator[Integers]:
    """Yields the numbers below `samples`, or of more than `LOOKED_AT` every n-th (`stride_of`)."""
    stride = stride_of(samples)
    for start in range(0, samples, stride << 18):
        yield np.arange(start, min(start + (stride << 18), samples), stride, dtype=np.int64)


class StepData:
    """The micro-batches of one process: its contiguous share of every step.

    Collectives and compiled code need equal shapes, so every process has the same number of
    micro-batches with the same number of rows. A pipeline needs a micro-batch for each of its
    stages. Rows beyond the share of a process are padding and are left out of the loss.
    """

    def __init__(self, job: TrainJob, shards: list[Shard], rank: int, ranks: int) -> None:
        self.streams = open_streams(job.data.mixture, shards)
        self.orders: Sequence[Order]
        if job.data.order == 1:
            numbers = range(len(job.stages))
            self.orders = [StageOrder(job, number, self.streams) for number in numbers]
            self.left_out = [0] * len(self.streams)
        else:
            blocks = block_orders(job, self.streams)
            self.orders, self.left_out = blocks, [pool.left_out for pool in blocks[0].pools]
        self.micro_tokens, self.fixed = job.batch.micro_tokens, job.backend.compile
        self.rank, self.ranks, self.least = rank, ranks, job.parallel.pipeline

    def shape(self, step: StepPlan) -> tuple[int, int]:
        """Returns the number of micro-batches in the step, and of rows in each."""
        share = -(-step.samples // self.ranks)
        rows = min(share, max(1, self.micro_tokens // step.context))
        count = -(-share // rows)
        if count < self.least:
            count, rows = self.least, -(-share // self.least)
        return count, rows if self.fixed else -(-share // count)

    def load(self, step: StepPlan) -> NDArray[np.int32]:
        """Returns the tokens of this process, [micro-batches, rows, context + 1].

        `split` turns them into inputs and targets.
        """
        first = step.samples * self.rank // self.ranks
        last = step.samples * (self.rank + 1) // self.ranks
        count, rows = self.shape(step)
        tokens = np.empty((count * rows, step.context + 1), dtype=np.int32)
        tokens[last - first :] = IGNORED
        numbers = np.arange(step.start + first, step.start + last, dtype=np.int64)
        pools, places = self.orders[step.stage].locate(numbers)
        for pool in np.unique(pools).tolist():
            own = np.flatnonzero(pools == pool)
            self.streams[pool].gather(places[own], tokens, own)
        return tokens.reshape(count, rows, step.context + 1)

    def finished(self, state: DataState) -> list[tuple[Order, int]]:
        """Returns the stages up to `state` and how many of their samples are used."""
        return [
            (order, min(state.samples, order.samples) if number == state.stage else order.samples)
            for number, order in enumerate(self.orders[: state.stage + 1])
        ]

    def realised(self, state: DataState) -> list[int]:
        """Counts the tokens drawn from each pool up to `state`, see `looked_at`."""
        drawn = np.zeros(len(self.streams), dtype=np.int64)
        for order, samples in self.finished(state):
            counts = order.drawn()
            if samples < order.samples:
                found = np.zeros(len(drawn), dtype=np.int64)
                for numbers in looked_at(samples):
                    found += np.bincount(order.locate(numbers)[0], minlength=len(drawn))
                counts = share_out(samples, found.tolist())
            drawn += np.asarray(counts) * order.context
        return [int(tokens) for tokens in drawn]
