"""The command line that `etl train` starts: `python -m cosmos_torch <command> --job <file>`.

Commands: probe, plan, train, eval, export, generate, bench.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import platform
import signal
import sys
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .events import Events
    from .job import Job, TrainJob

TASKS = ("train", "eval", "export", "generate", "bench")
BENCH_STEPS = (20, 50)


def main() -> int:
    """Runs one command and returns the exit code that the protocol defines."""
    parser = argparse.ArgumentParser(prog="cosmos_torch", description=__doc__)
    parser.add_argument("command", choices=("probe", "plan", *TASKS))
    parser.add_argument(
        "--job", type=Path, help="job file; probe needs none, bench makes its own if none is given"
    )
    parser.add_argument(
        "--presets", nargs="+", help="bench without a job: model sizes to measure, in this order"
    )
    parser.add_argument(
        "--levers",
        action="store_true",
        help="bench without a job: also measure each lever on the first size",
    )
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument(
        "--minutes",
        type=float,
        default=9.0,
        help="bench without a job: start no measurement after this many minutes",
    )
    parser.add_argument(
        "--steps",
        type=int,
        nargs=2,
        default=BENCH_STEPS,
        help="bench: number of warm-up steps and of timed steps",
    )
    arguments = parser.parse_args()
    die_with_parent()
    if arguments.command == "probe":
        from .probe import print_probe

        return print_probe()
    from .failure import as_failure, bad_job

    try:
        if arguments.job is None and arguments.command == "bench":
            from .bench_table import bench_table

            return bench_table(arguments)
        if arguments.job is None:
            raise bad_job(f"{arguments.command}: --job is missing")
        return run(arguments.command, arguments.job, tuple(arguments.steps))
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            return 128 + signal.SIGINT
        traceback.print_exc()
        return as_failure(error).exit_code


def run(command: str, path: Path, steps: tuple[int, int] = BENCH_STEPS) -> int:
    """Reads the job and runs the command. A failure is written as an `error` event, then raised."""
    from .events import Events
    from .failure import as_failure

    is_main = os.environ.get("RANK", "0") == "0"
    events = Events(speaks=is_main and command in TASKS)
    try:
        job = open_job(command, path, events)
        if command in TASKS:
            hello(events)
        return dispatch(command, job, events, steps)
    except Exception as error:
        failure = as_failure(error)
        events.write("error", code=failure.code, message=str(failure), hint=failure.hint)
        raise
    finally:
        events.close()


def open_job(command: str, path: Path, events: Events) -> Job:
    """Reads the job, and opens the event file of a training run.

    The event file is in the run folder, or beside a job file that cannot be read.
    """
    from .failure import TrainFailure
    from .job import TrainJob, read_job

    try:
        job = read_job(path)
    except TrainFailure:
        if command == "train" and path.parent.is_dir():
            events.keep(path.parent)
        raise
    if isinstance(job, TrainJob) and command == "train":
        events.keep(Path(job.run))
    return job


def dispatch(command: str, job: Job, events: Events, steps: tuple[int, int]) -> int:
    """Runs the command. Modules that are slow to import are imported only here."""
    from .failure import bad_job
    from .job import EvalJob, ExportJob, GenerateJob, TrainJob

    if isinstance(job, TrainJob) and command == "train":
        return train(job, events)
    if isinstance(job, TrainJob) and command == "plan":
        from .probe import print_plan

        return print_plan(job)
    if isinstance(job, TrainJob) and command == "bench":
        from .bench import bench

        set_up_torch(job)
        return bench(job, events, steps)
    if isinstance(job, ExportJob) and command == "export":
        from .inference.export import export

        export(job, events)
    elif isinstance(job, GenerateJob) and command == "generate":
        from .inference.generate import generate

        generate(job, events)
    elif isinstance(job, EvalJob) and command == "eval":
        from .evaluation.score import score

        events.write("eval", **score(job, events.warn))
    else:
        raise bad_job(f"job.task is {job.task}, but the command is {command}")
    return 0


def train(job: TrainJob, events: Events) -> int:
    """Joins the other processes, trains, and returns the exit code."""
    from .distributed.parallel import join_world, leave_world
    from .train import Run

    set_up_torch(job)
    world = join_world(
        job.backend, job.parallel, float(job.backend.options.get("collectiveTimeoutSeconds", 600))
    )
    code = Run(job, world, events).go()
    leave_world()
    return code


def set_up_torch(job: TrainJob) -> None:
    """Sets the number of threads and the precision of float32 matrix products."""
    import torch

    threads = int(job.backend.options.get("threads", 0)) or int(
        os.environ.get("OMP_NUM_THREADS", "0")
    )
    if job.backend.device == "cpu":
        torch.set_num_threads(threads or max(1, (os.cpu_count() or 1) // job.parallel.ranks))
    torch.set_float32_matmul_precision("highest" if job.backend.precision == "float32" else "high")


def hello(events: Events) -> None:
    from .probe import devices, versions

    events.write(
        "hello",
        protocol=1,
        backend="torch",
        versions=versions(),
        devices=[asdict(device) for device in devices()],
        ranks=int(os.environ.get("WORLD_SIZE", "1")),
        capabilities=["train", "eval", "export", "generate", "bench"],
    )


def die_with_parent() -> None:
    """Ends this process when the launcher in ETL_PARENT_PID dies, so that no orphan keeps a GPU.

    Works on Linux only.
    """
    launcher = os.environ.get("ETL_PARENT_PID")
    if launcher is None:
        return
    # The launcher receives Ctrl-C and asks this process to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if platform.system() == "Linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
        if os.getppid() != int(launcher):
            sys.exit(128 + signal.SIGKILL)


if __name__ == "__main__":
    sys.stdout.flush()
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # does not wait for prefetch and watchdog threads
