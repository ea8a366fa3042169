"""What comes in is looked at before the cast: arrays of every kind, and numbers as Python's own."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import geodesic_kit as gk
from geodesic_kit.applications.interpolation import straight
from geodesic_kit.checks import as_points, as_weights, chosen, index, integer, number, reals, seeded
from geodesic_kit.errors import DataError, GraphError, InvalidParameter

X = np.random.default_rng(0).normal(size=(6, 2))
BIG = 2**53 + 1
MIXTURE = gk.densities["mog"](X[:2], 0.5)
METRIC = gk.GenerativeMetric(MIXTURE, lam=0.05, p0=0.1)
WEIGHED = gk.knn_graph(X, 5).weigh(METRIC)
HIDDEN = np.ma.array(X, mask=X > 1)


def itself() -> list[Any]:
    nested: list[Any] = []
    nested.append(nested)
    return nested


REFUSED: dict[str, tuple[Any, str]] = {
    "dates": (np.array([["2020-01-01"]], dtype="M8[s]"), "dates; give numbers in a unit"),
    "no date": (np.array([["NaT"]], dtype="M8[s]"), "dates"),
    "durations": (np.array([[1]], dtype="m8[s]"), "durations"),
    "Python's dates": ([[1.0], [datetime.date(2020, 1, 1)]], "row 1 holds datetime.date"),
    "large integers": (np.array([[1, 0], [BIG, 0]]), f"row 1 holds {BIG}, and float64 merges"),
    "large unsigned integers": (np.array([[2**64 - 1]], dtype=np.uint64), "row 0 holds 18446744073709551615"),
    "large integers beside floats": ([[0.5, 1], [0.5, -BIG]], f"row 1 holds -{BIG}"),
    "an integer beyond float64": ([[0], [10**400]], "row 1 holds 1000.*beyond float64"),
    "a longer one": ([[10**5000]], r"row 0 holds \(int\), which is beyond float64"),
    "a mask": (HIDDEN, "masked; drop the masked rows"),
    "masked rows in a list": (list(HIDDEN), "masked"),
    "masked rows in a list of lists": ([list(HIDDEN)], "masked"),
    "a masked number": ([[1.0, np.ma.masked]], "masked"),
    "text": ([["0.3"]], "text, such as 0.3; give numbers"),
    "text among numbers": ([[1, "2"]], "text"),
    "text among objects": (np.array([[1], ["2"]], dtype=object), "row 1 holds '2' of type str"),
    "bytes": (b"abc", "text"),
    "complex": (X + 0j, "complex; give real numbers"),
    "none": ([[1.0], [None]], "row 1 holds None, a missing value; drop or fill"),
    "rows of several lengths": ([[1, 2], [3]], r"row 0 has 2 number\(s\), row 1 has 1"),
    "a list in itself": (itself(), "nested more than 64 deep"),
    "sparse": (sp.csr_array(X), "csr_array is sparse; give x.toarray()"),
    "sparse rows": ([sp.csr_array(X)], "sparse"),
    "records": (np.zeros(3, dtype=[("a", float)]), "named fields"),
    "a dict": ({}, "holds {} of type dict"),
    "NaN": ([[0.0], [np.nan]], "NaN or inf in 1 row"),
    "beyond float64": (np.array([[np.longdouble("1e400")]]), "NaN or inf in 1 row"),
}
SERVED: dict[str, tuple[Any, Any]] = {
    "half precision": (X.astype(np.float16), X.astype(np.float16)),
    "whole numbers": (np.arange(6).reshape(3, 2), np.arange(6.0).reshape(3, 2)),
    "exact large integers": (np.array([[2**60, -(2**63)]]), [[2.0**60, -(2.0**63)]]),
    "truth values": (X > 0, (X > 0) * 1.0),
    "a mask that hides nothing": (np.ma.array(X), X),
    "such rows in a list": (list(np.ma.array(X)), X),
    "fractions": ([[Decimal("0.1"), Fraction(1, 4)]], [[0.1, 0.25]]),
    "a matrix": (np.asmatrix(X), X),
    "columns first": (np.asfortranarray(X), X),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_a_cast_would_change_is_refused_by_name(kind: str) -> None:
    given, message = REFUSED[kind]
    with pytest.raises(DataError, match=f"x .*{message}"):
        as_points(given, name="x")


@pytest.mark.parametrize("kind", SERVED)
def test_numbers_of_any_kind_become_points(kind: str) -> None:
    given, wanted = SERVED[kind]
    points = as_points(given)
    assert (type(points), points.dtype, points.flags.c_contiguous) == (np.ndarray, np.float64, True)
    np.testing.assert_array_equal(points, wanted)


def test_what_is_right_already_is_not_copied() -> None:
    assert as_points(X) is X


def test_tables_name_the_row_of_a_missing_value() -> None:
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame({"a": pd.array([1, None, 3], dtype="Int64"), "b": [0.5, 1.0, 1.5]})
    with pytest.raises(DataError, match="row 1 holds <NA>, a missing value"):
        as_points(table)
    np.testing.assert_array_equal(as_points(table.dropna()), [[1.0, 0.5], [3.0, 1.5]])
    with pytest.raises(DataError, match=f"row 1 holds {BIG}"):
        as_points(pd.DataFrame({"a": [1, BIG], "b": [0.5, 1.0]}))
    with pytest.raises(DataError, match="row 0 holds Timestamp"):
        as_points(pd.DataFrame({"a": pd.to_datetime([0, 1]), "b": [0.5, 1.0]}))


def test_a_signalling_nan_is_no_number() -> None:
    with pytest.raises(DataError, match=r"row 1 holds Decimal\('sNaN'\), which is not a number"):
        as_points([[Decimal(1)], [Decimal("sNaN")]])
    with pytest.raises(InvalidParameter, match=r"eps=Decimal\('sNaN'\) is not a number"):
        number(Decimal("sNaN"), "eps")


def test_tensors_are_read_to_the_bit_or_told_what_to_do() -> None:
    torch = pytest.importorskip("torch")
    x = torch.tensor(X)
    for tensor in (x.float(), x.bfloat16(), torch.complex(x, -x).conj().imag):
        np.testing.assert_array_equal(as_points(tensor), tensor.double().resolve_neg().numpy())
    np.testing.assert_array_equal(as_points(list(x.bfloat16())), x.bfloat16().double().numpy())
    wide = torch.tensor([[np.inf, 2.0**60], [1.0, 2.0**53]], dtype=torch.bfloat16)
    for given in (wide, list(wide), wide.float()):
        np.testing.assert_array_equal(
            reals(given, "x", give="give numbers"), [[np.inf, 2.0**60], [1.0, 2.0**53]]
        )
    for tensor, advice in (
        (x.clone().requires_grad_(), r"gradient.*x.detach\(\)"),
        (list(x.clone().requires_grad_()), r"x.detach\(\)"),
        (x.to_sparse(), r"x.to_dense\(\)"),
        (x.to("meta"), "holds no numbers"),
        (torch.complex(x, x).conj(), "complex"),
    ):
        with pytest.raises(DataError, match=advice):
            as_points(tensor)
    assert number(torch.tensor(0.5), "eps") == 0.5
    assert integer(torch.tensor(3), "k") == 3


def test_a_graph_keeps_what_its_caller_can_still_write_to() -> None:
    torch = pytest.importorskip("torch")
    x = torch.tensor(X)
    graph = gk.Graph(x, [[0, 1]], [1.0])
    x[0, 0] = 9.0
    assert graph.points[0, 0] == X[0, 0]


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.ma.array([1.0, 2.0], mask=[True, False]), "masked"),
        ([1.0, 2.0j], "complex"),
        (["1", "2"], "text"),
        ([1.0], r"shape \(1,\)"),
        ([1.0, 0.0], r"edge \(1, 2\) is 0.0"),
    ],
)
def test_weights_are_positive_numbers(weights: Any, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        as_weights(weights, np.array([[0, 1], [1, 2]]), n=3)


@pytest.mark.parametrize(
    "value",
    [
        np.float32(0.5),
        np.float16(0.5),
        np.longdouble(0.5),
        np.array(0.5),
        Fraction(1, 2),
        Decimal("0.5"),
        0.5,
    ],
)
def test_a_number_becomes_a_float(value: Any) -> None:
    assert repr(number(value, "eps")) == "0.5"


@pytest.mark.parametrize("value", [3, np.int8(3), np.uint64(3), np.array(3)])
def test_a_whole_number_becomes_an_int(value: Any) -> None:
    for found in (integer(value, "k"), index(value, "i", 4), seeded(value)):
        assert repr(found) == "3"


@pytest.mark.parametrize(
    "value",
    [
        "3",
        b"3",
        True,
        np.True_,
        None,
        1j,
        np.complex128(1),
        [3],
        np.array([3]),
        {},
        int,
        np.timedelta64(3, "s"),
        np.ma.masked,
    ],
)
def test_what_is_no_number_is_refused_by_name(value: Any) -> None:
    with pytest.raises(InvalidParameter, match=r"^eps"):
        number(value, "eps")
    with pytest.raises(InvalidParameter, match=r"^k"):
        integer(value, "k")
    with pytest.raises(InvalidParameter, match=r"^i"):
        index(value, "i", 4)


@pytest.mark.parametrize(
    "value", [10**400, -(10**400), 10**5000, Fraction(10**400)], ids=["large", "low", "longest", "fraction"]
)
def test_a_number_beyond_float64_is_refused(value: Any) -> None:
    with pytest.raises(InvalidParameter, match=r"^eps=.*float64 ends at"):
        number(value, "eps")


def test_infinity_is_a_number_only_where_it_is_said_so() -> None:
    assert number(np.inf, "limit", least=0) == np.inf
    with pytest.raises(InvalidParameter, match="eps=inf: give a number above 0 and finite"):
        number(np.inf, "eps", above=0, finite=True)


@pytest.mark.parametrize("value", [-1, 2**32, None, "0", 0.0, np.random.default_rng(0)])
def test_a_seed_is_a_number_that_every_generator_takes(value: Any) -> None:
    with pytest.raises(InvalidParameter, match=r"^seed="):
        seeded(value)
    assert seeded(2**32 - 1) == 2**32 - 1


@pytest.mark.parametrize("value", ["c", None, ["a"], np.array(["a", "b"]), {}])
def test_a_choice_is_one_of_those_named(value: Any) -> None:
    with pytest.raises(InvalidParameter, match=r"^kind=.*; there are a, b$"):
        chosen(value, "kind", ("a", "b"))


@pytest.mark.parametrize("eps", [np.float32(0.5), np.float16(0.5), np.array(0.5), Fraction(1, 2)])
def test_a_radius_of_any_kind_makes_the_graph_of_its_value(eps: Any) -> None:
    x = np.random.default_rng(1).uniform(size=(200, 2))
    wanted = gk.epsilon_graph(x, eps=0.5).edges
    graph = gk.epsilon_graph(x, eps=eps)
    assert type(graph.link.eps) is float
    np.testing.assert_array_equal(graph.edges, wanted)
    np.testing.assert_array_equal(
        gk.adaptive_graph(x, np.int8(5), eps=eps).edges, gk.adaptive_graph(x, 5, eps=0.5).edges
    )


def test_a_radius_far_beyond_the_points_joins_all_of_them() -> None:
    assert gk.epsilon_graph(X, eps=10**10).m == 15


BOUNDED: dict[str, Callable[[int], Any]] = {
    "n": lambda many: gk.datasets.load("two_moons", n=many),
    "n of draws": lambda many: MIXTURE.sample(many, seed=0),
    "n of frames": lambda many: straight([0.0], [1.0], many),
    "pieces": lambda many: WEIGHED.weigh(METRIC, rule="trapezoid", pieces=many),
    "panels": lambda many: WEIGHED.weigh(METRIC, panels=many),
    "n_points": lambda many: gk.refine(gk.geodesic(WEIGHED, 0, 1), n_points=many),
    "dim": lambda many: gk.as_density(np.sum, dim=many),
    "dim of an embedding": lambda many: gk.embed(gk.distances(WEIGHED), dim=many),
}


@pytest.mark.parametrize("name", BOUNDED)
def test_a_count_beyond_all_use_is_refused_by_name(name: str) -> None:
    with pytest.raises(
        InvalidParameter,
        match=rf"^{name.partition(' ')[0]}=1000000000000: give a whole "
        r"number from \d to \d+",
    ):
        BOUNDED[name](10**12)


def test_as_many_pieces_as_are_allowed_need_little_memory() -> None:
    one = gk.Graph(X, [[0, 1], [2, 3]])
    fine = one.weigh(METRIC, rule="trapezoid", pieces=10**6)
    np.testing.assert_allclose(fine.weights, one.weigh(METRIC, rtol=1e-9).weights, rtol=1e-8)


@pytest.mark.parametrize("given", [None, "graph", X, sp.csr_array(X), gk.Graph])
def test_what_is_no_graph_or_no_metric_is_refused_by_name(given: Any) -> None:
    for call in (lambda: gk.distances(given), lambda: gk.geodesic(given, 0, 1), lambda: gk.diagnose(given)):
        with pytest.raises(GraphError, match="takes a graph, not"):
            call()
    with pytest.raises(InvalidParameter, match="is not a metric"):
        WEIGHED.weigh(given)


@pytest.mark.parametrize("path", [None, 3, [], X])
def test_what_is_no_path_is_refused_by_name(path: Any) -> None:
    for call in (WEIGHED.save, gk.Graph.load, MIXTURE.save, gk.densities.load):
        with pytest.raises(InvalidParameter, match=r"^path=.* is no path"):
            call(path)
