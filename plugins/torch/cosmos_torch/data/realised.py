"""What a run has trained on so far: tokens of each pool and of each source."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..job import TrainJob
from .plan import DataState, StepData, looked_at, stride_of


def mixture(job: TrainJob, data: StepData, state: DataState) -> dict[str, Any]:
    """Returns the members of a `mixture` event: the components, and the sources in them."""
    parts = zip(job.data.mixture, data.realised(state), data.streams, data.left_out, strict=True)
    return {
        "components": [
            {
                "name": component.name,
                "tokens": tokens,
                "epochs": tokens / max(1, len(stream)),
                "leftOut": left_out,
            }
            for component, tokens, stream, left_out in parts
        ],
        "sources": [
            {"name": name, "tokens": tokens, "epochs": tokens / max(1, available)}
            for name, (tokens, available) in sorted(_sources(data, state).items())
        ],
    }


def _sources(data: StepData, state: DataState) -> dict[str, tuple[int, int]]:
    """Returns the tokens trained on and available by source."""
    seen: dict[str, float] = {}
    available: dict[str, int] = {}
    bounds = [stream.sources() for stream in data.streams]
    for own in bounds:
        for name, (_, before) in own.items():
            available[name] = available.get(name, 0) + int(before[-1])
            seen.setdefault(name, 0)
    for order, samples in data.finished(state):
        weight = samples / max(1, -(-samples // stride_of(samples)))
        for numbers in looked_at(samples):
            pools, places = order.locate(numbers)
            for pool in np.unique(pools).tolist():
                here = places[pools == pool]
                for name, (ends, before) in bounds[pool].items():
                    inside = np.interp(here + order.context, ends, before)
                    tokens = float((inside - np.interp(here, ends, before)).sum())
                    seen[name] += tokens * weight
    return {name: (round(tokens), available[name]) for name, tokens in seen.items()}
