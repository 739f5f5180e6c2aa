"""The model, its optimizer and one training step. The loop over steps is in train.py."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import torch
import torch.distributed as dist
from torch import Tensor
from torch.nn.parallel import DistributedDataParallel

from ..data.plan import StepPlan
from ..distributed.parallel import World, copies, distribute, fill, gather
from ..failure import bad_job
from ..job import TrainJob
from ..model.float8 import use_float8
from ..model.llama import Llama, initial_value
from ..model.loss import compile_loss
from .checkpoint import TensorReader
from .guard import SpikeGuard
from .optimizer import ShardedOptimizer, learning_rate, own_part

if TYPE_CHECKING:
    from ..distributed.pipeline import Pipeline


class Trainer:
    """One process's part of the training.

    The metrics of a step are four numbers on the device: loss, gradient norm, skipped (0 or 1),
    sigmas.
    """

    def __init__(self, job: TrainJob, world: World, reader: TensorReader | None) -> None:
        self.job, self.world = job, world
        self.model = build(job, world, reader)
        self.optimizer = ShardedOptimizer(self.model, job.optimizer)
        self.guard = SpikeGuard(job.spikes, world.device)
        self.held: Tensor | None = None
        self.half = job.backend.precision != "float32"
        self.pipeline: Pipeline | None = None
        if job.parallel.pipeline > 1:
            # Imported here because it loads the compiler, which takes a second.
            from ..distributed.pipeline import Pipeline

            self.pipeline = Pipeline(
                self.model, world, torch.bfloat16 if self.half else torch.float32
            )
        self.replicated = self._replicate()
        if reader is not None:
            self._restore_optimizer(reader)

    def _replicate(self) -> DistributedDataParallel | None:
        """Wraps the model in DDP if data parallelism is the only form.

        DDP overlaps the gradient reduction with backward.
        """
        parallel = self.job.parallel
        if (
            parallel.data == 1
            or parallel.shard == "fsdp"
            or parallel.tensor > 1
            or parallel.pipeline > 1
        ):
            return None
        return DistributedDataParallel(
            self.model, gradient_as_bucket_view=True, broadcast_buffers=False
        )

    def autocast(self) -> contextlib.AbstractContextManager[Any]:
        """bfloat16 for matrix products over float32 parameters. FSDP casts by itself."""
        wanted = self.half and not self.world.is_sharded
        return torch.autocast(self.world.device.type, torch.bfloat16, enabled=wanted)

    def seed(self, number: int) -> None:
        """Seeds dropout by job, step and process, so that no random state has to be saved."""
        digest = hashlib.sha256(
            f"{self.job.seed}/step/{number}/{self.world.rank}".encode()
        ).digest()
        torch.manual_seed(int.from_bytes(digest[:8], "little") >> 1)

    def step(self, number: int, step: StepPlan, inputs: Tensor, targets: Tensor) -> Tensor:
        """Runs forward, backward and update `number` (from 0) on [micro-batches, rows, T]."""
        self.seed(number)
        self.model.train()
        tokens = step.samples * step.context
        # Gradients are averaged over the data-parallel processes, but must be summed.
        scale = self.job.parallel.data / tokens
        with self.autocast():
            if self.pipeline is not None:
                total = self.pipeline.step(inputs, targets, scale) / scale
            else:
                total = self._accumulate(inputs, targets, scale)
        gradients = self.optimizer.gradients()
        if (
            self.job.parallel.data > 1
            and self.replicated is None
            and self.job.parallel.shard == "none"
        ):
            self._average(list(gradients.values()))
        metrics = self._update(number, total / tokens, gradients)
        self.optimizer.clear_gradients()
        return metrics

    def _accumulate(self, inputs: Tensor, targets: Tensor, scale: float) -> Tensor:
        total = torch.zeros((), device=self.world.device)
        run = self.replicated or self.model
        for micro in range(len(inputs)):
            is_last = micro == len(inputs) - 1
            waits = (
                contextlib.nullcontext()
                if is_last or self.replicated is None
                else self.replicated.no_sync()
            )
            with waits:
                loss = run(inputs[micro], targets[micro])
                (loss * scale).backward()
            total += loss.detach()
        return total

    def _average(self, gradients: list[Tensor]) -> None:
        assert self.world.mesh is not None
        group = self.world.mesh["data"].get_group()
        for gradient in gradients:
            dist.all_reduce(gradient, group=group)
            gradient /= self.job.parallel.data

    def _update(self, number: int, loss: Tensor, gradients: dict[str, Tensor]) -> Tensor:
        squares = torch.stack(
            torch._foreach_norm(list(gradients.values()), dtype=torch.float32)
        ).square()
        if self.held is None:  # only once, because copying host numbers waits for the device
            held = [copies(self.optimizer.parameters[name], self.world) for name in gradients]
            self.held = torch.tensor(held, device=squares.device)
        both = self.world.sum(torch.stack((loss.float(), (squares / self.held).sum())))
        loss, norm = both[0], both[1].sqrt()
        skip, sigmas = self.guard.judge(loss, norm)
        divisor = (norm / self.job.optimizer.clip).clamp(min=1.0)
        self.optimizer.step(learning_rate(self.job.schedule, number), divisor, skip)
        return torch.stack((loss, norm, skip, sigmas))

    @torch.no_grad()
    def summed_loss(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """Returns the loss of one micro-batch [rows, T], summed over this process's part of it."""
        self.model.eval()
        with self.autocast():
            if self.pipeline is not None:
                return self.pipeline.evaluate(inputs, targets, self.model)
            return self.model(inputs, targets)

    def model_tensors(self) -> Iterator[tuple[str, Tensor]]:
        """Yields whole parameters by name. All processes must iterate."""
        for name, value in self.optimizer.parameters.items():
            yield name, gather(value, self.optimizer.parts[name].detach())

    def optimizer_tensors(self) -> Iterator[tuple[str, Tensor]]:
        """Yields whole moments by name, and the state of the spike guard."""
        for name, value in self.optimizer.parameters.items():
            for kind, moment in self.optimizer.moments(name).items():
                yield f"{name}.{kind}", gather(value, moment) if moment.ndim > 0 else moment
        if self.world.place("pipeline") == 0:
            yield from self.guard.state().items()

    @torch.no_grad()
    def _restore_optimizer(self, reader: TensorReader) -> None:
        for name, value in self.optimizer.parameters.items():
            for kind, moment in self.optimizer.moments(name).items():
                stored = reader.get(f"{name}.{kind}")
                moment.copy_(own_part(value, stored) if moment.ndim > 0 else stored)
        self.guard.restore({name: reader.get(name) for name in self.guard.state()})


