"""Reads the tokens of the next steps in a thread while the current step computes."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator

import torch
from torch import Tensor

from .plan import DataState, StepData, StepPlan, Timetable

AHEAD = 2
"""Steps read ahead. At most AHEAD + 2 batches are in memory."""

Loaded = tuple[StepPlan, Tensor]


class Prefetcher:
    """Iterates over (step, tokens) from `state` on. Tokens are int32, and pinned for a GPU."""

    def __init__(
        self, timetable: Timetable, data: StepData, state: DataState, pinned: bool
    ) -> None:
        self.timetable, self.data, self.state, self.pinned = timetable, data, state, pinned
        self.ready: queue.Queue[Loaded | BaseException | None] = queue.Queue(AHEAD)
        self.closed = threading.Event()
        self.thread = threading.Thread(target=self._run, name="prefetch", daemon=True)
        self.thread.start()
        self.waited_seconds = 0.0

    def __iter__(self) -> Iterator[Loaded]:
        while True:
            begin = time.perf_counter()
            item = self.ready.get()
            self.waited_seconds += time.perf_counter() - begin
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            yield item

    def close(self) -> None:
        """Stops the thread and discards what it has read."""
        self.closed.set()
        while not self.ready.empty():
            self.ready.get_nowait()
        self.thread.join()

    def _run(self) -> None:
        try:
            state = self.state
            while (step := self.timetable.next_step(state)) is not None:
                tokens = torch.from_numpy(self.data.load(step))
                if not self._put((step, tokens.pin_memory() if self.pinned else tokens)):
                    return
                state = self.timetable.after(step)
            self._put(None)
        except BaseException as error:  # passed to the consumer, which raises it
            self._put(error)

    def _put(self, item: Loaded | BaseException | None) -> bool:
        while not self.closed.is_set():
            try:
                self.ready.put(item, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False
