"""Events of a run, one JSON object per line, for the launcher and for events.jsonl."""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .job import PROTOCOL

PING_SECONDS = 10


def finite(value: float) -> float | None:
    """Returns the value, or None if JSON cannot represent it."""
    return value if math.isfinite(value) else None


def write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def next_number(written: bytes) -> int:
    """Returns the number of the event after the last readable one."""
    for line in reversed(written.splitlines()):
        with contextlib.suppress(ValueError, KeyError, TypeError):
            return int(json.loads(line)["seq"]) + 1
    return 0


class Events:
    """Writes events in order, and a `ping` every ten seconds from a thread.

    Only the main process writes. Events go to the descriptor in ETL_EVENTS_FD and, after a call of
    `keep`, also to `<run>/events.jsonl`.
    """

    def __init__(self, speaks: bool) -> None:
        self.lock, self.closed = threading.Lock(), threading.Event()
        self.speaks, self.seq = speaks, 0
        self.follower: Callable[[dict[str, Any]], None] | None = None
        given = os.environ.get("ETL_EVENTS_FD")
        self.descriptors = [int(given)] if speaks and given else []
        if speaks:
            threading.Thread(target=self._ping, name="ping", daemon=True).start()

    def keep(self, run: Path) -> None:
        """From now on also appends events to the run's file.

        Their numbers continue from the last event in the file.
        """
        if not self.speaks:
            return
        file = run / "events.jsonl"
        written = file.read_bytes() if file.exists() else b""
        self.seq = next_number(written)
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        if written and not written.endswith(b"\n"):
            os.write(descriptor, b"\n")  # a process that was killed left half a line
        self.descriptors.append(descriptor)

    def write(self, type: str, **members: Any) -> None:
        with self.lock:
            event = {
                "v": PROTOCOL,
                "seq": self.seq,
                "t": round(time.time(), 3),
                "type": type,
                **members,
            }
            line = (json.dumps(event, allow_nan=False) + "\n").encode()
            self.seq += 1
            for descriptor in list(self.descriptors):
                try:
                    write_all(descriptor, line)
                except OSError as error:
                    # The reader is gone, or the disk is full. Training goes on without this
                    # record: what matters of it is saved, or fails, with the next checkpoint.
                    self.descriptors.remove(descriptor)
                    print(f"events are no longer written: {error}", file=sys.stderr)
        if self.follower is not None:
            self.follower(event)

    def warn(self, message: str, code: str = "damaged-checkpoint") -> None:
        self.write("warn", code=code, message=message)

    def close(self) -> None:
        self.closed.set()

    def _ping(self) -> None:
        while not self.closed.wait(PING_SECONDS):
            self.write("ping")
