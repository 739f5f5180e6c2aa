"""The Llama and its arithmetic: layers, loss, float8 products, operation counts."""
