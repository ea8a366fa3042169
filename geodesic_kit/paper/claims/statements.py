"""What each claim of the ledger says, and which source it comes from, by id."""

from __future__ import annotations

from .latent_statements import LATENT

__all__ = ["SECTIONS", "STATEMENTS", "TOPICS"]

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
    "L5": "Latent 5 The two geometries",
    "X1": "Extra 1 Hard distributions",
    "X2": "Extra 2 Sensitivity",
    "X3": "Extra 3 Scale",
    "X4": "Extra 4 Comparison",
}

# Notebook id -> what it looks at, in a few words.
TOPICS: dict[str, str] = {
    "1.1": "lengths of curves, closed forms",
    "2.1": "limits in λ, the triangle inequality",
    "2.2": "connectivity, rates in n",
    "3.1": "NMI over temperatures, beside Euclidean",
    "3.2": "t-SNE of the distances",
    "3.3a": "geodesics beside latent paths",
    "3.3b": "paths through real digits",
    "A": "orders of quadrature rules",
    "B": "solvers agree, A* expands less",
    "L1": "geodesics of decoders",
    "L2": "A* and secants between codes",
    "L3": "curvature, transport, analogies",
    "L4": "which pose to ask for next",
    "L5": "density metric and pullback",
    "X1": "many modes, jumps",
    "X2": "λ, k, τ, n, learned densities",
    "X3": "time and memory in n",
    "X4": "Isomap, Fermat, HDBSCAN",
}

