"""Runs the backend for tests.

It runs in this process, or as ranks forked from a server that has already imported torch.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import socket
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from corpus import make_job

from cosmos_torch import __main__ as program
from cosmos_torch.failure import as_failure

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    ["cosmos_torch.train", "cosmos_torch.inference.generate", "torch.distributed.tensor.parallel"]
)


@dataclass
class Finished:
    """What a run left: exit codes by rank, and the events."""

    codes: list[int | None]
    events: list[dict[str, Any]]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == kind]

    @property
    def losses(self) -> list[float]:
        return [event["loss"] for event in self.of("step")]

    @property
    def error(self) -> dict[str, Any]:
        return self.of("error")[-1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def environment(values: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def carry_out(command: str, job: Path) -> int:
    """Runs a command as the program does, logs the trace and returns the exit code."""
    try:
        return program.run(command, job)
    except Exception as error:
        traceback.print_exc()
        return as_failure(error).exit_code


def _rank(
    command: str, job: str, variables: dict[str, str], log: str, file_bytes: int | None
) -> None:
    os.environ.update(variables)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(descriptor, 2)
    if file_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    status = carry_out(command, Path(job))
    sys.stderr.flush()
    os._exit(status)


def start(
    run: Path, ranks: int = 1, file_bytes: int | None = None, command: str = "train"
) -> list[ForkServerProcess]:
    """Starts one process per rank on `<run>/job.json`; logs go to `<run>/rank-N.log`."""
    port, processes = str(free_port()), []
    for rank in range(ranks):
        variables = {
            "RANK": str(rank),
            "LOCAL_RANK": str(rank),
            "WORLD_SIZE": str(ranks),
            "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": port,
        }
        arguments = (
            command,
            str(run / "job.json"),
            variables,
            str(run / f"rank-{rank}.log"),
            file_bytes,
        )
        process = FORKS.Process(target=_rank, args=arguments, daemon=True)
        process.start()
        processes.append(process)
    return processes


def events_of(run: Path) -> list[dict[str, Any]]:
    file = run / "events.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def finish(run: Path, processes: list[ForkServerProcess], timeout: float = 240) -> Finished:
    """Waits for all ranks, and kills those that run longer than `timeout` seconds."""
    for process in processes:
        process.join(timeout)
        if process.is_alive():
            process.kill()
            process.join()
    return Finished([process.exitcode for process in processes], events_of(run))


def train(folder: Path, run: Path, ranks: int = 1, **changes: Any) -> Finished:
    """Makes a job with the changes and runs it to its end.

    One rank runs in this process, several run as processes.
    """
    make_job(folder, run, **changes)
    (run / "events.jsonl").unlink(missing_ok=True)
    if ranks > 1:
        return finish(run, start(run, ranks))
    with environment({"RANK": "0", "WORLD_SIZE": "1"}):
        return Finished([carry_out("train", run / "job.json")], events_of(run))


def weights(run: Path) -> dict[str, Any]:
    """Returns all tensors of the newest checkpoint of a run."""
    from cosmos_torch.training.checkpoint import TensorReader, resolve

    reader = TensorReader(resolve(run, "latest"), None)
    return {name: reader.get(name) for name in reader.names()}
