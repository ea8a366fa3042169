"""A graph read from a matrix of lengths: which entries are edges, which matrices are refused, and at what
place.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

import geodesic_kit as gk
from geodesic_kit.errors import GraphError

X = np.random.default_rng(0).standard_normal((40, 3))


def euclidean(graph: gk.Graph) -> np.ndarray:
    return np.linalg.norm(graph.points[graph.edges[:, 1]] - graph.points[graph.edges[:, 0]], axis=1)


def small(*entries: tuple[int, int, float], n: int = 6) -> sparse.csr_array:
    i, j, length = zip(*entries, strict=True)
    return sparse.coo_array((length, (i, j)), shape=(n, n)).tocsr()


@pytest.mark.parametrize("d", [2, 40])
def test_a_neighbour_matrix_is_the_neighbour_graph(d: int) -> None:
    neighbours = pytest.importorskip("sklearn.neighbors")
    x = np.random.default_rng(d).standard_normal((300, d)) + 5
    matrix = neighbours.kneighbors_graph(x, 8, mode="distance")
    before = matrix.copy()
    graph = gk.Graph.from_matrix(x, matrix)
    np.testing.assert_array_equal(graph.edges, gk.knn_graph(x, 8).edges)
    np.testing.assert_allclose(graph.weights, euclidean(graph), rtol=1e-9)
    assert (matrix != before).nnz == 0
    np.testing.assert_array_equal(gk.Graph.from_matrix(x, matrix.astype(np.float32)).edges, graph.edges)
    # stores a diagonal of zeros, or of what rounding leaves
    itself = neighbours.kneighbors_graph(x, 9, mode="distance", include_self=True)
    np.testing.assert_array_equal(gk.Graph.from_matrix(x, itself).edges, graph.edges)
    joined = gk.Graph.from_matrix(x, neighbours.kneighbors_graph(x, 8, mode="connectivity"))
    np.testing.assert_array_equal(joined.edges, graph.edges)
    assert set(joined.weights.tolist()) == {1.0}


@given(seed=st.integers(0, 10**6), n=st.integers(1, 12), share=st.floats(0, 1))
def test_a_matrix_with_edges_on_either_side_is_its_maximum_with_its_transpose(
    seed: int, n: int, share: float
) -> None:
    rng = np.random.default_rng(seed)
    full = rng.uniform(1e-9, 1, (n, n)) ** 5
    full = np.triu(full, 1) + np.triu(full, 1).T
    kept = np.where(rng.uniform(size=(n, n)) < share, full, 0)
    graph = gk.Graph.from_matrix(rng.standard_normal((n, 2)), kept)
    np.testing.assert_array_equal(graph.matrix.toarray(), np.maximum(kept, kept.T))
    np.testing.assert_array_equal(graph.edges, np.argwhere(np.triu(np.maximum(kept, kept.T))))


@pytest.mark.parametrize(
    "make",
    [
        sparse.csr_array,
        sparse.csr_matrix,
        sparse.csc_array,
        sparse.coo_array,
        sparse.lil_matrix,
        sparse.dok_array,
        sparse.bsr_array,
        sparse.dia_array,
        np.asarray,
        pytest.param(
            np.asmatrix,
            marks=pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning"),
        ),
        np.ndarray.tolist,
        lambda a: np.where(a == 0, np.inf, a),
        lambda a: np.ma.masked_array(np.where(a == 0, np.nan, a), mask=a == 0),
        lambda a: a.astype(np.int16),
        lambda a: sparse.csr_array(a).astype(np.uint8),
        lambda a: sparse.coo_array(
            ([1.0, 0.5, 1.5, 7.0, 4.0], ([0, 1, 1, 3, 3], [1, 2, 2, 0, 4])), shape=(6, 6)
        ),
    ],
)
def test_every_kind_of_matrix_is_read_alike(make) -> None:
    dense = np.zeros((6, 6))
    dense[[0, 1, 3, 3], [1, 2, 0, 4]] = 1.0, 2.0, 7.0, 4.0
    graph = gk.Graph.from_matrix(X[:6], make(dense))
    assert graph.edges.tolist() == [[0, 1], [0, 3], [1, 2], [3, 4]]
    assert graph.weights.tolist() == [1.0, 7.0, 2.0, 4.0]


def test_two_sides_that_agree_are_one_edge_of_the_longer_length() -> None:
    graph = gk.Graph.from_matrix(X[:6], small((0, 1, 1e-9), (1, 0, 1e-9 * (1 + 1e-7)), (2, 3, 1e9)))
    assert graph.edges.tolist() == [[0, 1], [2, 3]]
    assert graph.weights.tolist() == [1e-9 * (1 + 1e-7), 1e9]
    assert gk.Graph.from_matrix(X[:6], sparse.csr_array((6, 6))).m == 0
    assert gk.Graph.from_matrix(X[:6], np.full((6, 6), np.inf)).m == 0


@pytest.mark.parametrize(
    ("matrix", "text"),
    [
        (
            small((0, 1, 2.0), (1, 0, 3.0), (4, 5, 1.0)),
            r"entry \(0, 1\) is 2 and entry \(1, 0\) is 3, and "
            r"the graph is undirected",
        ),
        (
            small((0, 1, 1e-9), (1, 0, 2e-9), (4, 5, 1e9)),
            r"entry \(0, 1\) is 1\S*e-09 and entry \(1, 0\) is "
            r"2",
        ),
        (
            np.eye(6, k=1) + 2 * np.eye(6, k=-1),
            r"entry \(0, 1\) is 1 and entry \(1, 0\) is 2, and the graph "
            r"is undirected",
        ),
        (small((3, 1, np.nan)), r"entry \(3, 1\) is nan: a length is a number"),
        (small((1, 3, np.nan), (3, 1, 2.0)), r"entry \(1, 3\) is nan"),
        (small((2, 1, -1.0)), r"entry \(2, 1\) is -1: lengths are positive"),
        (small((2, 1, -np.inf)), "lengths are positive"),
        (small((2, 1, 0.0)), r"entry \(2, 1\) is 0: a stored 0 is an edge of length 0.*eliminate_zeros"),
        (
            small((2, 2, 1.0), (0, 1, 5.0)),
            r"entry \(2, 2\) is 1: an edge leads to another vertex; clear the "
            r"diagonal",
        ),
        (small((2, 2, -1.0)), r"entry \(2, 2\) is -1"),
        (small((2, 2, np.nan)), r"entry \(2, 2\) is nan"),
        (small((2, 1, 2**53 + 1)), "matrix.* holds 9007199254740993, and float64 merges integers beyond 2"),
        (small((0, 1, 1.0)) * 1j, "holds complex128; lengths are real"),
        (np.full((6, 6), "a"), "they are text, such as a"),
        (np.full((6, 6), None), "row 0 holds None, a missing value"),
        ([[0.0, 1.0], [1.0]], r"cannot be read: row 0 has 2 number\(s\), row 1 has 1"),
        (np.zeros(6), r"has shape \(6,\); 6 points need \(6, 6\)"),
        (np.zeros((6, 7)), r"has shape \(6, 7\)"),
        (sparse.csr_array((5, 5)), r"has shape \(5, 5\)"),
        (None, "it holds None, a missing value"),
    ],
)
def test_what_contradicts_itself_is_named(matrix, text: str) -> None:
    with pytest.raises(GraphError, match=text):
        gk.Graph.from_matrix(X[:6], matrix)
