"""What the explorer is given: arrays, tables, labels, copies and many points; and where they are drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scenes import scene

import geodesic_kit as gk
from geodesic_kit.errors import DataError, InvalidParameter
from geodesic_kit.plots.explorer import given as room
from geodesic_kit.plots.explorer.given import given
from geodesic_kit.plots.explorer.planes import PLANES
from geodesic_kit.plots.explorer.scene import draw, link

RNG = np.random.default_rng(0)


def penguins() -> pd.DataFrame:
    """A table in the manner of the penguins': numbers, words, a truth value, and rows that miss some."""
    n = 60
    table = pd.DataFrame(
        {
            "species": np.where(np.arange(n) % 3 == 0, "Adelie", "Gentoo"),
            "bill (mm)": RNG.normal(44, 5, n),
            "island": "Dream",
            "flipper (mm)": RNG.normal(200, 14, n).round(),
            "mass (g)": RNG.normal(4200, 800, n).round(),
            "tagged": np.arange(n) % 2 == 0,
        }
    )
    table.loc[3, "mass (g)"] = np.nan
    table.loc[7] = table.loc[9]
    return table


def test_the_columns_of_numbers_are_taken_and_the_others_named() -> None:
    found = given(penguins(), None, 0)
    assert found.columns == ("bill (mm)", "flipper (mm)", "mass (g)")
    assert found.x.shape == (58, 3)
    assert found.notes == (
        "left out, as no numbers: species, island, tagged",
        "1 of 60 rows are left out, which miss a number",
        "1 row repeated another and is merged with it",
    )
    assert found.image_shape is None
    box = gk.widgets.explore(penguins(), projection="columns", columns=("flipper (mm)", "mass (g)"))
    assert "left out, as no numbers: species" in box.message.value
    assert box.view.picture.ax.get_xlabel() == "flipper (mm)"
    assert box.view.picture.ax.get_ylabel() == "mass (g)"
    assert box.across.options[1] == ("flipper (mm)", 1)
    assert len(box.view.curves) == 3


def test_a_name_with_signs_of_money_is_no_formula() -> None:
    table = pd.DataFrame(
        {"cost $ a $": RNG.normal(size=30), "x": RNG.normal(size=30), "z": RNG.normal(size=30)}
    )
    box = gk.widgets.explore(table, projection="columns")
    assert box.view.picture.ax.get_xlabel() == r"cost \$ a \$"
    assert box.view.picture.ax.get_ylabel() == "x"


def test_a_table_without_numbers_is_refused() -> None:
    with pytest.raises(DataError, match="none of the columns species, island holds numbers"):
        given(penguins()[["species", "island"]], None, 0)
    with pytest.raises(DataError, match="no row has a number in each of the columns a, b"):
        given(pd.DataFrame({"a": [1.0, np.nan], "b": [np.nan, 1.0]}), None, 0)


def test_columns_are_numbers_by_their_kind_and_a_name_may_occur_twice() -> None:
    table = pd.DataFrame(
        {
            "a": [0.0, 1.0, 2.0],
            "when": pd.to_timedelta([1, 2, 3], unit="s"),
            "z": [1j, 2j, 3j],
            "few": pd.array([1, None, 3], dtype="Int64"),
        }
    )
    found = given(table, None, 0)
    assert found.columns == ("a", "few")
    assert found.x.tolist() == [[0.0, 1.0], [2.0, 3.0]]
    assert found.notes[0] == "left out, as no numbers: when, z"
    twice = pd.DataFrame([[1.0, 2.0], [3.0, 5.0]], columns=["a", "a"])
    assert given(twice, None, 0).columns == ("a", "a")
    with pytest.raises(DataError):
        given(([[1.0, 2.0], [3.0]], [0, 1]), None, 0)


def test_ten_thousand_points_and_ten_columns() -> None:
    mixture = gk.densities["mog"](means=[[-1.0, 0.0], [1.0, 0.0]], covariances=0.2)
    box = gk.widgets.explore(mixture.sample(10_050, seed=0), mixture)
    assert repr(box) == "Explorer of your points: 10000 points in R^2"
    assert "a random 10,000 of 10,050 points, by seed 0" in box.message.value
    assert len(box.view.picture.ax.collections[0].get_offsets()) == 5000
    before = box.view.png
    box.lam.value += 1
    assert box.view.png != before
    wide = gk.widgets.explore(RNG.normal(size=(2000, 10)))
    assert repr(wide) == "Explorer of your points: 2000 points in R^10"
    assert list(wide.view.curves) == ["geodesic", "shortest Euclidean path", "straight line"]


def test_iris_with_its_labels_is_four_columns_and_no_picture() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    box = gk.widgets.explore(datasets.load_iris(return_X_y=True))
    assert repr(box) == "Explorer of your points: 149 points in R^4"
    assert "1 row repeated another and is merged with it" in box.message.value
    assert box.plane.value == "principal components"
    assert box.view.picture.ax.get_xlabel().startswith("principal component 1, 92%")
    assert len(box.view.picture.ax.figure.axes) == 1  # the plane alone, no rows of pictures
    frame = datasets.load_iris(as_frame=True)
    labelled = given((frame.data, frame.target), None, 0)
    assert labelled.y is not None
    assert len(labelled.y) == len(labelled.x) == 149
    box.up.value, box.across.value = 2, 3
    box.plane.value = "columns"
    assert box.view.picture.ax.get_xlabel() == "x₄  [length]"
    assert (box.across.layout.display, box.up.layout.display) == ("", "")
    box.up.value = 3
    assert "give two columns that differ" in box.message.value


