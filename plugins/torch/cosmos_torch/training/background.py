"""Checkpoints that are written while training goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from torch import Tensor


def on_cpu(tensors: Iterator[tuple[str, Tensor]], keeps: bool) -> list[tuple[str, Tensor]]:
    """Returns copies that later steps do not change; none on processes that write nothing.

    All processes must call this, because whole tensors are gathered on the way.
    """
    copies = []
    for name, value in tensors:
        if keeps:
            copies.append((name, value.detach().to("cpu", copy=True).contiguous()))
    return copies


class Background:
    """Does one piece of work at a time in a thread. Its failure is raised by `wait`."""

    def __init__(self) -> None:
        self.thread: threading.Thread | None = None
        self.failure: BaseException | None = None

    def start(self, work: Callable[[], None]) -> None:
        self.wait()

        def run() -> None:
            try:
                work()
            except BaseException as error:  # raised where the work is waited for
                self.failure = error

        self.thread = threading.Thread(target=run, name="checkpoint", daemon=True)
        self.thread.start()

    def wait(self) -> None:
        if self.thread is not None:
            self.thread.join()
            self.thread = None
        if self.failure is not None:
            failure, self.failure = self.failure, None
            raise failure
