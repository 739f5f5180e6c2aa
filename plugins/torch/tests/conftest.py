"""Fixtures: one corpus for all tests, and a way to run the backend as processes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from corpus import make_job, write_corpus  # noqa: E402


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tokens")
    write_corpus(folder)
    return folder


@dataclass
class Finished:
    """What is left of a run: exit codes by rank, events, standard error of rank 0."""

    codes: list[int]
    events: list[dict[str, Any]]
    log: str

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == kind]

    @property
    def losses(self) -> list[float]:
        return [event["loss"] for event in self.of("step")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(run: Path, command: str = "train", ranks: int = 1, **environment: str) -> list[subprocess.Popen[str]]:
    """Starts the backend on `<run>/job.json`, one process a rank."""
    shared = {
        **os.environ,
        "PYTHONPATH": str(HERE.parent),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(free_port()),
        "WORLD_SIZE": str(ranks),
        "OMP_NUM_THREADS": "1",
        **environment,
    }
    shared.pop("ETL_EVENTS_FD", None)
    return [
        subprocess.Popen(
            [sys.executable, "-m", "cosmos_torch", command, "--job", str(run / "job.json")],
            env={**shared, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(ranks)
    ]


def events_of(run: Path) -> list[dict[str, Any]]:
    file = run / "events.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def finish(run: Path, processes: list[subprocess.Popen[str]], timeout: float = 120) -> Finished:
    logs = [process.communicate(timeout=timeout) for process in processes]
    return Finished(
        [process.returncode for process in processes], events_of(run), "\n".join(error for _, error in logs)
    )


def train(folder: Path, run: Path, ranks: int = 1, **changes: Any) -> Finished:
    """Resolves a job with the changes and runs it to its end."""
    make_job(folder, run, **changes)
    (run / "events.jsonl").unlink(missing_ok=True)
    return finish(run, start(run, ranks=ranks))
