"""Surfaces whose geometry is known in closed form, as torch maps of two coordinates."""

import numpy as np
import torch

from geodesic_kit.paper.experiments.surfaces import sphere, torus

__all__ = ["PICTURE", "great_circle_distance", "in_pictures", "in_single", "network", "sphere", "torus"]

# an isometry of R^3 into R^784, so that a map has as many coordinates as a picture
PICTURE = torch.linalg.qr(
    torch.randn(784, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
).Q


def in_pictures(surface):
    return lambda z: surface(z) @ PICTURE.T.to(z.dtype)


def in_single(surface):
    return lambda z: surface(z.float())


def great_circle_distance(x, y):
    """Distance on the unit sphere of stereographic coordinates x and y, (n, 2)."""
    ends = [sphere(torch.tensor(p)).numpy() for p in (x, y)]
    return 2 * np.arcsin(np.linalg.norm(ends[0] - ends[1], axis=1) / 2)


def network(width=784, dim=2, hidden=64, scale=2.0, seed=0):
    """A decoder with tanh layers and fixed random weights."""
    state = torch.get_rng_state()  # which a module's own first weights draw from
    layers = torch.nn.Sequential(
        torch.nn.Linear(dim, hidden),
        torch.nn.Tanh(),
        torch.nn.Linear(hidden, hidden),
        torch.nn.Tanh(),
        torch.nn.Linear(hidden, width),
    )
    torch.set_rng_state(state)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for layer in layers[::2]:
            bound = scale / layer.in_features**0.5
            layer.weight.uniform_(-bound, bound, generator=generator)
            layer.bias.uniform_(-bound, bound, generator=generator)
    return layers
