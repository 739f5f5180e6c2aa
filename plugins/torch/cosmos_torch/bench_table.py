"""A table of training speeds that needs no corpus, no job file and no Node.

    python -m cosmos_torch bench --presets cosmos-125m cosmos-1.3b --levers

It measures presets and, with --levers, one changed setting at a time. Each measurement runs in its
own process and is printed as a line of JSON as soon as it is finished. A Markdown table follows at
the end. A measurement that runs out of memory is repeated with half the micro-batch.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SHAPES = {
    "tiny": (4, 256, 4, 768, True),
    "cosmos-125m": (12, 768, 12, 2048, True),
    "cosmos-125m-hd128": (12, 768, 6, 2048, True),
    "cosmos-350m": (24, 1024, 16, 2816, True),
    "cosmos-350m-hd128": (24, 1024, 8, 2816, True),
    "cosmos-1.3b": (24, 2048, 16, 5632, False),
    "cosmos-2.6b": (32, 2560, 32, 6912, False),
    "cosmos-2.6b-hd128": (32, 2560, 20, 6912, False),
}
"""Layers, width, heads, FFN size, tied, as in src/train/presets.ts (a test compares the two)."""
TABLE = ("cosmos-125m", "cosmos-1.3b", "cosmos-350m", "cosmos-2.6b")
Change = dict[str, dict[str, Any]]
LEVERS: dict[str, Change] = {
    "without compile": {"backend": {"compile": False}},
    "cuDNN attention": {"options": {"attention": "cudnn"}},
    "flash attention": {"options": {"attention": "flash"}},
    "loss in chunks of 16,384": {"options": {"chunkTokens": 16_384}},
    "micro-batch of 8,192": {"batch": {"microTokens": 8192}},
    "micro-batch of 32,768": {"batch": {"microTokens": 32_768}},
    "heads of 128": {"model": {"headDim": 128}},
    "dropout 0.1": {"model": {"dropout": 0.1}},
    "layers recomputed": {"options": {"recompute": True}},
    "float8": {"backend": {"precision": "float8"}},
}
OUT_OF_MEMORY = 30


def make_job(preset: str, device: str, change: Change) -> dict[str, Any]:
    """Returns a complete job that reads no data, with the lever `change` applied.

    On a GPU, T is 2,048 and V is 64,000. On a CPU both are small.
    """
    layers, width, heads, ffn, tied = SHAPES[preset]
    small, model = device == "cpu", dict(change.get("model", {}))
    heads = width // model.pop("headDim") if "headDim" in model else heads
    context, vocab = (256, 1024) if small else (2048, 64_000)
    micro, tokens = (512, 512) if small else (4096 if width > 2048 else 16_384, 32_768)
    options = {
        "threads": 0,
        "chunkTokens": 4096,
        "recompute": False,
        "attention": "auto",
        **change.get("options", {}),
    }
    digest = "0" * 64
    tokenizer = {"path": "", "sha256": digest, "vocab": vocab, "pad": 0, "bos": 2, "eos": 3}
    backend = {
        "name": "torch",
        "device": device,
        "precision": "float32" if small else "bfloat16",
        "compile": not small,
    }
    sizes = {
        "layers": layers,
        "width": width,
        "heads": heads,
        "kvHeads": heads,
        "ffn": ffn,
        "vocab": vocab,
    }
    rest = {"tied": tied, "ropeTheta": 10_000, "normEps": 1e-5, "dropout": 0, "initStd": 0.02}
    batch = {"startTokens": tokens, "tokens": tokens, "rampTokens": 0, "microTokens": micro}
    return {
        "protocol": 1,
        "task": "train",
        "hash": digest,
        "name": "bench",
        "run": "",
        "seed": 1,
        "preset": preset,
        "backend": {**backend, **change.get("backend", {}), "options": options},
        "data": {"corpora": [], "tokenizer": tokenizer, "mixture": [], "tokens": tokens},
        "model": {**sizes, **rest, **model},
        "optimizer": {
            "type": "adamw",
            "beta1": 0.9,
            "beta2": 0.95,
            "eps": 1e-8,
            "weightDecay": 0.1,
            "clip": 1,
        },
        "schedule": {
            "type": "constant",
            "peak": 3e-4,
            "final": 3e-5,
            "warmupSteps": 0,
            "totalSteps": 100,
        },
        "batch": {**batch, **change.get("batch", {})},
        "stages": [{"context": context, "tokens": tokens}],
        "spikes": {"window": 128, "sigmas": 6},
        "eval": {"everyTokens": 0, "slices": []},
        "checkpoints": {"everyTokens": 0, "everySeconds": 0, "keep": 1},
        "parallel": {"ranks": 1, "data": 1, "shard": "none", "tensor": 1, "pipeline": 1},
        "budget": {"seconds": 0},
        "log": {"everySteps": 1},
        "sample": {"everyTokens": 0, "tokens": 1, "prompts": []},
    }


def levers_of(preset: str, device: str) -> list[str]:
    """Returns the levers that change the job of this preset."""
    plain = make_job(preset, device, {})
    return [lever for lever, change in LEVERS.items() if make_job(preset, device, change) != plain]


def measure(job: dict[str, Any], steps: list[int]) -> dict[str, Any]:
    """Runs a job in its own process and returns its `bench` event, or its `error` event."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "job.json"
        path.write_text(json.dumps(job))
        reader, writer = os.pipe()
        command = [
            sys.executable,
            "-m",
            "cosmos_torch",
            "bench",
            "--job",
            str(path),
            "--steps",
            *map(str, steps),
        ]
        child = subprocess.Popen(
            command, pass_fds=(writer,), env={**os.environ, "ETL_EVENTS_FD": str(writer)}
        )
        os.close(writer)
        with os.fdopen(reader) as lines:
            events = [json.loads(line) for line in lines]
        code = child.wait()
    told = [event for event in events if event["type"] in ("bench", "error")]
    return {
        **(told[-1] if told else {"type": "error", "message": "the process wrote no result"}),
        "exitCode": code,
    }


