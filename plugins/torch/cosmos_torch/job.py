"""Job files as typed values. src/core/train-job.ts resolves every default, so none is set here."""

from __future__ import annotations

import json
import re
import types
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from .failure import bad_job

PROTOCOL = 1


@dataclass(frozen=True)
class Tokenizer:
    """The tokenizer's folder and its special ids."""

    path: str
    sha256: str
    vocab: int
    pad: int | None
    bos: int | None
    eos: int


@dataclass(frozen=True)
class Corpus:
    """A folder of token shards."""

    path: str
    fingerprint: str


@dataclass(frozen=True)
class Component:
    """One pool of the mixture. `tokens` is its share of the whole run."""

    name: str
    groups: tuple[str, ...]
    available: int
    tokens: int


@dataclass(frozen=True)
class Data:
    corpora: tuple[Corpus, ...]
    tokenizer: Tokenizer
    mixture: tuple[Component, ...]
    tokens: int
    document_mask: bool = False
    order: Literal[1, 2] = 1


@dataclass(frozen=True)
class Model:
    """A dense Llama. Its sizes are named as in the presets."""

    layers: int
    width: int
    heads: int
    kv_heads: int
    ffn: int
    vocab: int
    tied: bool
    rope_theta: float
    norm_eps: float
    dropout: float
    init_std: float
    qk_norm: bool = False

    @property
    def head_dim(self) -> int:
        return self.width // self.heads


@dataclass(frozen=True)
class Backend:
    name: str
    device: Literal["cpu", "cuda", "mps"]
    precision: Literal["float32", "bfloat16", "float8"]
    compile: bool
    options: dict[str, Any]


@dataclass(frozen=True)
class Optimizer:
    """AdamW, or Muon for the matrices of the layers and AdamW for the rest."""

    type: Literal["adamw", "muon"]
    beta1: float
    beta2: float
    eps: float
    weight_decay: float
    clip: float
    momentum: float = 0.95
    z_loss: float = 0.0


@dataclass(frozen=True)
class Schedule:
    type: Literal["cosine", "linear", "constant", "wsd"]
    peak: float
    final: float
    warmup_steps: int
    total_steps: int
    warmup_from: float = 0.0
    decay_steps: int = 0
    decay_shape: Literal["linear", "1-sqrt"] = "linear"


@dataclass(frozen=True)
class Stage:
    context: int
    tokens: int


@dataclass(frozen=True)
class Batch:
    start_tokens: int
    tokens: int
    ramp_tokens: int
    micro_tokens: int


@dataclass(frozen=True)
class Spikes:
    window: int
    sigmas: float


@dataclass(frozen=True)
class Slice:
    """Held-out documents that are scored together.

    They are whole documents, taken in manifest order until `tokens` is reached.
    """

    name: str
    split: Literal["eval", "test"]
    groups: tuple[str, ...]
    tokens: int


@dataclass(frozen=True)
class Evaluation:
    every_tokens: int
    slices: tuple[Slice, ...]


@dataclass(frozen=True)
class Checkpoints:
    every_tokens: int
    every_seconds: int
    keep: int
    keep_permanent: int = 0


@dataclass(frozen=True)
class Parallel:
    ranks: int
    data: int
    shard: Literal["none", "fsdp"]
    tensor: int
    pipeline: int


@dataclass(frozen=True)
class Budget:
    seconds: int


@dataclass(frozen=True)
class Log:
    every_steps: int


@dataclass(frozen=True)
class Sample:
    every_tokens: int
    tokens: int
    prompts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Start:
    """The checkpoint of another run that a fork takes weights and optimizer from.

    If it `continues`, steps and data go on from there; otherwise they begin anew.
    """

    run: str
    checkpoint: str
    hash: str
    continues: bool


@dataclass(frozen=True)
class TrainJob:
    protocol: int
    task: Literal["train"]
    hash: str
    name: str
    run: str
    seed: int
    backend: Backend
    data: Data
    preset: str
    model: Model
    optimizer: Optimizer
    schedule: Schedule
    batch: Batch
    stages: tuple[Stage, ...]
    spikes: Spikes
    eval: Evaluation
    checkpoints: Checkpoints
    parallel: Parallel
    budget: Budget
    log: Log
    sample: Sample
    start: Start | None = None


@dataclass(frozen=True)
class EvalJob:
    protocol: int
    task: Literal["eval"]
    run: str
    checkpoint: str
    slices: tuple[Slice, ...]


@dataclass(frozen=True)
class ExportJob:
    protocol: int
    task: Literal["export"]
    run: str
    checkpoint: str
    format: Literal["huggingface"]
    output: str


@dataclass(frozen=True)
class GenerateJob:
    protocol: int
    task: Literal["generate"]
    run: str
    checkpoint: str
    prompt: tuple[int, ...]
    max_tokens: int
    temperature: float
    top_p: float
    top_k: int
    stop: tuple[int, ...]
    seed: int


Job = TrainJob | EvalJob | ExportJob | GenerateJob
JOBS: dict[str, type[Job]] = {
    "train": TrainJob,
    "eval": EvalJob,
    "export": ExportJob,
    "generate": GenerateJob,
}


