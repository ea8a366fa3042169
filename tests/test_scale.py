"""The notebook on scale: its rules, its stages, its slopes, and memory that no step can hide."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import geodesic_kit as gk
from geodesic_kit.errors import InvalidParameter
from geodesic_kit.paper.experiments import own_process, scale

METRIC = scale.two_modes(0.1, 1.0)
needs_proc = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the system does not tell a process its peak"
)


@pytest.mark.parametrize(
    ("rule", "degree"),
    [("mean degree 15", 15.0), ("connectivity × 1.5", 2.25 * np.log(20_000)), ("convergent", 160.0)],
)
def test_rules_give_their_degrees(rule: str, degree: float) -> None:
    graph = gk.epsilon_graph(scale.uniform(20_000, 0), scale.radius(rule, 20_000))
    assert graph.mean_degree == pytest.approx(degree, rel=0.06)  # a little less at the border


def test_unknown_rules_are_named() -> None:
    with pytest.raises(InvalidParameter, match="mean degree 15"):
        scale.radius("none", 100)


def test_stages_come_in_order_and_do_the_work() -> None:
    held: dict[str, gk.Graph] = {}
    names = []
    for name, work in scale.stages(scale.uniform(500, 0), scale.radius("mean degree 15", 500), METRIC, held):
        work()
        names.append(name)
    assert tuple(names) == scale.STAGES
    assert held["graph"].weights is not None


def test_ends_are_joined() -> None:
    graph = gk.epsilon_graph(scale.uniform(200, 1), 0.06)
    i, j = scale.ends(graph)
    assert graph.components()[[i, j]].tolist() == [0, 0]
    assert i != j


def test_times_have_a_row_a_stage_and_size() -> None:
    rows = scale.times("mean degree 15", [200, 400], METRIC, rounds=2, seed=0)
    assert [(row.n, row.stage) for row in rows] == [(n, stage) for n in (200, 400) for stage in scale.STAGES]
    assert all(row.seconds >= 0 and row.wall > 0 and row.edges > row.n for row in rows)


def test_slope_is_that_of_a_power_from_the_least_n_on() -> None:
    table = {"n": [1, 10, 100, 1000], "y": [99.0, 10**1.5, 100**1.5, 1000**1.5]}
    assert scale.slope(table, "y", 10) == pytest.approx(1.5)


def test_what_an_edge_costs_is_that_of_each_rules_largest_n() -> None:
    rows = [
        scale.Cost(rule, n, 2 * n, stage, seconds=n * 2e-9 * (k + 1), wall=0.5)
        for rule, sizes in (("convergent", (10, 100)), ("mean degree 15", (10, 1000)))
        for n in sizes
        for k, stage in enumerate(scale.STAGES)
    ]
    table = scale.per_edge(pd.DataFrame(rows))
    assert table.index.tolist() == ["mean degree 15", "convergent"], "in the order of RULES"
    assert table.loc["convergent"].tolist() == [1, 2, 3, 4, 100, 200, 2.0]
    assert table["n"].tolist() == [1000, 100]


def test_each_rule_has_a_panel_with_its_slopes() -> None:
    table = pd.DataFrame(
        [
            {"rule": rule, "n": n, "stage": stage, "bytes": float(n) ** power}
            for rule, power in (("a", 1), ("b", 2))
            for stage in scale.STAGES
            for n in (10, 100, 1000)
        ]
    )
    scale.draw_rules(table, "bytes", {"a": 10, "b": 100}, ylabel="memory  [bytes]", title="")
    fig = plt.gcf()
    assert [ax.get_title() for ax in fig.axes] == ["a, slopes from n = 10", "b, slopes from n = 100"]
    assert fig.axes[1].get_legend_handles_labels()[1][0] == "graph: slope 2.00"
    plt.close(fig)


def test_figure_has_a_line_a_stage_with_its_slope() -> None:
    table = pd.DataFrame(
        [
            {"n": n, "stage": stage, "seconds": n * (k + 1.0)}
            for k, stage in enumerate(scale.STAGES)
            for n in (100, 10, 1000)
        ]
    )
    fig, ax = plt.subplots()
    scale.draw_stages(table, "seconds", 10, ax)
    assert ax.get_legend_handles_labels()[1] == [f"{stage}: slope 1.00" for stage in scale.STAGES]
    assert len({line.get_marker() for line in ax.lines}) == len(scale.STAGES)
    assert ax.lines[0].get_xdata().tolist() == [10, 100, 1000]
    plt.close(fig)


@needs_proc
def test_peaks_see_what_is_freed_again_and_keep_counting_what_is_held(tmp_path: Path) -> None:
    (tmp_path / "steps_of_mine.py").write_text(
        """
import numpy as np
from geodesic_kit.paper.experiments.own_process import peaks

def found():
    held = []
    return peaks([
        ("passing", lambda: np.ones(4_000_000).sum()),
        ("kept", lambda: held.append(np.ones(2_000_000))),
        ("nothing", lambda: None),
    ])
"""
    )
    # where other work frees memory meanwhile, as threads of other tests do, no peak stands out
    found = own_process.call("steps_of_mine:found", folder=tmp_path)
    assert found["passing"] > 0.9 * 32e6
    assert found["kept"] > 0.9 * 16e6
    assert found["nothing"] > 0.9 * 16e6


@needs_proc
def test_memory_is_at_least_that_of_the_arrays() -> None:
    own = scale.memory("mean degree 15", 30_000, lam=0.1, p0=1.0, seed=0)
    assert tuple(own) == scale.STAGES
    edges = 30_000 * 14.5 / 2
    assert own["graph"] > 16 * edges
    assert own["tree"] > (16 + 8 + 2 * 12) * edges


def test_failures_of_the_other_interpreter_are_told() -> None:
    with pytest.raises(InvalidParameter, match="there are mean degree 15"):
        scale.memory("none", 100, lam=0.1, p0=1.0, seed=0)


def test_another_folder_environment_and_time_limit_for_the_other_interpreter(tmp_path: Path) -> None:
    program = (
        "import os, time\nimport numpy as np\ndef here(name): return {'row': np.arange(2), 'said': "
        "os.environ[name]}\n"
    )
    (tmp_path / "work_of_mine.py").write_text(f"{program}def slow(): time.sleep(60)\n")
    found = own_process.call("work_of_mine:here", folder=tmp_path, environment={"MINE": "yes"}, name="MINE")
    assert found == {"row": [0, 1], "said": "yes"}
    with pytest.raises(
        InvalidParameter, match=r"work_of_mine:slow in a process of its own: it took more than 0\.5 s"
    ):
        own_process.call("work_of_mine:slow", folder=tmp_path, timeout=0.5)
