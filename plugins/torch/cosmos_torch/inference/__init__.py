"""Uses of a trained model: generating tokens, exporting to Hugging Face."""
