"""One training step and its state: trainer, optimizer, spike guard, checkpoints."""
