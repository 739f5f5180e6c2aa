"""Events of a run, one JSON object per line, for the launcher and for events.jsonl."""

from __future__ import annotations

import contextlib
import json
import math
import os
import threading
import time
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


class Events:
    """Writes events in order, and a `ping` every ten seconds from a thread.

    Only the main process writes. Events go to the descriptor in ETL_EVENTS_FD and, after a call of
    `keep`, also to `<run>/events.jsonl`.
    """

    def __init__(self, speaks: bool) -> None:
        self.lock, self.closed = threading.Lock(), threading.Event()
        self.speaks, self.seq = speaks, 0
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
        if file.exists():
            with contextlib.suppress(ValueError, KeyError, IndexError):
                self.seq = int(json.loads(file.read_bytes().splitlines()[-1])["seq"]) + 1
        self.descriptors.append(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644))

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
                except BrokenPipeError:
                    # The reader is gone. If the launcher died, this process is about to end, too.
                    self.descriptors.remove(descriptor)

    def close(self) -> None:
        self.closed.set()

    def _ping(self) -> None:
        while not self.closed.wait(PING_SECONDS):
            self.write("ping")
