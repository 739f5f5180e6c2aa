"""Divides a number of things in proportion to weights."""

from __future__ import annotations


def share_out(total: int, weights: list[int]) -> list[int]:
    """Splits `total` in proportion to the weights, into whole numbers that add up to it.

    The largest remainders are rounded up. If remainders are equal, the first is rounded up.
    """
    whole = sum(weights) or 1
    shares = [total * weight // whole for weight in weights]
    rest = [(total * weight % whole, -index) for index, weight in enumerate(weights)]
    for _, index in sorted(rest, reverse=True)[: total - sum(shares)]:
        shares[-index] += 1
    return shares
