"""Reads an exported folder with transformers. Prints logits, ids of texts and generated text."""

from __future__ import annotations

import json
import sys

import torch
import transformers

from cosmos_torch.inference.generate import load_model

request = json.loads(sys.argv[1])
torch.manual_seed(0)
_, ours = load_model(request["run"], "latest", lambda _: None)
theirs = transformers.AutoModelForCausalLM.from_pretrained(request["output"]).eval()
tokenizer = transformers.AutoTokenizer.from_pretrained(request["output"])
ids = torch.randint(ours.config.vocab, (2, 128))
with torch.no_grad():
    mine, other = ours.logits(ours.hidden(ids)), theirs(ids).logits
writer = transformers.pipeline(
    "text-generation", model=request["output"], tokenizer=request["output"]
)
written = writer(request["prompt"], max_new_tokens=24, do_sample=False)
answer = {
    "difference": float((mine - other).abs().max()),
    "spread": float(mine.std()),
    "ids": [tokenizer.encode(text, add_special_tokens=False) for text in request["texts"]],
    "continued": written[0]["generated_text"],
}
print(json.dumps(answer))
