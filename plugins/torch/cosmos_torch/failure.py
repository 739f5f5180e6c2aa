"""Failures with an exit code, a message and a hint, which replace a stack trace in `etl train`."""

from __future__ import annotations

import errno

import torch

DONE, STOPPED, BUDGET = 0, 10, 11
BAD_JOB, DATA_MISMATCH, ENVIRONMENT = 20, 21, 22
OUT_OF_MEMORY, NOT_FINITE, COLLECTIVE, INTERNAL = 30, 31, 32, 40


class TrainFailure(Exception):
    """A mistake outside this package, or a limit of the machine.

    `code` is the kebab-case name in the `error` event.
    """

    def __init__(self, exit_code: int, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.code = code
        self.hint = hint


def bad_job(message: str, hint: str = "Correct the job and start again.") -> TrainFailure:
    """Returns the failure for a job that is invalid or asks for something impossible."""
    return TrainFailure(BAD_JOB, "bad-job", message, hint)


def data_mismatch(message: str, hint: str) -> TrainFailure:
    """Returns the failure for data or a checkpoint that does not belong to the job."""
    return TrainFailure(DATA_MISMATCH, "data-mismatch", message, hint)


DAMAGED = "checkpoint-damaged"


def damaged(message: str) -> TrainFailure:
    """Returns the failure for a checkpoint that is not as it was written."""
    hint = "Remove this checkpoint to use the one before it."
    return TrainFailure(DATA_MISMATCH, DAMAGED, message, hint)


COLLECTIVE_WORDS = (
    "nccl",
    "gloo",
    "connection closed by peer",
    "connection reset",
    "timed out",
    "watchdog",
    "tcpstore",
)


def as_failure(error: BaseException) -> TrainFailure:
    """Turns any exception into a failure with the right exit code.

    A bug in this package gets code 40 and keeps its own message.
    """
    if isinstance(error, TrainFailure):
        return error
    text = str(error).strip() or type(error).__name__
    first_line = text.splitlines()[0][:400]
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "can't allocate memory" in text:
        hint = (
            "Lower batch.microTokens, set options.recompute or parallel.shard fsdp, "
            "or use a smaller model."
        )
        return TrainFailure(OUT_OF_MEMORY, "out-of-memory", first_line, hint)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return TrainFailure(
            ENVIRONMENT, "disk-full", first_line, "Free space and start the same command again."
        )
    is_distributed = isinstance(
        error, (torch.distributed.DistBackendError, torch.distributed.DistNetworkError)
    )
    if is_distributed or (
        isinstance(error, RuntimeError) and any(word in text.lower() for word in COLLECTIVE_WORDS)
    ):
        hint = (
            "Another process died or the network failed; its log has the reason. "
            "Start the same command again."
        )
        return TrainFailure(COLLECTIVE, "collective", first_line, hint)
    hint = "This is a bug in the torch backend. The log of the rank has the stack trace."
    return TrainFailure(INTERNAL, "internal", f"{type(error).__name__}: {first_line}", hint)
