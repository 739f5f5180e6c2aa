"""Scores held-out slices: loss per token, perplexity, bits per byte of the original text."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..data.plan import IGNORED
from ..data.shards import Shard, document_offsets, record_batches
from ..failure import data_mismatch
from ..job import Slice, Tokenizer
from ..training.trainer import Trainer


@dataclass(frozen=True)
class SliceTokens:
    """The documents of a slice in one array.

    `offsets` are the starts of the documents and the end of the last one. `marks` are the ids that
    mark the start and end of a document. `bos` is −1 if the tokenizer has none. `text_bytes` is the
    size of the text.
    """

    name: str
    tokens: NDArray[np.int32]
    offsets: NDArray[np.int64]
    marks: tuple[int, ...]
    bos: int
    text_bytes: int


SliceResult = dict[str, str | int | float]


def read_slice(wanted: Slice, shards: list[Shard], tokenizer: Tokenizer) -> SliceTokens:
    """Reads whole documents in manifest order until `wanted.tokens` is reached."""
    groups, parts, starts = set(wanted.groups), [], []
    tokens = text_bytes = 0
    for shard in shards:
        if tokens >= wanted.tokens or shard.split != wanted.split or shard.group not in groups:
            continue
        for batch in record_batches(shard):
            offsets = document_offsets(batch.rows)
            lengths = np.diff(offsets)
            before = (
                tokens + np.concatenate(([0], np.cumsum(lengths)[:-1])) if len(lengths) else lengths
            )
            count = int((before < wanted.tokens).sum())
            if count == 0:
                continue
            batch.check()
            values = batch.rows.column("tokens").values.to_numpy(zero_copy_only=True)
            parts.append(values[offsets[0] : offsets[count]].astype(np.int32))
            starts.append(offsets[:count] - offsets[0] + tokens)
            tokens += int(offsets[count] - offsets[0])
            text_bytes += int(batch.rows.column("bytes").to_numpy()[:count].sum())
    if tokens < 2:
        raise data_mismatch(
            f"slice {wanted.name}: no tokens in the {wanted.split} split",
            "Remove it from eval.slices.",
        )
    marks = tuple(mark for mark in (tokenizer.bos, tokenizer.eos) if mark is not None)
    offsets = np.concatenate([*starts, [tokens]])
    bos = -1 if tokenizer.bos is None else tokenizer.bos
    return SliceTokens(wanted.name, np.concatenate(parts), offsets, marks, bos, text_bytes)


def windows(
    tokens: NDArray[np.int32], context: int, bos: int = -1
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Cuts tokens into adjacent windows: inputs and targets [n, context].

    Every token except the first is a target exactly once. `bos` is input only, as for the n-grams:
    it always follows the end of a document and would only flatter the result.
    """
    count = -(-(len(tokens) - 1) // context)
    inputs = np.zeros(count * context, dtype=np.int32)
    targets = np.full(count * context, IGNORED, dtype=np.int32)
    inputs[: len(tokens) - 1], targets[: len(tokens) - 1] = tokens[:-1], tokens[1:]
    targets[targets == bos] = IGNORED
    return inputs.reshape(count, context), targets.reshape(count, context)


def evaluate(
    trainer: Trainer, slices: list[SliceTokens], context: int, micro_tokens: int
) -> list[SliceResult]:
    """Scores the slices with the current model on all data-parallel processes. One host sync."""
    if not slices:
        return []
    sums = torch.stack(
        [_summed(trainer, windows(part.tokens, context, part.bos), micro_tokens) for part in slices]
    )
    totals = trainer.world.sum(sums).tolist()
    return [_result(part, total) for part, total in zip(slices, totals, strict=True)]


def _summed(
    trainer: Trainer, arrays: tuple[NDArray[np.int32], NDArray[np.int32]], micro_tokens: int
) -> Tensor:
    inputs, targets = arrays
    ranks, rank = trainer.job.parallel.data, trainer.world.place("data")
    rows = max(1, min(micro_tokens // inputs.shape[1], -(-len(inputs) // ranks)))
    calls = -(-len(inputs) // (rows * ranks))
    missing = calls * rows * ranks - len(inputs)
    inputs = np.pad(inputs, ((0, missing), (0, 0)))
    targets = np.pad(targets, ((0, missing), (0, 0)), constant_values=IGNORED)
    device = trainer.world.device
    total = torch.zeros(
        (), dtype=torch.float64 if device.type != "mps" else torch.float32, device=device
    )
    for call in range(calls):
        start = (call * ranks + rank) * rows
        part = slice(start, start + rows)
        batch = (
            torch.from_numpy(inputs[part]).to(device),
            torch.from_numpy(targets[part]).to(device),
        )
        total += trainer.summed_loss(*batch)
    return total


def _result(part: SliceTokens, total: float) -> SliceResult:
    count = max(1, int((part.tokens[1:] != part.bos).sum()))
    loss, bits = total / count, total / math.log(2) / max(1, part.text_bytes)
    perplexity = math.exp(min(loss, 700.0))
    return {
        "slice": part.name,
        "tokens": count,
        "loss": loss,
        "perplexity": perplexity,
        "bitsPerByte": bits,
    }
