"""Token shards and jobs for tests: small, seeded, in the real format."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

VOCAB, BOS, EOS = 96, 1, 2
GROUPS = ("wiki/prose/ar", "wiki/prose/en", "github/code/python")
SCHEMA = pa.schema(
    [
        ("tokens", pa.large_list(pa.field("item", pa.uint16(), nullable=False))),
        ("doc_id", pa.utf8()),
        ("source", pa.utf8()),
        ("lang", pa.utf8()),
        ("bytes", pa.uint32()),
    ]
)


def document(rng: np.random.Generator, base: int) -> list[int]:
    """Returns a walk over 30 ids from `base` on that mostly steps by one.

    A small model learns it quickly.
    """
    length = int(rng.integers(20, 120))
    steps = np.where(rng.random(length) < 0.85, 1, rng.integers(2, 9, length))
    return [BOS, *((base + np.cumsum(steps) % 30).tolist()), EOS]


def write_shard(
    path: Path, documents: list[list[int]], source: str, lang: str, rows: int = 40
) -> list[str]:
    """Writes an uncompressed Arrow IPC file with several record batches; returns their hashes."""
    hashes = []
    path.parent.mkdir(parents=True, exist_ok=True)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, SCHEMA) as writer:
        for start in range(0, len(documents), rows):
            part = documents[start : start + rows]
            size = len(part)
            ids = [f"{source}:{start + row}" for row in range(size)]
            columns = [
                part,
                ids,
                [source] * size,
                [lang] * size,
                [3 * len(tokens) for tokens in part],
            ]
            arrays = [
                pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)
            ]
            writer.write_batch(pa.record_batch(arrays, schema=SCHEMA))
            ids = np.concatenate([np.array(tokens, dtype="<u2") for tokens in part])
            ends = np.cumsum([0, *map(len, part)]).astype("<i8")
            sizes = np.array([3 * len(tokens) for tokens in part], dtype="<u4")
            hashes.append(hashlib.sha256(b"".join(map(bytes, (ids, ends, sizes)))).hexdigest())
    return hashes


def write_corpus(folder: Path, documents: int = 150) -> dict[str, Any]:
    """Writes shards of three groups in two splits, and returns their manifest."""
    shards = []
    for number, group in enumerate(GROUPS):
        source, _, lang = group.split("/")
        for split, count in (("train", documents), ("eval", max(4, documents // 10))):
            rng = np.random.default_rng(100 * number + len(split))
            made = [document(rng, 5 + 30 * number) for _ in range(count)]
            path = folder / split / f"{group.replace('/', '-')}.arrow"
            batches = write_shard(path, made, source, lang)
            tokens = sum(map(len, made))
            shards.append(
                {
                    "path": str(path.relative_to(folder)),
                    "split": split,
                    "group": group,
                    "documents": count,
                    "tokens": tokens,
                    "textBytes": 3 * tokens,
                    "bytes": path.stat().st_size,
                    "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                    "batches": batches,
                }
            )
    manifest = {
        "format": "cosmos-tokens",
        "version": 1,
        "corpus": "test",
        "dtype": "uint16",
        "fingerprint": hashlib.sha256(json.dumps(shards).encode()).hexdigest(),
        "tokenizer": {
            "path": "..",
            "sha256": "1" * 64,
            "vocab": VOCAB,
            "pad": 0,
            "bos": BOS,
            "eos": EOS,
        },
        "groups": [],
        "shards": shards,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return manifest


def write_numbered_corpus(folder: Path) -> None:
    """Writes shards in which every id occurs once. A tenth of the documents is long."""
    rng, shards, made = np.random.default_rng(5), [], 0
    for group in GROUPS:
        documents: list[list[int]] = []
        for _ in range(300):
            size = int(rng.integers(100, 300) if rng.random() < 0.1 else rng.integers(5, 40))
            documents.append(list(range(made, made + size)))
            made += size
        path = folder / "train" / f"{group.replace('/', '-')}.arrow"
        write_shard(path, documents, *group.split("/")[::2])
        tokens = sum(map(len, documents))
        name = str(path.relative_to(folder))
        shards.append({"path": name, "split": "train", "group": group, "tokens": tokens})
    assert made < 65_536
    manifest = {
        "fingerprint": hashlib.sha256(json.dumps(shards).encode()).hexdigest(),
        "tokenizer": {"path": "..", "sha256": "1" * 64, "vocab": 96, "pad": 0, "bos": 1, "eos": 2},
        "shards": shards,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))


def make_job(folder: Path, run: Path, **changes: Any) -> dict[str, Any]:
    """Writes and returns a resolved job over the corpus in `folder`.

    `changes` replace members; an object replaces only its own members, as in `schedule={'peak':
    1}`.
    """
    manifest = json.loads((folder / "manifest.json").read_text())
    available = {
        group: sum(
            shard["tokens"]
            for shard in manifest["shards"]
            if (shard["group"], shard["split"]) == (group, "train")
        )
        for group in GROUPS
    }
    tokenizer = {**manifest["tokenizer"], "path": str(folder)}
    total = 12 * 16 * 32
    job: dict[str, Any] = {
        "protocol": 1,
        "task": "train",
        "hash": "a" * 64,
        "name": "test",
        "run": str(run),
        "seed": 7,
        "preset": "test",
        "backend": {
            "name": "torch",
            "device": "cpu",
            "precision": "float32",
            "compile": False,
            "options": {"threads": 1},
        },
        "data": {
            "corpora": [{"path": str(folder), "fingerprint": manifest["fingerprint"]}],
            "tokenizer": tokenizer,
            "mixture": [
                {
                    "name": group,
                    "groups": [group],
                    "available": available[group],
                    "tokens": total // 3,
                }
                for group in GROUPS
            ],
            "tokens": total,
        },
        "model": {
            "layers": 2,
            "width": 32,
            "heads": 4,
            "kvHeads": 2,
            "ffn": 64,
            "vocab": VOCAB,
            "tied": False,
            "ropeTheta": 10000,
            "normEps": 1e-5,
            "dropout": 0,
            "initStd": 0.05,
        },
        "optimizer": {
            "type": "adamw",
            "beta1": 0.9,
            "beta2": 0.95,
            "eps": 1e-8,
            "weightDecay": 0.1,
            "clip": 1,
        },
        "schedule": {
            "type": "cosine",
            "peak": 0.01,
            "final": 0.001,
            "warmupSteps": 3,
            "totalSteps": 12,
        },
        "batch": {
            "startTokens": 16 * 32,
            "tokens": 16 * 32,
            "rampTokens": 0,
            "microTokens": 4 * 32,
        },
        "stages": [{"context": 32, "tokens": total}],
        "spikes": {"window": 128, "sigmas": 6},
        "eval": {
            "everyTokens": 0,
            "slices": [
                {"name": group, "split": "eval", "groups": [group], "tokens": 600}
                for group in GROUPS
            ],
        },
        "checkpoints": {"everyTokens": 0, "everySeconds": 0, "keep": 2},
        "parallel": {"ranks": 1, "data": 1, "shard": "none", "tensor": 1, "pipeline": 1},
        "budget": {"seconds": 0},
        "log": {"everySteps": 1},
        "sample": {"everyTokens": 0, "tokens": 8, "prompts": []},
    }
    for key, change in changes.items():
        job[key] = (
            {**job[key], **change}
            if isinstance(change, dict) and isinstance(job.get(key), dict)
            else change
        )
    run.mkdir(parents=True, exist_ok=True)
    (run / "job.json").write_text(json.dumps(job))
    return job
