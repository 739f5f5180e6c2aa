"""Events of a run: one JSON object a line, to the descriptor that the launcher opened or to events.jsonl."""

from __future__ import annotations

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
    """A number as JSON can hold it."""
    return value if math.isfinite(value) else None


class Events:
    """Writes events in order, and a `ping` every ten seconds from a thread. Only the main process speaks."""

    def __init__(self, run: str | None, speaks: bool) -> None:
        self.lock, self.closed = threading.Lock(), threading.Event()
        self.seq, self.descriptor = 0, -1
        if not speaks:
            return
        given = os.environ.get("ETL_EVENTS_FD")
        if given:
            self.descriptor = int(given)
        elif run is not None:
            self.descriptor = os.open(Path(run) / "events.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        threading.Thread(target=self._ping, name="ping", daemon=True).start()

    def write(self, type: str, **members: Any) -> None:
        if self.descriptor < 0:
            return
        with self.lock:
            event = {"v": PROTOCOL, "seq": self.seq, "t": round(time.time(), 3), "type": type, **members}
            line = (json.dumps(event, allow_nan=False) + "\n").encode()
            self.seq += 1
            try:
                while line:
                    line = line[os.write(self.descriptor, line) :]
            except BrokenPipeError:
                self.descriptor = -1  # the reader is gone; the parent's death signal ends us

    def close(self) -> None:
        self.closed.set()

    def _ping(self) -> None:
        while not self.closed.wait(PING_SECONDS):
            self.write("ping")
