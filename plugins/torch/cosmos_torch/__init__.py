"""The PyTorch trainer behind `etl train`: see docs/torch.md for the tour."""
