"""Data order 2: the context stages of a run divide whole blocks among them.

A block is as long as the longest context (as the least common multiple, if that is longer). What
fills no block at the end of a pool is left out. A pool of B blocks that is seen e times is a
sequence of e · B draws: circle after circle through all its blocks, in one keyed order. Each stage
takes a range of this sequence, the stages with the longest contexts first, and cuts its blocks into
samples. So one epoch shows each block once, in whichever stage.

Where contexts differ, a circle begins with blocks that lie in long documents. Of an unfinished
circle each kind of block has its share.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..failure import bad_job
from ..job import Component, TrainJob
from .permutation import permute, round_keys
from .shards import TokenStream
from .shares import share_out

Integers = NDArray[np.int64]


def block_length(job: TrainJob) -> int:
    """Returns the tokens of a block, which every context divides."""
    return math.lcm(*(stage.context for stage in job.stages))


def planned_draws(component: Component, length: int) -> int:
    """Returns how many blocks of a pool the run sees: its epochs, rounded to whole blocks."""
    blocks = max(0, (component.available - 1) // length)
    if component.tokens and not blocks:
        raise bad_job(
            f"mixture {component.name}: fewer tokens than one block of {length}",
            "Use shorter contexts, merge small groups, or give this one no tokens.",
        )
    if not component.tokens:
        return 0
    half = component.available // 2
    return max(1, (component.tokens * blocks + half) // component.available)


def divide(job: TrainJob) -> list[list[int]]:
    """Returns the blocks that each stage draws from each pool. They add up to the planned ones."""
    length = block_length(job)
    left = [planned_draws(component, length) for component in job.data.mixture]
    parts = []
    for blocks in share_out(sum(left), [stage.tokens for stage in job.stages]):
        part = share_out(blocks, left)
        left = [rest - taken for rest, taken in zip(left, part, strict=True)]
        parts.append(part)
    return parts


class Selection:
    """Finds the k-th block of a kind, in a bit per block and a counter per 64 blocks."""

    def __init__(self, chosen: NDArray[np.bool_]) -> None:
        words = np.pad(chosen, (0, -len(chosen) % 64)).reshape(-1, 64)
        counts = words.sum(axis=1)
        self.bits, self.before = np.packbits(words, axis=1), np.cumsum(counts) - counts
        self.count = int(counts.sum())

    def find(self, numbers: Integers) -> Integers:
        words = np.searchsorted(self.before, numbers, side="right") - 1
        bits = np.unpackbits(self.bits[words], axis=1)
        passed = np.cumsum(bits, axis=1, dtype=np.uint8)
        within = np.argmax(passed > (numbers - self.before[words])[:, None], axis=1)
        return words * 64 + within


class Pool:
    """The blocks of one pool in the order in which all stages together draw them."""

    def __init__(self, stream: TokenStream, job: TrainJob, number: int, draws: int) -> None:
        self.length, self.draws = block_length(job), draws
        self.blocks = max(0, (len(stream) - 1) // self.length)
        self.left_out = len(stream) - self.blocks * self.length
        self.kinds = self._kinds(stream, sorted({stage.context for stage in job.stages})[1:])
        self.sizes = [kind.count if kind else self.blocks for kind in self.kinds]
        self.keys = [
            round_keys(job.seed, "blocks", number, kind) for kind in range(len(self.sizes))
        ]
        self.rest = share_out(draws % self.blocks, self.sizes) if draws else self.sizes

    def _kinds(self, stream: TokenStream, contexts: list[int]) -> list[Selection | None]:
        """Groups the blocks by how many of the contexts their documents fill; most come first."""
        if not contexts or not self.draws:
            return [None]
        levels = np.zeros(self.blocks, dtype=np.uint8)
        for context in contexts:
            for first, covered in long_documents(stream, self.length, context):
                inside = covered[: max(0, self.blocks - first)]
                levels[first : first + len(inside)] += 2 * inside >= self.length
        return [Selection(levels == level) for level in range(len(contexts), -1, -1)]

    def find(self, draws: Integers) -> Integers:
        """Returns the block of each draw."""
        found = np.empty_like(draws)
        whole = self.draws - self.draws % self.blocks
        for rows, sizes in (
            (np.flatnonzero(draws < whole), self.sizes),
            (np.flatnonzero(draws >= whole), self.rest),
        ):
            places = draws[rows] % self.blocks
            ends = np.cumsum(sizes)
            kinds = np.searchsorted(ends, places, side="right")
            for kind in np.unique(kinds).tolist():
                own = kinds == kind
                numbers = places[own] - (ends[kind] - sizes[kind])
                numbers = permute(numbers, self.sizes[kind], self.keys[kind])
                selection = self.kinds[kind]
                found[rows[own]] = selection.find(numbers) if selection else numbers
        return found


def long_documents(stream: TokenStream, length: int, least: int) -> Iterator[tuple[int, Integers]]:
    """Counts the tokens of each block that lie in documents of at least `least` tokens.

    Yields the counts of consecutive blocks with the number of the first one. Reads the offsets of
    all documents, a record batch at a time.
    """
    start, unfinished = 0, 0
    for offsets in stream.offsets():
        ends = offsets - offsets[0]
        size, sizes = int(ends[-1]), np.diff(ends)
        inside = np.concatenate(([0], np.cumsum(np.where(sizes >= least, sizes, 0))))
        first, last = start // length, -(-(start + size) // length)
        edges = np.clip(np.arange(first, last + 1) * length - start, 0, size)
        counts = np.diff(np.interp(edges, ends, inside).astype(np.int64))
        if len(counts):
            counts[0] += unfinished
            whole = (start + size) // length - first
            unfinished = int(counts[-1]) if whole < len(counts) else 0
            yield first, counts[:whole]
        start += size


@dataclass(frozen=True)
class BlockOrder:
    """One stage of order 2."""

    context: int
    pools: list[Pool]
    firsts: list[int]
    """The first draw of this stage in each pool."""
    draws: list[int]
    key: tuple[int, int]

    @property
    def cuts(self) -> int:
        """Samples in a block."""
        return self.pools[0].length // self.context

    @property
    def samples(self) -> int:
        return sum(self.draws) * self.cuts

    def drawn(self) -> list[int]:
        return [draws * self.cuts for draws in self.draws]

    def locate(self, numbers: Integers) -> tuple[Integers, Integers]:
        ends = np.cumsum(self.draws) * self.cuts
        dealt = permute(numbers, self.samples, round_keys(*self.key, "deal"))
        pools = np.searchsorted(ends, dealt, side="right")
        places = np.empty_like(dealt)
        for pool in np.unique(pools).tolist():
            rows = np.flatnonzero(pools == pool)
            own = dealt[rows] - (ends[pool] - self.draws[pool] * self.cuts)
            blocks = self.pools[pool].find(self.firsts[pool] + own // self.cuts)
            places[rows] = blocks * self.pools[pool].length + own % self.cuts * self.context
        return pools, places


def block_orders(job: TrainJob, streams: list[TokenStream]) -> list[BlockOrder]:
    """Returns the order of each stage."""
    parts = divide(job)
    pools = [
        Pool(stream, job, number, sum(part[number] for part in parts))
        for number, stream in enumerate(streams)
    ]
    by_context = sorted(range(len(parts)), key=lambda number: -job.stages[number].context)
    firsts, taken = {}, [0] * len(pools)
    for number in by_context:
        firsts[number] = taken
        taken = [sum(both) for both in zip(taken, parts[number], strict=True)]
    return [
        BlockOrder(stage.context, pools, firsts[number], parts[number], (job.seed, number))
        for number, stage in enumerate(job.stages)
    ]
