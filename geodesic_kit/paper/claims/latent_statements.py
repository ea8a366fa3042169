"""What the claims of the notebooks on latent geometry say, L1 to L5, by id."""

from __future__ import annotations

__all__ = ["LATENT"]

LATENT: dict[str, tuple[str, str]] = {
    "CL.1": ("[C18]", "the neural-network geodesic is shorter than the straight latent line"),
    "CL.1b": (
        "ours, after [C18]",
        "the refined curve is a certified local minimum of the energy",
    ),
    "CL.2": (
        "[C18]",
        "the velocity along the neural-network geodesic varies less than along the straight line",
    ),
    "CL.2b": (
        "ours, after [C18]",
        "trained on length, too, the neural curve's velocity varies less than the straight line's",
    ),
    "CL.3": ("[C19]", "A* returns Dijkstra's lengths"),
    "CL.4": (
        "[C19]",
        "the graph geodesic has the smooth geodesic's length and is found 10 times faster than a neural one",
    ),
    "CL.5": ("[C19]", "the graph geodesic, raw or refined, is shorter than the straight latent line"),
    "CL.6": ("[S18]", "holonomy and geodesics on a sphere meet the closed form"),
    "CL.7": ("[S18]", "the norm lost in parallel translation and its angle error fall like 1/T"),
    "CL.8a": ("[S18]", "straight latent lines are nearly as short as geodesics"),
    "CL.8b": ("[S18]", "the generated manifold's curvature is near zero at the scale of its diameter"),
    "GL1.1": ("ours", "the refined curve is never longer than the straight line that it starts from"),
    "GL1.2": ("ours", "the refined curve is, in the median, no longer than the neural one"),
    "GL1.3": (
        "ours, of the shipped autoencoder",
        "a plain decoder's log magnification factor falls with the distance to the codes",
    ),
    "GL1.4": (
        "ours, after Arvanitidis et al. 2018",
        "with (mu, sigma) the log magnification factor grows with the distance to the codes",
    ),
    "GL1.5": (
        "ours",
        "under a flow's pullback metric the pre-image of a straight segment is as long as the segment",
    ),
    "GL1.6": ("ours, of the shipped autoencoders", "the noise learned is near the true one"),
    "GL1.7": (
        "ours, of the shipped autoencoders",
        "two codes are enough for held-out pictures (root mean square error of a pixel)",
    ),
    "GL1.8": (
        "ours",
        "a generator without a likelihood has geodesics that are shorter than straight lines",
    ),
    "GL2.1": ("ours, after [C19]", "every edge's length has the relative accuracy that was asked for"),
    "GL2.2": (
        "ours, after [C19]",
        "A* by projected images expands at most .7 of the vertices of Dijkstra with early exit",
    ),
    "GL2.3": ("ours, after [C19]", "A* by whole images takes no more time than Dijkstra with early exit"),
    "GL2.4": (
        "ours, after [C19]",
        "along the graph path a chair turns monotonically on more pairs than along the straight line",
    ),
    "GL2.5": (
        "ours, after [C19]",
        "A* with eight landmarks expands at most .12 of the vertices of Dijkstra with early exit",
    ),
    "GL3.1": ("ours", "sectional curvature by Gauss's equation meets the closed form"),
    "GL3.2": (
        "ours, of [S18]'s reading",
        "second differences in single precision read the curvature of a sphere to 1e-5",
    ),
    "GL3.3": (
        "ours",
        "the ratio of straight line to geodesic tells no curvature: it is 1 in a chart of the sphere, "
        "1.19 in one of the plane",
    ),
    "GL3.4": (
        "ours, of the shipped autoencoders",
        "two codes are enough for held-out pictures (root mean square error of a pixel)",
    ),
    "GL3.5": (
        "ours, after Gauss and Bonnet",
        "a loop turns a vector by the curvature integrated over what it encloses",
    ),
    "GL3.6": (
        "ours",
        "[S18]'s analogy by projections ends nearer the calculus' than the sum c + b - a of the codes",
    ),
    "GL3.7": (
        "ours, of the shipped autoencoders",
        "a straight latent line is, on average, less too long than one in the polar chart of the plane",
    ),
    "GL4.1": ("ours", "demonstrations of random poses make new poses of an arm less wrong"),
    "GL4.2": (
        "Chen et al. 2018, arXiv:1808.02026",
        "asked for by magnification and distance, demonstrations make new poses less wrong than random ones",
    ),
    "GL4.3": (
        "Chen et al. 2018, arXiv:1808.02026",
        "asked for by magnification and distance, demonstrations make transitions smoother than random ones",
    ),
    "GL5.1": ("ours", "of the geodesics under three metrics each is the shortest by its own"),
    "GL5.2": (
        "ours",
        "geodesics under the density of the codes stay nearer to the codes than those of the pullback metric",
    ),
    "GL5.3": (
        "ours",
        "geodesics under the product of density and pullback metric stay nearer to the codes than the "
        "latter's",
    ),
    "GL5.4": (
        "ours",
        "paths under the product are 5 % shorter in the images than those under the density alone (ratio)",
    ),
    "GL5.5": (
        "Syrota et al. 2025, arXiv:2502.13757",
        "over models trained anew geodesic distances vary less than Euclidean ones between codes",
    ),
}