def bench_table(arguments: argparse.Namespace) -> int:
    """Measures and prints. Returns 0 if every measurement succeeded, otherwise 1."""
    small = arguments.device == "cpu"
    presets = arguments.presets or (["tiny"] if small else list(TABLE))
    runs: list[tuple[str, str, Change]] = [(preset, "", {}) for preset in presets]
    if arguments.levers:
        runs += [
            (presets[0], lever, LEVERS[lever]) for lever in levers_of(presets[0], arguments.device)
        ]
    end, rows, done = time.monotonic() + 60 * arguments.minutes, [], 0
    for preset, lever, change in runs:
        if time.monotonic() > end:
            rows.append(f"| {preset} | {lever} | not measured: out of time |")
            continue
        job = make_job(preset, arguments.device, change)
        found = measure(job, list(arguments.steps))
        for _ in range(3):
            if (
                found["exitCode"] != OUT_OF_MEMORY
                or job["batch"]["microTokens"] <= job["stages"][0]["context"]
            ):
                break
            job["batch"]["microTokens"] //= 2
            found = measure(job, list(arguments.steps))
        print(json.dumps({"lever": lever, **found}), flush=True)
        done += found["type"] == "bench"
        rows.append(row(preset, lever, found))
    print("\n".join([HEAD, "|---" * HEAD.count(" |") + "|", *rows]))
    return 0 if done == len(runs) else 1


HEAD = "| preset | lever | micro-batch | tok/s | MFU, full attention | MFU, 6N | peak memory | on |"


def row(preset: str, lever: str, found: dict[str, Any]) -> str:
    """Returns one row of the table."""
    if found["type"] != "bench":
        return f"| {preset} | {lever} | failed: {found['message']} |"
    shares = [found[name] for name in ("mfuFullAttention", "mfu6N")]
    full, simple = ("unknown" if share is None else f"{100 * share:.1f} %" for share in shares)
    micro, where = (
        found["microBatch"] * found["context"],
        f"{found['device']}, torch {found['torch']}",
    )
    speed, memory = f"{found['tokensPerSecond']:,.0f}", f"{found['memoryBytes'] / 1e9:.1f} GB"
    return f"| {preset} | {lever} | {micro:,} | {speed} | {full} | {simple} | {memory} | {where} |"
