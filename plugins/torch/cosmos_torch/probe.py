"""What is installed, which devices can compute, and what a job will need."""

from __future__ import annotations

import importlib.metadata
import json
import platform
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .job import TrainJob

LIBRARIES = ("torch", "numpy", "pyarrow", "safetensors")
SETUP = "etl setup torch"


@dataclass(frozen=True)
class Device:
    name: str
    memoryBytes: int  # noqa: N815 (the name in the event)


def versions() -> dict[str, str]:
    """Returns the versions of Python and of the libraries that are installed."""
    found = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            found[library] = importlib.metadata.version(library)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def devices() -> list[Device]:
    """Returns the devices that torch can use, the fastest kind first."""
    import os

    import torch

    found = []
    for index in range(torch.cuda.device_count()):
        facts = torch.cuda.get_device_properties(index)
        found.append(Device(f"cuda:{index} {facts.name}", int(facts.total_memory)))
    if torch.backends.mps.is_available():
        found.append(Device("mps", 0))
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return [*found, Device(f"cpu, {os.cpu_count()} cores", pages)]


def print_probe() -> int:
    """Prints readiness as one line of JSON. Never fails."""
    have = versions()
    missing = [
        {"what": f"Python package {library}", "how": SETUP}
        for library in LIBRARIES
        if library not in have
    ]
    found: list[Device] = []
    if "torch" not in [item["what"].split()[-1] for item in missing]:
        try:
            found = devices()
        except Exception as error:  # a broken installation is reported, not raised
            missing.append({"what": f"PyTorch does not start: {error}", "how": SETUP})
    print(
        json.dumps(
            {
                "ready": not missing,
                "devices": [asdict(device) for device in found],
                "versions": have,
                "missing": missing,
            }
        )
    )
    return 0


def plan(job: TrainJob) -> dict[str, Any]:
    """Returns the parameters, steps, operations and memory of a run."""
    from .data.plan import DataState, Timetable
    from .model.flops import body_parameters, flops_per_token
    from .model.llama import count_parameters
    from .model.memory import memory_of

    timetable, state, steps = Timetable(job), DataState(0, 0), 0
    while (step := timetable.next_step(state)) is not None:
        state, steps = timetable.after(step), steps + 1
    flops = sum(
        flops_per_token(job.model, stage.context) * samples * stage.context
        for stage, samples in zip(job.stages, timetable.samples, strict=True)
    )
    notes = (
        []
        if steps == job.schedule.total_steps
        else [f"schedule.totalSteps is {job.schedule.total_steps}"]
    )
    return {
        "parameters": count_parameters(job.model),
        "bodyParameters": body_parameters(job.model),
        "tokens": timetable.total_tokens,
        "steps": steps,
        "flops": flops,
        "memoryBytes": memory_of(job)["total"],
        "notes": notes,
    }


def print_plan(job: TrainJob) -> int:
    print(json.dumps(plan(job)))
    return 0
