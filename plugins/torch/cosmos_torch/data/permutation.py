"""A keyed permutation of 0…n−1 that needs no memory: the order of training samples.

It is a Feistel network. Its halves have sizes a = ⌈√n⌉ and b = ⌈n/a⌉ and are added modulo a and b.
It is repeated until the result is below n (Black and Rogaway, "Ciphers with Arbitrary Finite
Domains", 2002, generalized Feistel and cycle walking). a·b exceeds n by less than a, so almost
every index needs one pass only.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np
from numpy.typing import NDArray

ROUNDS = 6
U64 = NDArray[np.uint64]


def round_keys(*parts: int | str) -> U64:
    """Returns the round keys of the permutation named by `parts`: SHA-256 of their text."""
    text = "/".join(str(part) for part in parts)
    digest = b"".join(hashlib.sha256(f"{text}#{block}".encode()).digest() for block in range(2))
    return np.frombuffer(digest, dtype="<u8")[:ROUNDS].astype(np.uint64)


def _mix(values: U64) -> U64:
    """The finalizer of SplitMix64: every input bit affects every output bit.

    Source: Steele, Lea and Flood 2014.
    """
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def permute(indices: NDArray[np.int64], size: int, keys: U64) -> NDArray[np.int64]:
    """Maps `indices`, all below `size`, through the permutation of 0…size−1 with these keys."""
    high = math.isqrt(size - 1) + 1
    low = -(-size // high)
    with np.errstate(over="ignore"):
        values = _network(indices.astype(np.uint64), np.uint64(high), np.uint64(low), keys)
        while (outside := np.flatnonzero(values >= np.uint64(size))).size:
            values[outside] = _network(values[outside], np.uint64(high), np.uint64(low), keys)
    return values.astype(np.int64)


def _network(values: U64, high: np.uint64, low: np.uint64, keys: U64) -> U64:
    left, right = values // low, values % low
    for number, key in enumerate(keys):
        if number % 2 == 0:
            left = (left + _mix(right ^ key) % high) % high
        else:
            right = (right + _mix(left ^ key) % low) % low
    return left * low + right
