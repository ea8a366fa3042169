"""What each claim of the ledger says, and which source it comes from, by id."""

from __future__ import annotations

__all__ = ["SECTIONS", "STATEMENTS"]

# Notebook id -> the section it reproduces.
SECTIONS: dict[str, str] = {
    "1.1": "1.1 Geodesics and metrics",
    "2.1": "2.1 Generative geodesics",
    "2.2": "2.2 Approximation and convergence",
    "3.1": "3.1 Clustering",
    "3.2": "3.2 Embedding",
    "3.3a": "3.3 Interpolation, two moons",
    "3.3b": "3.3 Interpolation, MNIST",
    "A": "Appendix A Quadrature",
    "B": "Appendix B Shortest paths",
    "L1": "Latent 1 Pullback metric",
    "L2": "Latent 2 Graph geodesics",
    "L3": "Latent 3 Geometry of the manifold",
    "L4": "Latent 4 Active learning",
    "X1": "Extra 1 Hard distributions",
    "X2": "Extra 2 Sensitivity",
    "X3": "Extra 3 Scale",
    "X4": "Extra 4 Comparison",
}

# Claim id -> (source, statement). A statement is one line, true or false on its own.
STATEMENTS: dict[str, tuple[str, str]] = {
    "C1.1": ("[GG] Eqns 1-2", "a curve's length is the same under every reparameterisation"),
    "C1.2": ("[GG] Eqn 2", "distances meet the closed forms of the hyperbolic half-plane and the stereographic sphere"),
    "C2.1": ("[GG] Lemma 2.1.1", "as lam grows the generative distance becomes the Euclidean one, at rate 1/lam"),
    "C2.2": ("[GG] Lemma 2.1.2", "as lam falls to 0 the distance becomes the one of the factor p0/p"),
    "C2.3": ("[GG] Def 2.2", "the generative distance is a metric: symmetric, positive, with the triangle inequality"),
    "C2.4": ("[GG] Thm 2.5", "the eps-graph is connected once eps is above the connectivity radius"),
    "C2.5": ("[GG] Thm 2.5, Fig 4", "the error of the graph distance falls as a power of n"),
    "C2.6": ("[GG] Thm 2.5, Fig 4", "the Hausdorff distance of the graph path to the geodesic falls as a power of n"),
    "C2.7": ("[GG] Fig 4", "convergence is faster when the points are drawn from p than uniformly"),
    "CA.1": ("[GG] Lemma A.3", "the left Riemann weight errs by O(1/M), the trapezoid weight by O(1/M^2)"),
    "CA.2": ("[GG] Lemma A.4", "the cost of a path converges uniformly in M"),
    "CB.1": ("[GG] Appendix B", "every solver returns SciPy's lengths within its declared tolerance"),
    "C3.1": ("[GG] Figs 5-6", "the best NMI with geodesic distances is at least the Euclidean one"),
    "C3.2": ("[GG] Figs 5-6", "geodesic clustering is good over more decades of tau than Euclidean clustering"),
    "C3.3": ("[GG] Figs 5-6", "geodesic clustering reaches NMI 0.95 at every relative tau from 1 to 1e4"),
    "C3.4": ("[GG] Fig 7", "a linear classifier separates the clusters in the geodesic embedding"),
    "C3.5": ("[GG] Fig 8", "geodesic interpolation is shorter in the metric than latent interpolation"),
    "C3.6": ("[GG] Fig 8", "the lowest density on the geodesic is not below the lowest on the latent path"),
    "C3.7": ("[GG] Fig 9", "geodesic interpolation of images makes no sudden skip"),
    "CL.1": ("[C18]", "the neural-network geodesic is shorter than the straight latent line"),
    "CL.2": ("[C18]", "the velocity along the neural-network geodesic varies less than along the straight line"),
    "CL.3": ("[C19]", "A* returns Dijkstra's lengths"),
    "CL.4": ("[C19]", "the graph geodesic has the neural-network geodesic's length and is found at least 10 times faster"),
    "CL.5": ("[C19]", "the graph geodesic is shorter than the straight latent line"),
    "CL.6": ("[S18]", "holonomy and geodesics on a sphere meet the closed form"),
    "CL.7": ("[S18]", "the norm lost in parallel translation and its angle error fall like 1/T"),
    "CL.8a": ("[S18]", "straight latent lines are nearly as short as geodesics"),
    "CL.8b": ("[S18]", "the generated manifold's curvature is near zero at the scale of its diameter"),
    "G3.2.1": ("ours", "the generative t-SNE is linearly separable on at least as many seeds as the Euclidean one"),
    "G3.2.2": ("ours", "the generative t-SNE stays linearly separable at every perplexity from 20 to 100"),
    "GX4.1": ("ours", "generative distances, all defaults, cluster better than Euclidean ones, Isomap with k-means and Fermat distances"),
    "GX4.2": ("ours", "generative distances, all defaults, cluster at most 0.05 of NMI worse than the best of the other methods"),
    "GX4.3": ("ours", "5 nearest neighbours by generative distances classify digits at least as well as by Euclidean ones"),
}
