"""Token shards, memory-mapped and read as flat arrays of ids without copying."""

from __future__ import annotations

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


def record_batches(shard: Shard) -> Iterator[pa.RecordBatch]:
    """Yields the record batches of a shard. They are mapped, so data is read on first access."""
    try:
        reader = pa.ipc.open_file(pa.memory_map(str(shard.path)))
        total = 0
        for index in range(reader.num_record_batches):
            batch = reader.get_batch(index)
            total += len(flat_tokens(batch))
            yield batch
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
        self.shards = [shard for shard in shards if shard.split == split and shard.group in wanted]
        self.pieces = [
            flat_tokens(batch) for shard in self.shards for batch in record_batches(shard)
        ]
        self.starts = np.cumsum([0] + [len(piece) for piece in self.pieces]).astype(np.int64)

    def __len__(self) -> int:
        return int(self.starts[-1])

    def offsets(self) -> Iterator[NDArray[np.int64]]:
        """Yields where documents start in each record batch, and where the last one ends."""
        for shard in self.shards:
            for batch in record_batches(shard):
                yield document_offsets(batch)

    def sources(self) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Returns, by source, places in this stream and how many of its tokens lie before them."""
        names = [shard.group.rsplit("/", 2)[0] for shard in self.shards]
        sizes = [shard.tokens for shard in self.shards]
        ends = np.cumsum([0, *sizes])
        return {
            wanted: (
                ends,
                np.cumsum(
                    [0, *(size * (name == wanted) for name, size in zip(names, sizes, strict=True))]
                ),
            )
            for wanted in dict.fromkeys(names)
        }

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
            taken = self.pieces[piece][offset : offset + length]
            out[row, : len(taken)] = taken
            filled = len(taken)
            while filled < length:
                piece += 1
                taken = self.pieces[piece][: length - filled]
                out[row, filled : filled + len(taken)] = taken
                filled += len(taken)