def choose_attention(name: str) -> None:
    """Selects the attention kernels on a GPU. `auto` leaves the choice to PyTorch."""
    if name == "auto":
        return
    if name not in ("cudnn", "flash"):
        raise bad_job(f"backend.options.attention: {name!r} is none of auto, cudnn, flash")
    torch.backends.cuda.enable_cudnn_sdp(name == "cudnn")
    torch.backends.cuda.enable_flash_sdp(name == "flash")
    torch.backends.cuda.enable_mem_efficient_sdp(False)


@torch.no_grad()
def build(job: TrainJob, world: World, reader: TensorReader | None) -> Llama:
    """Builds the model, or this process's shard of it, with initial values or a checkpoint's.

    It is created without memory, sharded, and then filled tensor by tensor, so no process ever
    holds the whole model twice.
    """
    with torch.device("meta"):
        model = Llama(job.model, world.place("pipeline"), job.parallel.pipeline)
    options = job.backend.options
    model.chunk_tokens = int(options.get("chunkTokens", 4096))
    if model.chunk_tokens < 1:
        raise bad_job("backend.options.chunkTokens must be at least 1")
    model.recompute = options.get("recompute", False)
    model.z_loss = job.optimizer.z_loss
    model.document_start = job.data.tokenizer.bos if job.data.document_mask else None
    choose_attention(str(options.get("attention", "auto")))
    if job.backend.precision == "float8":
        use_float8(model.model.layers)
    if job.backend.compile:
        compile_loss()
    distribute(model, world, job.backend)
    model.to_empty(device=world.device)
    for name, value in model.named_parameters():
        whole = (
            initial_value(name, value.shape, job.model, job.seed)
            if reader is None
            else reader.get(name)
        )
        if whole.shape != value.shape:
            raise bad_job(
                f"{name}: {tuple(whole.shape)} in the checkpoint, {tuple(value.shape)} in the job"
            )
        fill(value, whole)
    return model