# Claim id -> (source, statement). A statement is one line, true or false on its own.
_MAIN: dict[str, tuple[str, str]] = {
    "C1.1": ("[GG] Eqns 1-2", "a curve's length is the same under every reparameterisation"),
    "C1.2": (
        "[GG] Eqn 2",
        "distances meet the closed forms of the hyperbolic half-plane and the stereographic sphere",
    ),
    "C2.1": (
        "[GG] Lemma 2.1.1",
        "as lam grows the generative distance becomes the Euclidean one, at rate 1/lam",
    ),
    "C2.2": ("[GG] Lemma 2.1.2", "as lam falls to 0 the distance becomes the one of the factor p0/p"),
    "C2.3": (
        "[GG] Def 2.2",
        "the generative distance is a metric: symmetric, positive, with the triangle inequality",
    ),
    "C2.4": ("[GG] Thm 2.5", "the eps-graph is connected once eps is above the connectivity radius"),
    "C2.5": ("[GG] Thm 2.5, Fig 4", "the error of the graph distance falls as a power of n"),
    "C2.6": (
        "[GG] Thm 2.5, Fig 4",
        "the Hausdorff distance of the graph path to the geodesic falls as a power of n",
    ),
    "C2.7": ("[GG] Fig 4", "convergence is faster when the points are drawn from p than uniformly"),
    "CA.1": ("[GG] Lemma A.3", "the left Riemann weight errs by O(1/M), the trapezoid weight by O(1/M^2)"),
    "CA.2": ("[GG] Lemma A.4", "the cost of a path converges uniformly in M"),
    "CB.1": ("[GG] Appendix B", "every solver returns SciPy's lengths within its declared tolerance"),
    "C3.1": ("[GG] Figs 5-6", "the best NMI with geodesic distances is at least the Euclidean one"),
    "C3.2": (
        "[GG] Figs 5-6",
        "geodesic clustering is good over more decades of tau than Euclidean clustering",
    ),
    "C3.3": ("[GG] Figs 5-6", "geodesic clustering reaches NMI 0.95 at every relative tau from 1 to 1e4"),
    "C3.4": ("[GG] Fig 7", "a linear classifier separates the clusters in the geodesic embedding"),
    "C3.5": ("[GG] Fig 8", "geodesic interpolation is shorter in the metric than latent interpolation"),
    "C3.6": ("[GG] Fig 8", "the lowest density on the geodesic is not below the lowest on the latent path"),
    "C3.7": ("[GG] Fig 9", "geodesic interpolation of images makes no sudden skip"),
    "GA.1": ("ours", "the left Riemann weight of an edge depends on the direction in which it is walked"),
    "GA.2": ("ours", "the mean of the left Riemann weights of both directions is the trapezoid's weight"),
    "GA.3": ("ours", "no distance of a graph errs by more, relatively, than the worst of its weights"),
    "GA.4": (
        "ours",
        "the weights that errors are measured against do not change when their panels are halved",
    ),
    "GA.5": ("ours", "a fixed number of pieces gives 99 % of the edges to 5 %"),
    "GA.6": ("ours", "the adaptive rule's true error is within the tolerance asked for"),
    "GA.7": (
        "ours",
        "for 1 % on 99 % of the edges the adaptive rule needs fewer evaluations than the trapezoid",
    ),
    "GB.1": ("ours", "the solver `native` returns SciPy's distances to the last bit"),
    "GB.2": (
        "ours",
        "over pairs near and far A* from both ends expands fewer vertices than Dijkstra with early exit",
    ),
    "GB.3": ("ours", "edges measured on demand give the length that measuring all of them gives"),
    "GB.4": ("ours", "a search that measures on demand leaves out a quarter of the edges or more"),
    "GB.5": ("ours", "the sampled bound spares more of an expensive density's calls than the proven one"),
    "GB.6": ("ours", "a result says exact=False where, and only where, its bound is not proven"),
    "G3.1.1": (
        "ours",
        "spectral clustering of generative distances finds the classes with everything by default",
    ),
    "G3.2.1": (
        "ours",
        "the generative t-SNE is linearly separable on at least as many seeds as the Euclidean one",
    ),
    "G3.2.2": ("ours", "the generative t-SNE is linearly separable whatever the perplexity"),
    "G3.3a.1": (
        "ours, of the shipped trajectory model",
        "the trajectory model's log p ranks held-out points as the true one does (Spearman)",
    ),
    "G3.3a.2": ("ours, of the shipped trajectory model", "the trajectory model's density integrates to 1"),
    "G3.3b.1": (
        "ours",
        "more frames of the geodesic than of the straight pixel line are read as one digit, p at least .9",
    ),
    "G3.3b.2": (
        "ours, after [GG] Fig 8",
        "the lowest log p of the geodesic is not below that of the straight pixel line, on 90 % of pairs",
    ),
    "G3.3b.3": ("ours, for C3.7", "the classifier reads MNIST's 10,000 test images"),
    "G3.3b.4": (
        "ours, of the shipped trajectory model",
        "encoded and decoded by 18 jumps, test images keep their pixels (root mean square error)",
    ),
    "G3.3b.5": (
        "ours, of the shipped trajectory model",
        "of the samples the classifier reads most with p at least .9",
    ),
    "G3.3b.6": ("ours, of the shipped trajectory model", "every digit has its share of the samples"),
    "G3.3b.7": ("ours", "the more exactly a latent path is decoded, the more it skips"),
    "G3.3b.8": (
        "ours",
        "of the geodesic's and the latent path's frames as many are read as one digit, p at least .9, to .05",
    ),
    "GX1.1": (
        "ours",
        "fast marching and distances from room to room, which share no code, agree where the density jumps",
    ),
    "GX1.2": (
        "ours",
        "over uniform vertices graph distances under a hard density are within 3 % for 95 % of pairs",
    ),
    "GX1.3": ("ours", "over uniform vertices the error falls faster than eps under a hard density, too"),
    "GX1.4": (
        "summary of [GG], arXiv:2407.11244",
        "convergence fails where the density has sharp discontinuities",
    ),
    "GX1.5": (
        "summary of [GG], arXiv:2407.11244",
        "convergence fails where the sampling is highly non-uniform",
    ),
    "GX1.6": ("ours", "half of the vertices from p and half uniform bring 90 % of pairs within 5 %"),
    "GX1.7": ("ours", "bridges between its components make up for what a sample from p misses"),
    "GX1.8": ("ours", "gk.refine brings every pair within 0.5 % of its distance"),
    "GX1.9": ("ours", "at a jump the trapezoid weight errs by O(1/M), not by O(1/M^2)"),
    "GX1.10": ("ours", "adaptive edge lengths meet their tolerance on every edge that crosses a jump"),
    "GX2.1": (
        "ours",
        "p0 multiplies every distance by one factor and moves labels only where eigenvalues "
        "are equal to rounding",
    ),
    "GX2.2": (
        "ours",
        "the default lam, tau and k are within 0.05 of the NMI of the best of their grids on every set",
    ),
    "GX2.3": ("ours", "NMI falls with the divergence of the density from the truth"),
    "GX2.4": ("ours", "gk.diagnose names the densities that are far from the truth and no other"),
    "GX2.5": ("ours", "300 points of a curved set are clustered with an NMI of 0.9 or more"),
    "GX2.6": ("ours", "the default density is within 0.1 nats of the best of the learned ones on every set"),
    "GX2.7": ("ours", "the nearer the density is to the truth, the smoother are the paths"),
    "GX2.8": (
        "ours",
        "below p0 / 1,000 lam changes neither separability by classical scaling nor smoothness by 0.05",
    ),
    "GX2.9": ("ours", "draws of the density added to the vertices cost at most 0.05 of NMI"),
    "GX2.10": (
        "ours",
        "one label a class tells as much by the default lam as by the best contrast of its grid, to 0.02",
    ),
    "GX3.1": ("ours", "at a fixed mean degree the whole chain takes time in proportion to n"),
    "GX3.2": ("ours", "at a fixed mean degree the whole chain takes memory at most in proportion to n"),
    "GX3.3": (
        "ours",
        "at 1.5 times the connectivity radius the time an edge over log n is within a factor 2 at every n",
    ),
    "GX3.4": ("ours", "under the convergent rule the time grows as the number of edges does"),
    "GX3.5": ("summary of [GG], arXiv:2407.11244", "building the graph takes time of order n^2"),
    "GX4.1": (
        "ours",
        "generative distances, all defaults, cluster better than Euclidean ones, Isomap with "
        "k-means and Fermat distances",
    ),
    "GX4.2": (
        "ours",
        "generative distances, all defaults, cluster at most 0.05 of NMI worse than the best "
        "of the other methods",
    ),
    "GX4.3": (
        "ours",
        "5 nearest neighbours by generative distances classify digits as well as by Euclidean ones, to 0.2 %",
    ),
    "GX4.4": (
        "ours",
        "with 3 labelled points a class, the nearest one by generative distances tells more "
        "than by Euclidean ones",
    ),
    "GX4.5": (
        "ours",
        "with 3 labelled points a class, the nearest one by pullback distances of a decoder's mean and "
        "deviation tells more about spirals than by Euclidean ones",
    ),
}

STATEMENTS = _MAIN | LATENT