def test_rows_are_pictures_only_where_that_is_said() -> None:
    x = RNG.uniform(size=(40, 16))
    assert given(x, None, 0).image_shape is None
    assert given(x, None, 0, (2, 8)).image_shape == (2, 8)
    for wrong in ((4, 5), (4,), 16, "4, 4"):
        with pytest.raises(InvalidParameter, match="image_shape"):
            given(x, None, 0, wrong)
    shown = scene(x, image_shape=(4, 4))
    flat = scene(x)
    pictures, plain = draw(shown, link(shown)), draw(flat, link(flat))
    assert len(pictures.picture.ax.figure.axes) == 2
    assert len(plain.picture.ax.figure.axes) == 1
    assert pictures.png != plain.png


def test_many_points_are_thinned_with_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST", 50)
    x = RNG.normal(size=(80, 2))
    found = given(x, None, 3)
    assert found.x.shape == (50, 2)
    assert found.notes == ("a random 50 of 80 points, by seed 3",)
    assert np.array_equal(found.x, given(x, None, 3).x)
    assert not np.array_equal(found.x, given(x, None, 4).x)
    assert (found.x[:, None] == x).all(axis=2).any(axis=1).all()
    assert given(x, 30, 3).x.shape == (30, 2)
    named = given("two_moons", 70, 0)
    assert named.x.shape == (50, 2)
    assert named.notes == ("70 points are asked for, the explorer takes 50",)


def test_no_more_than_some_points_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    import geodesic_kit.plots.explorer.picture as pictures

    monkeypatch.setattr(pictures, "DRAWN", 30)
    shown = scene(RNG.normal(size=(90, 3)))
    view = draw(shown, link(shown))
    drawn = view.picture.ax.collections[0].get_offsets()
    assert len(drawn) == 30
    x, y = view.picture.place(int(view.picture._drawn[4]))
    assert view.picture.nearest(x, y) == view.picture._drawn[4]
    assert view.picture.nearest(0.001, 0.001) is None


@pytest.mark.parametrize("d", [1, 2, 3, 10])
def test_points_of_any_dimension_are_drawn(d: int) -> None:
    box = gk.widgets.explore(RNG.normal(size=(60, d)))
    assert box.view.message == ""
    assert list(box.view.curves) == ["geodesic", "shortest Euclidean path", "straight line"]
    assert (box.plane.layout.display == "none") == (d == 1)
    for name in box.plane.options if d > 1 else ():
        box.plane.value = name
        assert "component" in box.message.value
        for vertex in (0, 7, 59):
            assert box.view.picture.nearest(*box.view.picture.place(vertex)) == vertex


def test_t_sne_places_vertices_and_what_lies_between() -> None:
    shown = scene(RNG.normal(size=(50, 3)))
    linked = link(shown)
    plane = shown.plane_named(PLANES[2], weighed=lambda: linked.weigh(shown.metric)[0])
    wanted = gk.embed(gk.distances(linked.weigh(shown.metric)[0]), seed=0)
    assert np.array_equal(plane.places, wanted)
    assert plane.move(shown.points[:5]) == pytest.approx(wanted[:5], abs=1e-6)
    between = plane.move(shown.points[:1] / 2 + shown.points[1:2] / 2)
    assert (between >= wanted.min(axis=0)).all()
    assert (between <= wanted.max(axis=0)).all()
    many = scene(RNG.normal(size=(1001, 3)))
    with pytest.raises(InvalidParameter, match="t-SNE of 1,001 points takes minutes"):
        many.plane_named(PLANES[2])


def test_a_table_in_a_file_keeps_its_names(tmp_path: Path) -> None:
    path = tmp_path / "penguins.csv"
    penguins().to_csv(path, index=False)
    found = given(path, None, 0)
    assert found.columns == ("bill (mm)", "flipper (mm)", "mass (g)")
    assert (found.name, found.source) == ("penguins", None)  # these rows are no file's
    assert found.notes[0].startswith("left out, as no numbers: species")
    plain = tmp_path / "plain.csv"
    penguins()[["species", "bill (mm)", "flipper (mm)"]].drop(index=7).to_csv(plain, index=False)
    kept = given(plain, None, 0)
    assert kept.columns == ("bill (mm)", "flipper (mm)")
    assert (kept.source, kept.notes) == (str(plain), ())
    assert kept.y is not None
    assert gk.datasets.load(plain).columns == kept.columns
    np.savetxt(tmp_path / "bare.csv", RNG.normal(size=(9, 2)), delimiter=",")
    assert given(tmp_path / "bare.csv", None, 0).columns == ("x₁", "x₂")


def test_a_file_is_read_again_when_it_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "mine.npy"
    np.save(path, RNG.normal(size=(40, 2)))
    box: Any = gk.widgets.explore(str(path))
    assert box.data.value == "mine"
    assert box._scene.data.source == str(path)
    box.data.value = "two_moons"
    box.data.value = "mine"
    assert repr(box) == "Explorer of mine: 40 points in R^2"
