"""Processes and their shards: data, tensor and pipeline parallelism on one mesh.

Ranks are numbered pipeline-major, then data, then tensor, so that tensor-parallel ranks are
neighbours.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh
from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor, Replicate, Shard, distribute_module, distribute_tensor
from torch.distributed.tensor.parallel import (
    ColwiseParallel,
    PrepareModuleInput,
    RowwiseParallel,
    parallelize_module,
)

from ..failure import ENVIRONMENT, TrainFailure, bad_job
from ..job import Backend, Parallel
from ..model.llama import Llama

ROW_WISE = ("o_proj.weight", "down_proj.weight")
COLUMN_WISE = (
    "q_proj.weight",
    "k_proj.weight",
    "v_proj.weight",
    "gate_proj.weight",
    "up_proj.weight",
)


@dataclass(frozen=True)
class World:
    """This process among the others. A process that runs alone has no mesh."""

    rank: int
    ranks: int
    device: torch.device
    parallel: Parallel
    mesh: DeviceMesh | None
    control: dist.ProcessGroup | None

    def place(self, dimension: str) -> int:
        return self.mesh[dimension].get_local_rank() if self.mesh is not None else 0

    @property
    def is_main(self) -> bool:
        return self.rank == 0

    @property
    def is_sharded(self) -> bool:
        """Whether the parameters are sharded: the job asks for FSDP and has several processes."""
        return self.mesh is not None and self.parallel.shard == "fsdp"

    @property
    def is_writer(self) -> bool:
        """Whether this process writes the tensors of its pipeline stage."""
        return self.place("data") == 0 and self.place("tensor") == 0

    def sum(self, value: Tensor) -> Tensor:
        """Sums over all processes in place, without a host sync."""
        if self.mesh is not None:
            dist.all_reduce(value)
        return value

    def agree(self, values: list[int]) -> list[int]:
        """Returns the values of the main process on every process.

        They travel over a CPU-side group, so no process waits for its device.
        """
        if self.control is None:
            return values
        message = torch.tensor(values, dtype=torch.int64)
        dist.broadcast(message, src=0, group=self.control)
        return [int(value) for value in message]

    def barrier(self) -> None:
        if self.control is not None:
            dist.barrier(group=self.control)


def alone(device: torch.device) -> World:
    """Returns the world of a process that works by itself."""
    parallel = Parallel(ranks=1, data=1, shard="none", tensor=1, pipeline=1)
    return World(0, 1, device, parallel, None, None)


def pick_device(name: str) -> torch.device:
    """Returns the device of this process. Fails with code 22 if the machine has none."""
    available = {
        "cuda": torch.cuda.is_available,
        "mps": torch.backends.mps.is_available,
        "cpu": lambda: True,
    }
    if not available[name]():
        what = f"torch {torch.__version__} sees no {name} device"
        hint = "Install the driver and the CUDA build of PyTorch, or train with --backend cpu."
        raise TrainFailure(ENVIRONMENT, "device-missing", what, hint)
    if name != "cuda":
        return torch.device(name)
    local = int(os.environ.get("LOCAL_RANK", "0"))
    if local >= torch.cuda.device_count():
        what = f"local rank {local}, but only {torch.cuda.device_count()} CUDA devices"
        raise TrainFailure(
            ENVIRONMENT, "device-missing", what, "Lower parallel.ranks to the number of GPUs."
        )
    torch.cuda.set_device(local)
    return torch.device("cuda", local)


def join_world(backend: Backend, parallel: Parallel, timeout_seconds: float) -> World:
    """Joins the group given by RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT."""
    rank, ranks = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    if ranks != parallel.ranks:
        raise bad_job(
            f"parallel.ranks is {parallel.ranks}, but {ranks} processes were started (WORLD_SIZE)",
            "Start as many processes as the job says, or make the job for this number.",
        )
    device = pick_device(backend.device)
    if ranks == 1:
        return World(rank, ranks, device, parallel, None, None)
    dist.init_process_group(
        "nccl" if device.type == "cuda" else "gloo",
        timeout=timedelta(seconds=timeout_seconds),
        device_id=device if device.type == "cuda" else None,
    )
    shape = (parallel.pipeline, parallel.data, parallel.tensor)
    mesh = init_device_mesh(device.type, shape, mesh_dim_names=("pipeline", "data", "tensor"))
    control = dist.new_group(backend="gloo", timeout=timedelta(seconds=timeout_seconds))
    return World(rank, ranks, device, parallel, mesh, control)


def leave_world() -> None:
    if dist.is_initialized():
        dist.destroy_process_group()


def distribute(model: Llama, world: World, backend: Backend) -> None:
    """Shards the parameters, which are still empty, as the job says, and compiles the blocks."""
    if world.mesh is not None and world.parallel.tensor > 1:
        _split_tensors(model, world.mesh["tensor"])
    if backend.compile:
        # Imported here because it takes a second.
        from torch._dynamo import config as limits

        limits.recompile_limit = 32  # one per shape: training, held-out text, stages
        for block in model.model.layers.values():
            block.compile(dynamic=False)
        if model.last:
            model.model.norm.compile(dynamic=False)
    if world.mesh is not None and world.is_sharded:
        _shard_parameters(model, world.mesh["data"], backend)


def _split_tensors(model: Llama, mesh: DeviceMesh) -> None:
    """Applies Hugging Face's tensor-parallel plan with sequence parallelism.

    Between the split products every process has T/t positions.
    """
    gathered = {"desired_input_layouts": (Replicate(),), "input_layouts": (Shard(1),)}
    rest = (None, None, None, None)
    plan = {
        "self_attn": PrepareModuleInput(
            input_layouts=(Shard(1), *rest), desired_input_layouts=(Replicate(), *rest)
        ),
        "mlp": PrepareModuleInput(**gathered),
        **{f"self_attn.{name}_proj": ColwiseParallel() for name in "qkv"},
        "self_attn.o_proj": RowwiseParallel(output_layouts=Shard(1)),
        "mlp.gate_proj": ColwiseParallel(),
        "mlp.up_proj": ColwiseParallel(),
        "mlp.down_proj": RowwiseParallel(output_layouts=Shard(1)),
    }
    for block in model.model.layers.values():
        parallelize_module(block, mesh, plan)
    distribute_module(model, mesh)  # replicates all other parameters
    model.sequence_ranks, model.sequence_rank = mesh.size(), mesh.get_local_rank()


def _shard_parameters(model: Llama, mesh: DeviceMesh, backend: Backend) -> None:
    names = {parameter: name for name, parameter in model.named_parameters()}
    split_by_rows = model.sequence_ranks > 1

    def other_dimension(parameter: nn.Parameter) -> Shard:
        """Returns dimension 1 if tensor parallelism already splits dimension 0."""
        return (
            Shard(1)
            if split_by_rows and names.get(parameter, "").endswith(COLUMN_WISE)
            else Shard(0)
        )

    is_half = backend.precision != "float32"
    policy = MixedPrecisionPolicy(
        param_dtype=torch.bfloat16 if is_half else None,
        reduce_dtype=torch.float32,
        cast_forward_inputs=False,
    )
    for block in model.model.layers.values():
        fully_shard(block, mesh=mesh, mp_policy=policy, shard_placement_fn=other_dimension)
    ahead = int(backend.options.get("prefetchBlocks", 0))
    if ahead > 0:
        _prefetch(list(model.model.layers.values()), ahead)
    fully_shard(model, mesh=mesh, mp_policy=policy, shard_placement_fn=other_dimension)


def _prefetch(blocks: list[nn.Module], ahead: int) -> None:
    """Gathers the parameters of several blocks ahead, instead of the next one alone."""
    for index, block in enumerate(blocks):
        block.set_modules_to_forward_prefetch(blocks[index + 1 : index + 1 + ahead])
        block.set_modules_to_backward_prefetch(blocks[max(0, index - ahead) : index][::-1])


def fill(parameter: Tensor, value: Tensor) -> None:
    """Sets a parameter, or this process's shard of it, from the whole value. No communication."""
    if isinstance(parameter, DTensor):
        value = distribute_tensor(
            value.to(parameter.device),
            parameter.device_mesh,
            parameter.placements,
            src_data_rank=None,
        ).to_local()
        parameter = parameter.to_local()
    parameter.copy_(value)


def gather(parameter: Tensor, part: Tensor) -> Tensor:
    """Returns the whole tensor of which `part` is this process's shard.

    It is sharded like `parameter`. All processes of the mesh must call this.
    """
    if not isinstance(parameter, DTensor):
        return part
    whole = DTensor.from_local(
        part,
        parameter.device_mesh,
        parameter.placements,
        run_check=False,
        shape=parameter.shape,
        stride=parameter.stride(),
    )
    return whole.full_tensor()


def copies(parameter: Tensor, world: World) -> int:
    """Returns the number of processes that hold the same shard of this parameter."""
    held = world.parallel.data * world.parallel.tensor
    if isinstance(parameter, DTensor):
        for size, placement in zip(parameter.device_mesh.shape, parameter.placements, strict=True):
            held //= size if placement.is_shard() else 1
    return held
