"""Continues token ids with a trained model, with cached keys and values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor

from ..distributed.parallel import pick_device
from ..events import Events
from ..failure import bad_job
from ..job import GenerateJob, TrainJob, read_train_job
from ..model.llama import KeyValues, Llama
from ..training.checkpoint import open_existing

GROUP = 8
"""Ids in one `tokens` event."""


def load_model(run: str, checkpoint: str, warn: Callable[[str], None]) -> tuple[TrainJob, Llama]:
    """Loads the whole model of a checkpoint to the device of the job, for inference."""
    job = read_train_job(run)
    reader, _ = open_existing(Path(run), checkpoint, job.hash, warn)
    device = pick_device(job.backend.device)
    with torch.device("meta"):
        model = Llama(job.model)
    model.to_empty(device=device)
    with torch.no_grad():
        for name, value in model.named_parameters():
            value.copy_(reader.get(name))
    return job, model.eval()


def pick(
    scores: Tensor, temperature: float, top_k: int, top_p: float, generator: torch.Generator
) -> int:
    """Picks one id from the scores [V].

    The likeliest at temperature 0, otherwise sampled with top-k (0 is no limit) and top-p.
    """
    scores = scores.float().cpu()
    if temperature == 0:
        return int(scores.argmax())
    ordered, ids = scores.sort(descending=True, stable=True)
    shares = (ordered / temperature).softmax(dim=-1)
    kept = shares.cumsum(dim=-1) - shares < top_p
    if top_k > 0:
        kept[top_k:] = False
    drawn = torch.multinomial(torch.where(kept, shares, 0.0), 1, generator=generator)
    return int(ids[drawn])


@torch.no_grad()
def continue_ids(
    model: Llama,
    prompt: list[int],
    count: int,
    seed: int,
    temperature: float = 0.0,
    top_k: int = 0,
    top_p: float = 1.0,
    stop: frozenset[int] = frozenset(),
) -> Iterator[int]:
    """Yields up to `count` ids after the prompt. Stops before an id of `stop`."""
    model.eval()
    device = next(model.parameters()).device
    generator = torch.Generator().manual_seed(seed)
    past: list[KeyValues] = [[] for _ in model.model.layers]
    ids = torch.tensor([prompt], device=device)
    for _ in range(count):
        hidden = model.hidden(ids, past)
        chosen = pick(model.logits(hidden[:, -1:])[0, 0], temperature, top_k, top_p, generator)
        if chosen in stop:
            return
        yield chosen
        ids = torch.tensor([[chosen]], device=device)


def generate(job: GenerateJob, events: Events) -> None:
    """Writes the generated ids as `tokens` events of a few ids each."""
    train_job, model = load_model(job.run, job.checkpoint, events.warn)
    tokenizer = train_job.data.tokenizer
    prompt = list(job.prompt) or [tokenizer.eos if tokenizer.bos is None else tokenizer.bos]
    if any(token >= train_job.model.vocab for token in prompt):
        raise bad_job(
            f"job.prompt: an id outside the model's vocabulary of {train_job.model.vocab}"
        )
    group: list[int] = []
    chosen = continue_ids(
        model,
        prompt,
        job.max_tokens,
        job.seed,
        job.temperature,
        job.top_k,
        job.top_p,
        frozenset(job.stop),
    )
    for token in chosen:
        group.append(token)
        if len(group) == GROUP:
            events.write("tokens", ids=group)
            group = []
    if group:
        events.write("tokens", ids=group)
