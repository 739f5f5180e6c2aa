"""How much held-out text occurs in the training text: shared runs of 13 tokens.

Method: Brown et al. 2020, appendix C. The held-out runs are hashed into a sorted table, and the
training tokens are streamed past it. If the mixture has more than SEARCHED tokens, only some record
batches are searched, spread evenly over it. The report says how many tokens they have.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.shards import Tokens, TokenStream
from .evaluate import SliceTokens

RUN = 13
SEARCHED = 100_000_000
CHUNK = 1 << 16
FILTER_BITS = 24
FACTOR = np.uint64(0x9E3779B97F4A7C15)
U64 = NDArray[np.uint64]


def hash_runs(tokens: Tokens | NDArray[np.int32]) -> U64:
    """Returns a 64-bit hash of the 13 tokens from each position on."""
    wide = tokens.astype(np.uint64) + np.uint64(1)
    count = max(0, len(wide) - RUN + 1)
    hashes = np.zeros(count, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for offset in range(RUN):
            hashes = hashes * FACTOR + wide[offset : offset + count]
        hashes ^= hashes >> np.uint64(32)
        return hashes * FACTOR


def bucket(hashes: U64) -> NDArray[np.intp]:
    return (hashes >> np.uint64(64 - FILTER_BITS)).astype(np.intp)


def document_hashes(part: SliceTokens) -> list[U64]:
    """Returns the run hashes of each document, without the ids that mark its start and end."""
    documents = np.split(part.tokens, part.offsets[1:-1])
    return [hash_runs(document[~np.isin(document, part.marks)]) for document in documents]


def find_overlap(slices: list[SliceTokens], streams: list[TokenStream]) -> dict[str, Any]:
    """Returns the members of a `contamination` event.

    Per slice they count all documents, those shorter than a run, and those with a run in the
    training text.
    """
    documents = [document_hashes(part) for part in slices]
    table = np.unique(
        np.concatenate(
            [np.zeros(0, dtype=np.uint64), *(runs for part in documents for runs in part)]
        )
    )
    places = [(stream, index) for stream in streams for index in range(len(stream.pieces))]
    total = sum(len(stream.pieces[index]) for stream, index in places)
    stride = max(1, -(-total // SEARCHED))
    seen, searched = np.zeros(len(table), dtype=bool), 0
    if len(table):
        filled = np.zeros(1 << FILTER_BITS, dtype=bool)
        filled[bucket(table)] = True
        for stream, index in places[::stride]:
            piece = stream.piece(index)
            searched += len(piece)
            _search(piece, table, filled, seen)
    return {
        "run": RUN,
        "trainTokens": total,
        "searchedTokens": searched,
        "slices": [
            {
                "slice": part.name,
                "documents": len(own),
                "tooShort": sum(not len(runs) for runs in own),
                "found": sum(bool(seen[np.searchsorted(table, runs)].any()) for runs in own),
            }
            for part, own in zip(slices, documents, strict=True)
        ],
    }


def _search(piece: Tokens, table: U64, filled: NDArray[np.bool_], seen: NDArray[np.bool_]) -> None:
    """Marks the entries of the table that occur in a piece of training text."""
    for start in range(0, len(piece), CHUNK):
        hashes = hash_runs(piece[start : start + CHUNK + RUN - 1])
        likely = hashes[filled[bucket(hashes)]]
        places = np.minimum(np.searchsorted(table, likely), len(table) - 1)
        seen[places[table[places] == likely]] = True
