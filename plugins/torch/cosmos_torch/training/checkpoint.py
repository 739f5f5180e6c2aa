"""Checkpoints are complete or absent: tensors, then their hashes in a manifest, then COMPLETE.

    checkpoints/step-0000120000/
      model-s0-00001.safetensors …      float32 parameters, Hugging Face names, about 1 GiB a file
      optimizer-s0-00001.safetensors …  <name>.exp_avg, <name>.exp_avg_sq, <name>.step; guard.*
      data_state.json                   position in the data; no random state (see Trainer.seed)
      manifest.json                     job hash, step, every file with size and SHA-256
      COMPLETE                          SHA-256 of manifest.json, written last
    latest                              name of the newest complete folder

Tensors are written whole, one at a time, under every form of parallelism. A run can therefore
resume with any number of processes.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch.distributed as dist
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from ..distributed.parallel import World
from ..failure import DAMAGED, ENVIRONMENT, TrainFailure, damaged, data_mismatch

FILE_BYTES = 1 << 30
NAME = re.compile(r"step-\d{10}")
NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class RunState:
    """Everything about a run that is not a tensor."""

    step: int
    tokens: int
    stage: int
    samples: int
    seed: int
    fingerprints: tuple[str, ...]
    smoothed_loss: float | None
    control_seq: int
    permanent: bool
    skipped: tuple[int, ...] = ()
    """Numbers of the last steps that changed nothing, at most 1,000."""
    went_back: bool = False
    """Whether the weights were taken back to an earlier checkpoint once."""
    protected: bool = False
    """Whether it is kept whatever is pruned."""


def folder_name(step: int) -> str:
    return f"step-{step:010d}"


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_durably(path: Path, text: str) -> None:
    """Writes a small file under a temporary name, syncs it, and renames it."""
    draft = path.with_name(path.name + ".tmp")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


class TensorWriter:
    """Collects tensors and writes a file each time they reach 1 GiB.

    Only writing processes collect anything.
    """

    def __init__(self, folder: Path, prefix: str, writes: bool) -> None:
        self.folder, self.prefix, self.writes = folder, prefix, writes
        self.pending: dict[str, Tensor] = {}
        self.bytes = 0
        self.files: dict[str, dict[str, Any]] = {}

    def add(self, name: str, value: Tensor) -> None:
        if not self.writes:
            return
        self.pending[name] = value.detach().to("cpu", copy=True).contiguous()
        self.bytes += value.numel() * value.element_size()
        if self.bytes >= FILE_BYTES:
            self.flush()

    def flush(self) -> None:
        if not self.pending:
            return
        path = self.folder / f"{self.prefix}-{len(self.files) + 1:05d}.safetensors"
        save_file(self.pending, path, metadata={"format": "pt"})
        with path.open("rb") as file:
            os.fsync(file.fileno())
        self.files[path.name] = {
            "bytes": path.stat().st_size,
            "sha256": sha256_of(path),
            "tensors": sorted(self.pending),
        }
        self.pending, self.bytes = {}, 0


def save(
    run: Path,
    state: RunState,
    job_hash: str,
    model: Iterator[tuple[str, Tensor]],
    optimizer: Iterator[tuple[str, Tensor]],
    world: World,
) -> tuple[Path, int]:
    """Writes a checkpoint and returns its folder and size in bytes.

    All processes must call this and iterate over the same tensors in the same order. If the disk is
    full, the folder is removed and the failure names the newest complete checkpoint.
    """
    folder = run / "checkpoints" / folder_name(state.step)
    try:
        if world.is_main:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        world.barrier()
        files: dict[str, dict[str, Any]] = {}
        stage = world.place("pipeline")
        for prefix, tensors in (("model", model), ("optimizer", optimizer)):
            writer = TensorWriter(folder, f"{prefix}-s{stage}", world.is_writer)
            for name, value in tensors:
                writer.add(name, value)
            writer.flush()
            files |= writer.files
        files = _from_all(files, world)
        if world.is_main:
            _finish(folder, state, job_hash, files)
            write_durably(run / "latest", folder.name + "\n")
        world.barrier()
    except (OSError, SafetensorError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise _write_failure(run, folder, error) from error
    return folder, sum(file["bytes"] for file in files.values())


def _from_all(files: dict[str, dict[str, Any]], world: World) -> dict[str, dict[str, Any]]:
    if world.control is None:
        return files
    parts: list[Any] = [None] * world.ranks
    dist.all_gather_object(parts, files, group=world.control)
    return {name: facts for part in parts for name, facts in part.items()}


def _finish(folder: Path, state: RunState, job_hash: str, files: dict[str, dict[str, Any]]) -> None:
    write_durably(folder / "data_state.json", json.dumps(asdict(state), indent=2) + "\n")
    data = folder / "data_state.json"
    files = files | {
        data.name: {"bytes": data.stat().st_size, "sha256": sha256_of(data), "tensors": []}
    }
    manifest = {
        "version": 1,
        "job": job_hash,
        "step": state.step,
        "files": dict(sorted(files.items())),
    }
    write_durably(folder / "manifest.json", json.dumps(manifest, indent=2) + "\n")
    write_durably(folder / "COMPLETE", sha256_of(folder / "manifest.json") + "\n")
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def _write_failure(run: Path, folder: Path, error: Exception) -> TrainFailure:
    code = error.errno if isinstance(error, OSError) else None
    full = code in NO_SPACE or any(f"os error {number})" in str(error) for number in NO_SPACE)
    last = newest(run)
    kept = (
        f"the newest complete checkpoint is {last.name}"
        if last
        else "there is no complete checkpoint yet"
    )
    reason = "the disk is full" if full else str(error)
    return TrainFailure(
        ENVIRONMENT,
        "disk-full" if full else "checkpoint-unwritable",
        f"{folder}: checkpoint not written: {reason}; {kept}",
        "Free space or move the run folder, then start the same command again to resume.",
    )


def complete_folders(run: Path) -> list[Path]:
    """Returns the complete checkpoints, oldest first."""
    folders = sorted(
        path for path in (run / "checkpoints").glob("step-*") if NAME.fullmatch(path.name)
    )
    return [folder for folder in folders if (folder / "COMPLETE").is_file()]


def newest(run: Path) -> Path | None:
    folders = complete_folders(run)
    return folders[-1] if folders else None


def resolve(run: Path, name: str) -> Path:
    """Returns the folder of the named checkpoint. `latest` is the newest complete one."""
    folder = newest(run) if name == "latest" else run / "checkpoints" / name
    if (
        folder is None
        or (name != "latest" and not NAME.fullmatch(name))
        or not (folder / "COMPLETE").is_file()
    ):
        raise data_mismatch(
            f"{run}: no complete checkpoint {name}",
            "Train first, or name a folder in checkpoints/.",
        )
    return folder


def prune(run: Path, keep: int, keep_permanent: int = 0) -> None:
    """Removes incomplete checkpoints, and all rolling ones except the newest `keep`.

    Of permanent ones `keep_permanent` stay (0: all), spread over the run: those that are nearest to
    their neighbours go, but never the newest or a protected one. COMPLETE is removed first, so a
    folder that is partly removed counts as incomplete. A damaged one is left alone.
    """
    complete = complete_folders(run)
    states = {folder: state for folder in complete if (state := _readable_state(folder))}
    rolling = [folder for folder, state in states.items() if not state.permanent]
    permanent = [folder for folder, state in states.items() if state.permanent]
    surplus = thinned(
        [states[folder].step for folder in permanent],
        [states[folder].protected for folder in permanent],
        keep_permanent or len(permanent),
    )
    half = [
        path
        for path in (run / "checkpoints").glob("step-*")
        if path.is_dir() and path not in complete
    ]
    extra = [permanent[index] for index in surplus]
    for folder in rolling[: max(0, len(rolling) - keep)] + extra + half:
        (folder / "COMPLETE").unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)


def thinned(steps: list[int], protected: list[bool], keep: int) -> list[int]:
    """Returns which of the steps, in order, are too many: those nearest to their neighbours."""
    left = list(range(len(steps)))
    gone: list[int] = []
    while len(left) > keep:
        inner = [place for place in range(len(left) - 1) if not protected[left[place]]]
        if not inner:
            break
        gaps = {
            place: steps[left[place + 1]] - (steps[left[place - 1]] if place else 0)
            for place in inner
        }
        gone.append(left.pop(min(inner, key=lambda place: (gaps[place], place))))
    return gone


def read_state(folder: Path) -> RunState:
    """Reads the state of a complete checkpoint. Members that came later have their defaults."""
    try:
        value = json.loads((folder / "data_state.json").read_text("utf-8"))
        lists = {name: tuple(value[name]) for name in ("fingerprints", "skipped") if name in value}
        return RunState(**{**value, **lists})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(f"{folder / 'data_state.json'}: damaged ({error})") from error


def _readable_state(folder: Path) -> RunState | None:
    try:
        return read_state(folder)
    except TrainFailure:
        return None


def open_checkpoint(
    run: Path, name: str, job_hash: str | None, warn: Callable[[str], None]
) -> tuple[TensorReader, RunState] | None:
    """Opens the named checkpoint, or for `latest` the newest one that is intact.

    Every damaged one that is passed over is named to `warn`. Returns None for `latest` if there is
    no complete checkpoint; raises if there are only damaged ones.
    """
    if name != "latest":
        folder = resolve(run, name)
        return TensorReader(folder, job_hash), read_state(folder)
    first: TrainFailure | None = None
    for folder in reversed(complete_folders(run)):
        try:
            found = TensorReader(folder, job_hash), read_state(folder)
        except TrainFailure as failure:
            if failure.code != DAMAGED:
                raise
            first = first or failure
            warn(f"checkpoint {folder.name} is passed over: {failure}")
        else:
            return found
    if first is not None:
        raise first
    return None


def open_existing(
    run: Path, name: str, job_hash: str | None, warn: Callable[[str], None]
) -> tuple[TensorReader, RunState]:
    """As `open_checkpoint`, but raises if there is none."""
    found = open_checkpoint(run, name, job_hash, warn)
    if found is None:
        raise data_mismatch(f"{run}: no complete checkpoint {name}", "Train first.")
    return found


def set_aside(run: Path, after: int) -> None:
    """Renames complete checkpoints beyond a step, which are damaged, so that new ones replace them.

    Their names no longer count; nothing of them is removed.
    """
    for folder in complete_folders(run):
        if int(folder.name.removeprefix("step-")) > after:
            target = folder.with_name(f"damaged-{folder.name}")
            shutil.rmtree(target, ignore_errors=True)
            folder.rename(target)


class TensorReader:
    """Reads whole tensors of a complete checkpoint by name.

    Opening it checks all sizes and hashes.
    """

    def __init__(self, folder: Path, job_hash: str | None) -> None:
        self.folder = folder
        self.places: dict[str, Path] = {}
        try:
            text = (folder / "manifest.json").read_text("utf-8")
            sealed = (folder / "COMPLETE").read_text("utf-8").strip()
            self._check("manifest.json", hashlib.sha256(text.encode()).hexdigest(), sealed)
            manifest = json.loads(text)
            self._open(manifest, job_hash)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise damaged(f"{folder}: damaged ({error})") from error

    def _open(self, manifest: dict[str, Any], job_hash: str | None) -> None:
        folder = self.folder
        if job_hash is not None and manifest["job"] != job_hash:
            raise data_mismatch(
                f"{folder}: written by job {manifest['job'][:12]}…, "
                f"but this job is {job_hash[:12]}…",
                "Give the new job another run name, or restore the job that wrote the checkpoint.",
            )
        for name, facts in manifest["files"].items():
            path = folder / name
            if not path.is_file() or path.stat().st_size != facts["bytes"]:
                raise damaged(f"{path}: missing or truncated")
            self._check(name, sha256_of(path), facts["sha256"])
            self.places |= {tensor: path for tensor in facts["tensors"]}

    def _check(self, name: str, found: str, wanted: str) -> None:
        if found != wanted:
            raise damaged(f"{self.folder / name}: damaged")

    def names(self) -> list[str]:
        return sorted(self.places)

    def get(self, name: str) -> Tensor:
        if name not in self.places:
            raise data_mismatch(
                f"{self.folder}: no tensor {name}", "The checkpoint belongs to another model."
            )
        with safe_open(self.places[name], framework="pt") as file:
            value: Tensor = file.get_tensor(name)
        return value
