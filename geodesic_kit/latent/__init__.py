"""Latent space: paths between the codes of a model."""