def read_job(path: str | Path) -> Job:
    """Reads a job file. Missing, unknown and wrongly typed members are `bad-job` failures."""
    try:
        value = json.loads(Path(path).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise bad_job(f"{path}: not a readable job file: {error}") from error
    return parse_job(value)


def parse_job(value: Any) -> Job:
    """Parses a job from a JSON value."""
    if not isinstance(value, dict):
        raise bad_job("job: not an object")
    if value.get("protocol") != PROTOCOL:
        raise bad_job(
            f"job.protocol: {value.get('protocol')!r}, but this backend speaks {PROTOCOL}",
            "Update cosmos-etl or the backend so that both speak the same protocol.",
        )
    task = value.get("task")
    if task not in JOBS:
        raise bad_job(f"job.task: {task!r} is none of {', '.join(JOBS)}")
    job = _parse(JOBS[task], value, "job")
    if isinstance(job, TrainJob):
        check_train_job(job)
    return job


def read_train_job(run: str | Path) -> TrainJob:
    """Reads the training job of a run folder."""
    job = read_job(Path(run) / "job.json")
    if not isinstance(job, TrainJob):
        raise bad_job(f"{run}/job.json: not a training job")
    return job


def check_train_job(job: TrainJob) -> None:
    """Checks what types cannot express: divisible sizes and supported combinations."""
    model, parallel = job.model, job.parallel
    rules = [
        (
            job.backend.precision != "float8" or parallel.tensor * parallel.pipeline == 1,
            "backend.precision: float8 cannot be combined with tensor or pipeline parallelism",
        ),
        (
            model.width % model.heads == 0,
            f"model.width {model.width} is not a multiple of model.heads {model.heads}",
        ),
        (
            model.head_dim % 2 == 0,
            f"model: head size {model.head_dim} is odd, but rotary embeddings need pairs",
        ),
        (model.heads % model.kv_heads == 0, "model.heads is not a multiple of model.kvHeads"),
        (model.vocab >= job.data.tokenizer.vocab, "model.vocab is smaller than the tokenizer's"),
        (
            parallel.ranks == parallel.data * parallel.tensor * parallel.pipeline,
            f"parallel.ranks {parallel.ranks} is not data × tensor × pipeline",
        ),
        (
            model.kv_heads % parallel.tensor == 0,
            "model.kvHeads is not a multiple of parallel.tensor",
        ),
        (model.ffn % parallel.tensor == 0, "model.ffn is not a multiple of parallel.tensor"),
        (model.layers >= parallel.pipeline, "parallel.pipeline is larger than model.layers"),
        (
            parallel.pipeline == 1 or not model.tied,
            "parallel.pipeline: tied embeddings cannot be split over stages",
        ),
        (
            parallel.pipeline == 1 or not job.data.document_mask,
            "data.documentMask: later stages of a pipeline do not see where documents begin",
        ),
        (
            job.data.tokenizer.bos is not None or not job.data.document_mask,
            "data.documentMask: the tokenizer has no id that begins a document",
        ),
        (
            parallel.pipeline == 1 or parallel.shard == "none",
            "parallel.shard: fsdp cannot be combined with a pipeline; use none",
        ),
    ]
    rules += [
        (
            stage.context % parallel.tensor == 0,
            f"stages: context {stage.context} is not a multiple of parallel.tensor",
        )
        for stage in job.stages
    ]
    broken = [message for holds, message in rules if not holds]
    if broken:
        raise bad_job("; ".join(broken))


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: "_" + letter.group().lower(), name)


def _parse(kind: Any, value: Any, where: str) -> Any:
    """Parses `value` as a `kind` and checks its type.

    Dataclasses come from objects with camelCase members, tuples from arrays.
    """
    if is_dataclass(kind):
        if not isinstance(value, dict):
            raise bad_job(f"{where}: not an object")
        hints = get_type_hints(kind)
        given = {_snake(key): inner for key, inner in value.items()}
        wanted = {field.name for field in fields(kind)}
        optional = {field.name for field in fields(kind) if field.default is not MISSING}
        for name in sorted(wanted - given.keys() - optional):
            raise bad_job(f"{where}.{name}: missing")
        for name in sorted(given.keys() - wanted):
            raise bad_job(
                f"{where}.{name}: unknown to this backend",
                "Use the backend and cosmos-etl of the same release.",
            )
        return kind(
            **{
                name: _parse(hints[name], given[name], f"{where}.{name}")
                for name in wanted & given.keys()
            }
        )
    origin = get_origin(kind)
    if origin is tuple:
        if not isinstance(value, list):
            raise bad_job(f"{where}: not an array")
        return tuple(
            _parse(get_args(kind)[0], inner, f"{where}[{index}]")
            for index, inner in enumerate(value)
        )
    if origin is Literal:
        if value not in get_args(kind):
            raise bad_job(f"{where}: {value!r} is none of {', '.join(get_args(kind))}")
        return value
    if origin in (Union, types.UnionType):
        return None if value is None else _parse(get_args(kind)[0], value, where)
    expected = (int, float) if kind is float else (dict if origin is dict else kind)
    is_wrong_bool = isinstance(value, bool) and kind is not bool
    if is_wrong_bool or not isinstance(value, expected):
        raise bad_job(f"{where}: {value!r} is not of type {getattr(kind, '__name__', kind)}")
    return float(value) if kind is float else value
