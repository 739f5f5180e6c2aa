"""A dense Llama with the parameter names of Hugging Face, so that an export renames nothing.

Shapes: B rows, T positions (between blocks T/t on each of t tensor-parallel processes), D width, H
heads, K = D/H values per head, V vocabulary.
"""

from __future__ import annotations

import functools
import hashlib

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.distributed.tensor import DTensor, Partial

from ..job import Model
from .loss import compute_type, sum_cross_entropy
from .recompute import Recompute, run_block

KeyValues = list[tuple[Tensor, Tensor]]


@functools.lru_cache(maxsize=8)
def rope_tables(
    length: int, head_dim: int, theta: float, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Returns the cosines and sines [T, K] of rotary embeddings, in float32.

    Rotate-half convention (Su et al. 2021; layout as in GPT-NeoX).
    """
    frequencies = 1.0 / theta ** (
        torch.arange(0, head_dim, 2, device=device, dtype=torch.float32) / head_dim
    )
    angles = torch.outer(torch.arange(length, device=device, dtype=torch.float32), frequencies)
    angles = torch.cat((angles, angles), dim=-1)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Applies rotary embeddings to [B, H, T, K]."""
    half = x.shape[-1] // 2
    turned = torch.cat((-x[..., half:], x[..., :half]), dim=-1)
    return (x * cos + turned * sin).to(x.dtype)


def whole(weight: Tensor) -> Tensor:
    """Returns a replicated parameter as a plain tensor.

    Its gradient on each tensor-parallel process is one term of the sum over all of them.
    """
    if isinstance(weight, DTensor):
        return weight.to_local(grad_placements=[Partial()] * weight.device_mesh.ndim)
    return weight


class RMSNorm(nn.Module):
    """Root mean square norm, computed in float32 (Zhang and Sennrich 2019)."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(width))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        wide = x.float()
        wide = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.eps)
        return whole(self.weight).to(x.dtype) * wide.to(x.dtype)


class Attention(nn.Module):
    """Causal grouped-query attention with rotary embeddings."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.head_dim = model.head_dim
        self.grouped = model.kv_heads != model.heads
        keys = model.kv_heads * model.head_dim
        self.q_proj = nn.Linear(model.width, model.width, bias=False)
        self.k_proj = nn.Linear(model.width, keys, bias=False)
        self.v_proj = nn.Linear(model.width, keys, bias=False)
        self.o_proj = nn.Linear(model.width, model.width, bias=False)
        if model.qk_norm:
            self.q_norm = RMSNorm(model.head_dim, model.norm_eps)
            self.k_norm = RMSNorm(model.head_dim, model.norm_eps)

    def forward(
        self,
        x: Tensor,
        cos: Tensor,
        sin: Tensor,
        past: KeyValues | None = None,
        mask: Tensor | None = None,
    ) -> Tensor:
        """Attends to this and all earlier positions, or to those of `mask` [B, 1, T, T].

        `past` holds the keys and values of earlier positions, at most one pair. It is replaced by
        the pair that includes this call's.
        """
        queries, keys, values = (
            proj(x).unflatten(-1, (-1, self.head_dim)).transpose(1, 2)
            for proj in (self.q_proj, self.k_proj, self.v_proj)
        )
        if hasattr(self, "q_norm"):
            queries, keys = self.q_norm(queries), self.k_norm(keys)
        queries, keys = rotate(queries, cos, sin), rotate(keys, cos, sin)
        causal = True
        if past is not None:
            causal = not past
            if past:
                keys = torch.cat((past[0][0], keys), dim=2)
                values = torch.cat((past[0][1], values), dim=2)
            past[:] = [(keys, values)]
        mixed = F.scaled_dot_product_attention(
            queries,
            keys,
            values.to(queries.dtype),
            attn_mask=mask,
            is_causal=causal and mask is None,
            enable_gqa=self.grouped,
        )
        return self.o_proj(mixed.transpose(1, 2).flatten(2))


class FeedForward(nn.Module):
    """SwiGLU (Shazeer 2020)."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(model.width, model.ffn, bias=False)
        self.up_proj = nn.Linear(model.width, model.ffn, bias=False)
        self.down_proj = nn.Linear(model.ffn, model.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Block(nn.Module):
    """One layer: attention, then feed-forward, each on a normalised copy of the residual stream."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.input_layernorm = RMSNorm(model.width, model.norm_eps)
        self.self_attn = Attention(model)
        self.post_attention_layernorm = RMSNorm(model.width, model.norm_eps)
        self.mlp = FeedForward(model)
        self.dropout = model.dropout

    def forward(
        self,
        x: Tensor,
        cos: Tensor,
        sin: Tensor,
        past: KeyValues | None = None,
        mask: Tensor | None = None,
    ) -> Tensor:
        attended = self.self_attn(self.input_layernorm(x), cos, sin, past, mask)
        x = x + F.dropout(attended, self.dropout, self.training)
        return x + F.dropout(
            self.mlp(self.post_attention_layernorm(x)), self.dropout, self.training
        )


class Embedding(nn.Module):
    """Maps token ids to vectors. It is a module only for the name of its weight."""

    def __init__(self, vocab: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(vocab, width))

    def forward(self, tokens: Tensor) -> Tensor:
        return F.embedding(tokens, whole(self.weight)).to(compute_type(self.weight))


class Body(nn.Module):
    """Embeddings, blocks and final norm. A pipeline stage has only some of them."""

    def __init__(self, model: Model, layers: range, first: bool, last: bool) -> None:
        super().__init__()
        if first:
            self.embed_tokens = Embedding(model.vocab, model.width)
        self.layers = nn.ModuleDict({str(layer): Block(model) for layer in layers})
        if last:
            self.norm = RMSNorm(model.width, model.norm_eps)


class Head(nn.Module):
    """The output matrix [V, D]. Absent if it is tied to the embeddings."""

    def __init__(self, vocab: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(vocab, width))


class Llama(nn.Module):
    """The model, or the layers of one pipeline stage."""

    def __init__(self, config: Model, stage: int = 0, stages: int = 1) -> None:
        super().__init__()
        self.config = config
        self.first, self.last = stage == 0, stage == stages - 1
        layers = range(config.layers * stage // stages, config.layers * (stage + 1) // stages)
        self.model = Body(config, layers, self.first, self.last)
        if self.last and not config.tied:
            self.lm_head = Head(config.vocab, config.width)
        self.chunk_tokens = 4096
        self.z_loss = 0.0
        self.recompute: Recompute = False
        self.document_start: int | None = None
        self.sequence_ranks, self.sequence_rank = 1, 0

    @property
    def output_weight(self) -> Tensor:
        return self.model.embed_tokens.weight if self.config.tied else self.lm_head.weight

    def hidden(self, x: Tensor, past: list[KeyValues] | None = None) -> Tensor:
        """Maps ids [B, T], or the output of the previous stage, to vectors [B, T, D].

        The last stage normalises them. `past` has one list per layer, which caches the keys and
        values of all positions so far.
        """
        done = past[0][0][0].shape[2] if past and past[0] else 0
        length = x.shape[1] * (1 if self.first else self.sequence_ranks)
        cos, sin = rope_tables(
            done + length, self.config.head_dim, self.config.rope_theta, x.device
        )
        mask = None
        if self.first:
            if self.document_start is not None and past is None:
                mask = document_mask(x, self.document_start)
            x = self.model.embed_tokens(self.own_part(x))
            x = F.dropout(x, self.config.dropout, self.training)
        for index, block in enumerate(self.model.layers.values()):
            if self.recompute and self.training:
                x = run_block(self.recompute, block, x, cos, sin, None, mask)
            else:
                cache = past[index] if past is not None else None
                x = block(x, cos[done:], sin[done:], cache, mask)
        return self.model.norm(x) if self.last else x

    def own_part(self, ids: Tensor) -> Tensor:
        """Returns the positions [B, T/t] whose residual stream this process holds.

        This is sequence parallelism.
        """
        return ids.chunk(self.sequence_ranks, dim=1)[self.sequence_rank]

    def loss(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """Returns the summed cross-entropy over this process's positions, from the final norm."""
        flat = self.own_part(targets).flatten()
        return sum_cross_entropy(
            hidden.flatten(0, 1), whole(self.output_weight), flat, self.chunk_tokens, self.z_loss
        )

    def forward(self, tokens: Tensor, targets: Tensor | None = None) -> Tensor:
        """Returns the summed loss if targets are given, else the vectors for the next stage."""
        hidden = self.hidden(tokens)
        return hidden if targets is None else self.loss(hidden, targets)

    def logits(self, hidden: Tensor) -> Tensor:
        """Returns the scores [B, T, V] in float32."""
        return F.linear(hidden, whole(self.output_weight).to(hidden.dtype)).float()


def document_mask(ids: Tensor, start: int) -> Tensor:
    """Returns which positions [B, 1, T, T] see each other: those of one document, backwards.

    A document begins with the id `start`. What stands before the first one is a document too.
    """
    documents = (ids == start).cumsum(dim=1)
    same = documents[:, :, None] == documents[:, None, :]
    return same.tril().unsqueeze(1)


def initial_value(name: str, shape: torch.Size, config: Model, seed: int) -> Tensor:
    """Returns the initial value of a parameter.

    It depends only on the name and the seed, so it is the same under every form of parallelism.
    Weights are normal with standard deviation initStd. The two projections into the residual stream
    of each layer are scaled by 1/√(2·layers) (Radford et al. 2019, section 2.3). Norms start at
    one.
    """
    if name.endswith("norm.weight"):
        return torch.ones(shape)
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    generator = torch.Generator().manual_seed(int.from_bytes(digest[:8], "little") >> 1)
    scale = (
        (2 * config.layers) ** -0.5 if name.endswith(("o_proj.weight", "down_proj.weight")) else 1.0
    )
    return torch.empty(shape).normal_(0.0, config.init_std * scale, generator=generator)


def count_parameters(config: Model) -> int:
    """Counts the parameters of the whole model. Tied embeddings count once."""
    keys = config.kv_heads * config.head_dim
    layer = (
        2 * config.width * config.width
        + 2 * config.width * keys
        + 3 * config.width * config.ffn
        + 2 * config.width
        + (2 * config.head_dim if config.qk_norm else 0)
    )
    return (
        config.layers * layer
        + config.width
        + (1 if config.tied else 2) * config.vocab * config.width
    )
