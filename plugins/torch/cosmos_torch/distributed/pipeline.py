"""Pipeline parallelism: each stage has a range of layers.

Micro-batches flow through the stages one forward, one backward (1F1B).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.pipelining import PipelineStage, Schedule1F1B

from ..model.llama import Llama
from .parallel import World


class Pipeline:
    """Runs the micro-batches of a step through all stages."""

    def __init__(self, model: Llama, world: World, dtype: torch.dtype) -> None:
        assert world.mesh is not None
        self.model, self.world, self.dtype = model, world, dtype
        self.group = world.mesh["pipeline"].get_group()
        self.scale = 1.0
        self.schedules: dict[tuple[int, ...], Schedule1F1B] = {}

    def step(self, inputs: Tensor, targets: Tensor, scale: float) -> Tensor:
        """Runs forward and backward on [micro-batches, rows, T] and returns the scaled loss.

        The loss is zero in every stage except the last.
        """
        self.scale = scale
        schedule = self.schedules.get(tuple(inputs.shape))
        if schedule is None:
            schedule = self.schedules[tuple(inputs.shape)] = self._schedule(*inputs.shape)
        losses: list[Tensor] = []
        arguments = (inputs.flatten(0, 1),) if self.model.first else ()
        if self.model.last:
            schedule.step(*arguments, target=targets.flatten(0, 1), losses=losses)
        else:
            schedule.step(*arguments)
        return (
            torch.stack(losses).sum().detach()
            if losses
            else torch.zeros((), device=self.world.device)
        )

    def _schedule(self, count: int, rows: int, context: int) -> Schedule1F1B:
        positions = context // self.model.sequence_ranks
        ids = torch.empty((rows, context), dtype=torch.int64, device="meta")
        vectors = torch.empty(
            (rows, positions, self.model.config.width),
            dtype=self.dtype,
            device="meta",
            requires_grad=True,
        )
        stage = PipelineStage(
            self.model,
            self.world.place("pipeline"),
            self.world.parallel.pipeline,
            self.world.device,
            input_args=(ids if self.model.first else vectors,),
            output_args=(vectors,),
            group=self.group,
        )
        return Schedule1F1B(stage, count, loss_fn=self._loss, scale_grads=False)

    def _loss(self, hidden: Tensor, targets: Tensor) -> Tensor:
        return self.model.loss(hidden, targets) * self.scale

    @torch.no_grad()
    def evaluate(self, inputs: Tensor, targets: Tensor, run: Callable[[Tensor], Tensor]) -> Tensor:
        """Returns the summed loss of one micro-batch [rows, T], zero except in the last stage.

        `run` is the forward pass of this stage.
        """
        place = self.world.place("pipeline")
        if self.model.first:
            hidden = run(inputs)
        else:
            shape = (
                inputs.shape[0],
                inputs.shape[1] // self.model.sequence_ranks,
                self.model.config.width,
            )
            arrived = torch.empty(shape, dtype=self.dtype, device=self.world.device)
            dist.recv(arrived, dist.get_global_rank(self.group, place - 1), group=self.group)
            hidden = run(arrived)
        if self.model.last:
            return self.model.loss(hidden, targets)
        dist.send(
            hidden.contiguous(), dist.get_global_rank(self.group, place + 1), group=self.group
        )
        return torch.zeros((), device=self.world.device)
