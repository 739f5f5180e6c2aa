"""Exports a checkpoint as a Hugging Face folder.

`AutoModelForCausalLM`, vLLM and llama.cpp's converter read it.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from ..failure import bad_job
from ..job import ExportJob, TrainJob, read_train_job
from ..training.checkpoint import TensorReader, resolve

FILE_BYTES = 4 << 30
CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def export(job: ExportJob) -> Path:
    """Writes config, weights, tokenizer and generation settings, and returns the folder.

    An existing folder must be empty.
    """
    train_job = read_train_job(job.run)
    reader = TensorReader(resolve(Path(job.run), job.checkpoint), train_job.hash)
    output = Path(job.output)
    if output.exists() and any(output.iterdir()):
        raise bad_job(f"{output}: not empty", "Choose another output folder.")
    output.mkdir(parents=True, exist_ok=True)
    _write_weights(train_job, reader, output)
    _write_json(output / "config.json", config(train_job))
    _write_json(output / "generation_config.json", generation_config(train_job))
    _write_tokenizer(train_job, output)
    return output


def weight_type(job: TrainJob) -> torch.dtype:
    """Returns the type of exported weights: float32 for float32 runs, otherwise bfloat16."""
    return torch.float32 if job.backend.precision == "float32" else torch.bfloat16


def config(job: TrainJob) -> dict[str, Any]:
    """Returns the config.json of a `LlamaForCausalLM`, or of Qwen 3 if queries are normalised.

    That is the same model with these norms. The rotary base is spelled in both ways, for old and
    new readers.
    """
    model, tokenizer = job.model, job.data.tokenizer
    return {
        "architectures": ["Qwen3ForCausalLM" if model.qk_norm else "LlamaForCausalLM"],
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": tokenizer.bos,
        "eos_token_id": tokenizer.eos,
        "head_dim": model.head_dim,
        "hidden_act": "silu",
        "hidden_size": model.width,
        "initializer_range": model.init_std,
        "intermediate_size": model.ffn,
        "max_position_embeddings": max(stage.context for stage in job.stages),
        "mlp_bias": False,
        "model_type": "qwen3" if model.qk_norm else "llama",
        "num_attention_heads": model.heads,
        "num_hidden_layers": model.layers,
        "num_key_value_heads": model.kv_heads,
        "pad_token_id": tokenizer.pad,
        "rms_norm_eps": model.norm_eps,
        "rope_parameters": {"rope_theta": model.rope_theta, "rope_type": "default"},
        "rope_theta": model.rope_theta,
        "tie_word_embeddings": model.tied,
        "torch_dtype": str(weight_type(job)).removeprefix("torch."),
        "use_cache": True,
        "vocab_size": model.vocab,
    }


def generation_config(job: TrainJob) -> dict[str, Any]:
    tokenizer = job.data.tokenizer
    return {
        "bos_token_id": tokenizer.bos,
        "do_sample": True,
        "eos_token_id": tokenizer.eos,
        "pad_token_id": tokenizer.pad,
        "temperature": 0.8,
        "top_p": 0.95,
    }


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _write_weights(job: TrainJob, reader: TensorReader, output: Path) -> None:
    """Writes one file, or several of 4 GiB with an index.

    At most one file is in memory.
    """
    dtype = weight_type(job)
    names = [name for name in reader.names() if name.endswith(".weight")]
    groups: list[list[str]] = [[]]
    size = total = 0
    for name in names:
        here = reader.get(name).numel() * dtype.itemsize
        if size + here > FILE_BYTES and groups[-1]:
            groups.append([])
            size = 0
        groups[-1].append(name)
        size, total = size + here, total + here
    index: dict[str, str] = {}
    for number, group in enumerate(groups, start=1):
        single = len(groups) == 1
        file = (
            "model.safetensors"
            if single
            else f"model-{number:05d}-of-{len(groups):05d}.safetensors"
        )
        tensors: dict[str, Tensor] = {
            name: reader.get(name).to(dtype).contiguous() for name in group
        }
        save_file(tensors, output / file, metadata={"format": "pt"})
        index |= dict.fromkeys(group, file)
    if len(groups) > 1:
        _write_json(
            output / "model.safetensors.index.json",
            {"metadata": {"total_size": total}, "weight_map": index},
        )


def _write_tokenizer(job: TrainJob, output: Path) -> None:
    """Copies the tokenizer, and writes the names that `AutoTokenizer` and chat programs read."""
    kept = Path(job.run) / "tokenizer"
    source = kept if kept.is_dir() else Path(job.data.tokenizer.path)
    definition = source / "tokenizer.json"
    if not definition.is_file():
        raise bad_job(
            f"{definition}: missing",
            "Run `etl tokenize` again. It writes tokenizer.json beside the model.",
        )
    shutil.copyfile(definition, output / "tokenizer.json")
    if (source / "tokenizer.model").is_file():
        shutil.copyfile(source / "tokenizer.model", output / "tokenizer.model")
    pieces = {
        token["id"]: token["content"]
        for token in json.loads(definition.read_text("utf-8")).get("added_tokens", [])
    }
    tokenizer = job.data.tokenizer
    special = {
        name: pieces[token]
        for name, token in (
            ("bos_token", tokenizer.bos),
            ("eos_token", tokenizer.eos),
            ("pad_token", tokenizer.pad),
        )
        if token is not None and token in pieces
    }
    chat = {"chat_template": CHATML} if "<|im_start|>" in pieces.values() else {}
    _write_json(
        output / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "clean_up_tokenization_spaces": False,
            "model_max_length": max(stage.context for stage in job.stages),
            **special,
            **chat,
        },
    )
    if chat:
        (output / "chat_template.jinja").write_text(CHATML, "utf-8")
