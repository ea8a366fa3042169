"""The benchmarks' harness and what is committed of them; no time is tested."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from geodesic_kit.errors import InvalidParameter

ROOT = Path(__file__).resolve().parent.parent
NAMES = (
    "agreement",
    "bounds",
    "children",
    "lines",
    "memory",
    "naive",
    "problems",
    "reference",
    "registry",
    "report",
    "timing",
    "__main__",
)


@pytest.fixture(scope="module")
def bench() -> Iterator[dict[str, ModuleType]]:
    """The modules of benchmarks/, which is not installed; the folder leaves the path again, since `plugins`
    must not be found there.
    """
    from importlib import import_module

    sys.path.insert(0, str(ROOT))
    try:
        yield {name: import_module(f"benchmarks.{name}") for name in NAMES}
    finally:
        sys.path.remove(str(ROOT))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, bench: dict[str, ModuleType]) -> list[float]:
    """The seconds that the next pieces of work will seem to take."""
    takes: list[float] = []
    now = itertools.count()
    monkeypatch.setattr(bench["timing"].time, "perf_counter", lambda: takes.pop(0) if next(now) % 2 else 0.0)
    return takes


def test_every_bound_promised_has_a_row(bench: dict[str, ModuleType]) -> None:
    promised = {
        "mixture_weights_784": ["at least ×40", "at least ×100"],
        "mixture_weights_2": ["at least ×20", "at least ×20"],
        "chain": ["at least ×10", "at most 400 MB"],
        "single_pair": ["at least ×4"],
        "all_pairs": ["at least ×1.6"],
        "refine": ["at most 1e-06", "at most 0.05 s", "at most 0 paths"],
        "scale": ["at most 1.15", "at most 1.05", "at most ×2"],
        "latent_geodesics": ["at least ×2", "at least ×8", "at most 1"],
        "refine_images": ["at most 2 s", "at least ×10"],
        "refine_steep": ["at most 3 s", "at most 0.02"],
        "three_lines": ["at most ×4", "at most ×2", "at most ×1"],
        "landmark_pair": ["at least ×6", "at least ×8"],
        "latent_graphs": ["at most 0.12", "at least ×5"],
        "landmark_scaling": ["at most 25 s", "at most 400 MB", "at most ×1.02"],
        "bounds": ["at most 0.5 %", "at most 1.5 %", "at most 5 %"],
        "cluster": ["at most 0 entries"],
        "explorer_latency": ["at most 0.3 s", "at most 1 s", "at most 1 s"],
        "live_page": ["at most 50 ms"],
        "black_box": ["at least ×4"],
        "small_fit": ["at most ×1.2", "at most ×1.3"],
        "first_call": ["at most 7 s"],
        "import": ["at most ×1.5"],
    }
    assert {
        name: [str(bound) for bound in bounds.values()] for name, bounds in bench["bounds"].BOUNDS.items()
    } == promised
    assert set(promised) | set(bench["registry"].LONG) <= set(bench["registry"].ROWS)
    modules = {target.partition(":")[0] for target in bench["registry"].ROWS.values()}
    assert modules == {path.stem for path in (ROOT / "benchmarks" / "rows").glob("*.py")} - {"__init__"}


def test_ratios_are_of_medians_and_the_order_rotates(
    bench: dict[str, ModuleType], clock: list[float]
) -> None:
    ran: list[str] = []
    clock += [1.0, 9.0, 12.0, 50.0, 2.0, 10.0]  # a b, b a, a b
    times = bench["timing"].interleaved({"a": lambda: ran.append("a"), "b": lambda: ran.append("b")}, 3)
    assert ran == ["a", "b", "b", "a", "a", "b"]
    assert times["a"].seconds == (1.0, 50.0, 2.0)
    assert times["b"].seconds == (9.0, 12.0, 10.0)
    line = bench["lines"].against(
        "chain", "work", times["a"], "b", times["b"], bench["bounds"].AtLeast(5, "×")
    )
    assert line.ratio == pytest.approx(5.0)
    assert line.met
    line = bench["lines"].against(
        "chain", "work", times["a"], "b", times["b"].of(0.5), bench["bounds"].AtLeast(11, "×")
    )
    assert line.ratio == pytest.approx(10.0)
    assert not line.met
    assert "b timed on 0.5 of the work" in line.note
    line = bench["lines"].against(
        "import", "work", times["b"], "a", times["a"], bench["bounds"].AtMost(4, "×")
    )
    assert line.ratio == pytest.approx(5.0)
    assert not line.met


def test_a_peer_that_fails_is_named_and_the_others_go_on(bench: dict[str, ModuleType]) -> None:
    def absent() -> None:
        raise ImportError("No module named 'igraph'")

    times = bench["timing"].interleaved({"ours": lambda: 1, "igraph": absent}, 2)
    line = asdict(
        bench["lines"].against(
            "all_pairs", "work", times["ours"], "igraph", times["igraph"], bench["bounds"].AtLeast(2)
        )
    )
    assert len(times["ours"].seconds) == 2
    assert line["note"] == "not run: igraph: ImportError: No module named 'igraph'"
    assert bench["report"].status(line) == "not run"
    assert line["ratio"] is None
    assert line["ours"]


def test_a_wrong_answer_is_missed_however_fast(
    bench: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    same = bench["agreement"].same
    assert same([1.0, np.inf, 0.0], [1 + 1e-12, np.inf, 0.0], 1e-9, "distances") == pytest.approx(
        1e-12, rel=1e-3
    )
    for theirs in ([1.1, np.inf, 0.0], [1.0, 5.0, 0.0], [np.nan, np.inf, 0.0], [1.0]):
        with pytest.raises(bench["lines"].Disagreement, match="distances"):
            same([1.0, np.inf, 0.0], theirs, 1e-9, "distances")
    with pytest.raises(bench["lines"].Disagreement):
        same([np.nan], [np.nan], 1e-9, "distances")

    module = ModuleType("benchmarks.rows.broken")
    module.run = lambda quick: same([1.0], [2.0], 1e-9, "distances")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "benchmarks.rows.broken", module)
    monkeypatch.setitem(bench["registry"].ROWS, "chain", "broken:run")
    (line,) = bench["registry"].lines("chain", True)
    assert bench["report"].status(line) == "missed"
    assert line["note"].startswith("wrong answer: distances")


def test_a_row_that_crashes_ends_alone_and_strict_says_so(
    bench: dict[str, ModuleType],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    main = bench["__main__"]

    def call(target: str, *, timeout: float, name: str, quick: bool) -> Any:
        if name == "chain":
            raise InvalidParameter("killed")
        return [asdict(bench["lines"].measured("import", "work", 1.0, "1", bench["bounds"].AtMost(2)))]

    monkeypatch.setattr(main, "call", call)
    monkeypatch.setattr(main, "_LATEST", tmp_path / "results" / "benchmarks.json")
    assert main.main(["chain", "import", "--quick"]) == 0
    assert "not run: killed" in capsys.readouterr().out
    assert main.main(["chain", "import", "--quick", "--strict"]) == 1
    assert main.main(["import", "--strict"]) == 0
    saved = json.loads((tmp_path / "results" / "benchmarks.json").read_text())
    assert [line["bench"] for line in saved["lines"]] == ["import"]
    with pytest.raises(SystemExit):
        main.main(["nothing"])
    with pytest.raises(SystemExit):
        main.main(["chain", "--write"])


def test_the_reference_and_the_naive_rules_meet_the_kits_lengths(bench: dict[str, ModuleType]) -> None:
    import geodesic_kit as gk

    problem = bench["problems"].plane(300)
    graph = gk.epsilon_graph(problem.points, problem.radius(10)).weigh(problem.metric, rtol=1e-9)
    assert graph.mean_degree == pytest.approx(10, rel=0.2)
    looked_at = bench["reference"].sample(20, graph.m)
    edges = graph.edges[looked_at]
    assert bench["reference"].worst(problem, edges, graph.weights[looked_at]) < 1e-9  # type: ignore[index]
    log_p = bench["naive"].numpy_log_p(problem)
    np.testing.assert_allclose(
        log_p(problem.points), problem.metric.density.log_prob(problem.points), rtol=1e-12
    )
    coarse, fine = (
        bench["reference"].worst(problem, edges, bench["naive"].trapezoid(problem, edges, m, log_p))
        for m in (4, 8)
    )
    assert coarse / fine == pytest.approx(4, rel=0.05)  # the trapezoid's order is two


def test_memory_added_is_what_the_work_holds(bench: dict[str, ModuleType]) -> None:
    megabytes, total = bench["memory"].added(lambda: np.ones(5_000_000).sum())
    assert total == 5_000_000
    assert np.isnan(megabytes) or megabytes > 35  # 40 MB, less pages that were there


def test_readme_shows_the_committed_results(bench: dict[str, ModuleType]) -> None:
    text = (ROOT / "benchmarks" / "results.json").read_text(encoding="utf-8")
    results = json.loads(text)
    assert bench["report"].as_json(results) == text
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert bench["report"].replace_block(readme, results) == readme, "run `python -m benchmarks --write`"
    assert bench["report"].block(results, True) in (ROOT / "benchmarks" / "results.md").read_text(
        encoding="utf-8"
    )
    usual = set(bench["registry"].ROWS) - set(bench["registry"].LONG)
    assert {line["bench"] for line in results["lines"]} == usual
    with pytest.raises(ValueError, match="marks"):
        bench["report"].replace_block("no marks", results)
