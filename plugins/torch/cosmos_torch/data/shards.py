"""Token shards, memory-mapped and read as flat arrays of ids without copying."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..failure import data_mismatch
from ..job import Corpus, Data

Tokens = NDArray[np.uint16] | NDArray[np.uint32]
AGAIN = "Run `etl tokenize` again, or use the folder that the job was made for."


@dataclass(frozen=True)
class Shard:
    path: Path
    split: str
    group: str
    tokens: int
    batches: tuple[str, ...] = ()
    """A hash for each record batch; none in token shards of the first release."""


def read_manifest(corpus: Corpus, tokenizer_sha256: str) -> list[Shard]:
    """Returns the shards of a corpus in the order in which their tokens are concatenated.

    Checks the corpus fingerprint and the tokenizer against the job.
    """
    file = Path(corpus.path) / "manifest.json"
    try:
        manifest: dict[str, Any] = json.loads(file.read_text("utf-8"))
        shards = [
            Shard(
                Path(corpus.path) / shard["path"],
                shard["split"],
                shard["group"],
                int(shard["tokens"]),
                tuple(shard.get("batches", ())),
            )
            for shard in manifest["shards"]
        ]
        fingerprint, sha256 = manifest["fingerprint"], manifest["tokenizer"]["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise data_mismatch(f"{file}: no readable token manifest ({error!r})", AGAIN) from error
    if fingerprint != corpus.fingerprint:
        raise data_mismatch(
            f"{file}: fingerprint {fingerprint[:12]}…, "
            f"but the job names {corpus.fingerprint[:12]}…",
            AGAIN,
        )
    if sha256 != tokenizer_sha256:
        raise data_mismatch(
            f"{file}: made with tokenizer {sha256[:12]}…, but the job has {tokenizer_sha256[:12]}…",
            AGAIN,
        )
    return shards


def open_corpora(data: Data) -> list[Shard]:
    """Returns all shards of all corpora of a job, base corpus first."""
    return [
        shard for corpus in data.corpora for shard in read_manifest(corpus, data.tokenizer.sha256)
    ]


@dataclass(frozen=True)
class Batch:
    """A record batch of a shard. It is mapped, so that data is read on first access."""

    shard: Shard
    index: int
    rows: pa.RecordBatch

    def check(self) -> None:
        """Compares the hash of what is there with that of the manifest, if it has one."""
        if not self.shard.batches:
            return
        offsets = document_offsets(self.rows)
        digest = hashlib.sha256(flat_tokens(self.rows).view(np.uint8))
        digest.update((offsets - offsets[0]).astype("<i8"))
        digest.update(self.rows.column("bytes").to_numpy().astype("<u4"))
        if digest.hexdigest() != self.shard.batches[self.index]:
            raise data_mismatch(
                f"{self.shard.path}: record batch {self.index} is damaged: "
                "its hash is not that of the manifest",
                AGAIN,
            )


def record_batches(shard: Shard) -> Iterator[Batch]:
    """Yields the record batches of a shard, unchecked."""
    try:
        reader = pa.ipc.open_file(pa.memory_map(str(shard.path)))
        total = 0
        for index in range(reader.num_record_batches):
            batch = reader.get_batch(index)
            total += len(flat_tokens(batch))
            yield Batch(shard, index, batch)
    except (OSError, pa.ArrowInvalid, KeyError) as error:
        raise data_mismatch(f"{shard.path}: not a readable token shard ({error})", AGAIN) from error
    if total != shard.tokens:
        raise data_mismatch(
            f"{shard.path}: {total} tokens, but its manifest says {shard.tokens}", AGAIN
        )


def flat_tokens(batch: pa.RecordBatch) -> Tokens:
    """Returns the ids of all documents in a record batch, as a view of the mapped file."""
    column = batch.column("tokens")
    offsets = document_offsets(batch)
    values: Tokens = column.values.to_numpy(zero_copy_only=True)
    return values[offsets[0] : offsets[-1]] if len(offsets) else values[:0]


def document_offsets(batch: pa.RecordBatch) -> NDArray[np.int64]:
    """Returns where each document starts in the list values, and where the last one ends."""
    return np.asarray(batch.column("tokens").offsets.to_numpy(zero_copy_only=False), dtype=np.int64)


class TokenStream:
    """The tokens of some groups as one array.

    Random access costs a search over record batches.
    """

    def __init__(self, shards: list[Shard], split: str, groups: tuple[str, ...]) -> None:
        wanted = set(groups)
        chosen = [shard for shard in shards if shard.split == split and shard.group in wanted]
        self.batches = [batch for shard in chosen for batch in record_batches(shard)]
        self.pieces = [flat_tokens(batch.rows) for batch in self.batches]
        self.checked = [False] * len(self.pieces)
        self.starts = np.cumsum([0] + [len(piece) for piece in self.pieces]).astype(np.int64)

    def __len__(self) -> int:
        return int(self.starts[-1])

    def offsets(self) -> Iterator[NDArray[np.int64]]:
        """Yields where documents start in each record batch, and where the last one ends."""
        for batch in self.batches:
            offsets = document_offsets(batch.rows)
            if len(offsets):
                yield offsets

    def sources(self) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Returns, by source, places in this stream and how many of its tokens lie before them."""
        names = np.array([batch.shard.group.rsplit("/", 2)[0] for batch in self.batches])
        sizes = np.diff(self.starts)
        return {
            str(name): (self.starts, np.cumsum([0, *np.where(names == name, sizes, 0)]))
            for name in np.unique(names)
        }

    def piece(self, index: int) -> Tokens:
        """Returns the tokens of a record batch, which is checked when it is first touched."""
        if not self.checked[index]:
            self.batches[index].check()
            self.checked[index] = True
        return self.pieces[index]

    def gather(
        self, positions: NDArray[np.int64], out: NDArray[np.int32], rows: NDArray[np.int64]
    ) -> None:
        """Fills the given rows of `out` with consecutive tokens, each row from its position on."""
        length = out.shape[1]
        firsts = np.searchsorted(self.starts, positions, side="right") - 1
        offsets = positions - self.starts[firsts]
        for row, piece, offset in zip(
            rows.tolist(), firsts.tolist(), offsets.tolist(), strict=True
        ):
            taken = self.piece(piece)[offset : offset + length]
            out[row, : len(taken)] = taken
            filled = len(taken)
            while filled < length:
                piece += 1
                taken = self.piece(piece)[: length - filled]
                out[row, filled : filled + len(taken)] = taken
                filled += len(taken)
