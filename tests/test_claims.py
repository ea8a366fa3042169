"""Claims: bounds, statuses, what is refused, and how rows are shown and carried."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodesic_kit import claims
from geodesic_kit.errors import ClaimFailed, InvalidParameter, TruncatedFileError, UnknownName
from geodesic_kit.paper.claims import MIME, Claim, claim, rounded
from geodesic_kit.paper.claims.statements import SECTIONS, STATEMENTS, TOPICS
from geodesic_kit.paper.claims.table import claims_of, replace_block
from geodesic_kit.paper.ledger import readme_table

pytestmark = pytest.mark.usefixtures("ledger")

FINITE = st.floats(allow_nan=False, allow_infinity=False, width=32)


@given(here=FINITE, bound=FINITE)
def test_bounds_are_met_at_equality_and_are_each_others_mirror(here: float, bound: float) -> None:
    claims.reset()
    below = claims.check("C1.1", here=here, below=bound)
    above = claims.check("C1.2", here=here, above=bound)
    mirrored = claims.check("C2.1", here=-here, above=-bound)
    assert below.holds == (here <= bound) == mirrored.holds
    assert above.holds == (here >= bound)


@pytest.mark.parametrize("here", [math.nan, math.inf, -math.inf, np.float64("nan")])
@pytest.mark.parametrize("bound", [{"below": 1.0}, {"above": -1.0}, {"within": (-1, 1)}])
def test_what_is_not_finite_never_holds(here: float, bound: dict[str, Any]) -> None:
    claim = claims.check("C1.1", here=here, **bound)
    assert not claim.holds
    assert claim.status == "does not hold here"
    with pytest.raises(ClaimFailed, match=r"C1\.1 does not hold here"):
        claims.verify()


@pytest.mark.parametrize("here", [True, np.bool_(True), np.array([1]), np.float32(1), 1])
def test_numbers_and_truth_values_of_every_kind_are_read(here: Any) -> None:
    assert claims.check("C2.3", here=here, above=1).holds


@pytest.mark.parametrize("here", ["1", None, [1.0, 2.0], 1j, np.array([])])
def test_anything_but_one_real_number_is_refused(here: Any) -> None:
    with pytest.raises(InvalidParameter, match=r"C2\.3: here=.*give one real number or one truth value"):
        claims.check("C2.3", here=here, above=1)


@pytest.mark.parametrize(
    ("bounds", "text"),
    [
        ({}, "exactly one of below=, above=, within=.*got none"),
        ({"below": 1, "above": 0}, "got below and above"),
        ({"within": 3}, "give a pair"),
        ({"within": (2, 1)}, "the first number must be the smaller"),
        ({"below": "low"}, "below='low' is not a number"),
        ({"above": math.nan}, "above=nan"),
    ],
)
def test_anything_but_one_sound_bound_is_refused(bounds: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidParameter, match=text):
        claims.check("C1.1", here=0.5, **bounds)


def test_an_unknown_id_needs_a_statement_and_a_source() -> None:
    with pytest.raises(UnknownName, match=r"no claim 'C9\.9'; there are C1\.1, .*statement= and source="):
        claims.check("C9.9", here=1, below=2)
    assert claims.check("X1.1", here=1, below=2, statement="own", source="ours").statement == "own"


def test_a_claim_declared_not_to_hold_needs_a_reason_and_must_not_hold() -> None:
    with pytest.raises(InvalidParameter, match="holds=False needs why="):
        claims.check("C1.1", here=2, below=1, holds=False)
    claims.check("C1.1", here=2, below=1, holds=False, why="too few points")
    claims.verify()
    claims.reset()
    claims.check("C1.1", here=0, below=1, holds=False, why="too few points")
    with pytest.raises(ClaimFailed, match=r"1 of 1 claims.*\nC1\.1 holds here.*declared: does not hold"):
        claims.verify()


def test_verify_lists_every_row_that_differs_and_no_other() -> None:
    claims.check("C1.1", here=0, below=1)
    claims.check("C1.2", here=2, below=1)
    claims.check("C2.5", part="kappa=2", here=2, below=1)
    with pytest.raises(ClaimFailed, match="2 of 3") as caught:
        claims.verify()
    assert "C1.2" in str(caught.value)
    assert "C2.5 (kappa=2)" in str(caught.value)
    assert "C1.1" not in str(caught.value)


def test_verify_without_a_claim_is_an_error() -> None:
    with pytest.raises(ClaimFailed, match="no claim was checked"):
        claims.verify()


def test_parts_tell_rows_apart_and_a_repeated_row_is_refused() -> None:
    claims.check("C2.5", part="kappa=1", here=-1, below=0)
    claims.check("C2.5", part="kappa=2", here=-1, below=0)
    assert [claim.name for claim in claims.table().rows] == ["C2.5 (kappa=1)", "C2.5 (kappa=2)"]
    with pytest.raises(
        InvalidParameter,
        match=r"C2\.5, part 'kappa=2', was checked already; tell the rows "
        r"apart with part=",
    ):
        claims.check("C2.5", part="kappa=2", here=1, below=0)


class Shell:
    """IPython as far as claims see it: the cell that runs, its count, and what it displays."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cell: str | None = "one"
        self.execution_count = 1
        self.shown: list[dict[str, Any]] = []
        for room in (claims, claim):
            monkeypatch.setattr(room, "shell", lambda: self)
        monkeypatch.setattr("IPython.display.display", lambda data, raw, metadata: self.shown.append(data))

    def get_parent(self) -> dict[str, Any]:
        return {"metadata": {"cellId": self.cell} if self.cell else {}}


def test_a_cell_run_again_replaces_its_row_and_another_cell_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = Shell(monkeypatch)
    claims.check("C1.1", here=2, below=1)
    with pytest.raises(InvalidParameter, match="checked already"):
        claims.check("C1.1", here=0, below=1)
    shell.execution_count = 2
    assert claims.check("C1.1", here=0, below=1).holds
    claims.verify()
    shell.cell, shell.execution_count = "two", 3
    with pytest.raises(InvalidParameter, match="checked already"):
        claims.check("C1.1", here=0, below=1)
    shell.cell = None
    with pytest.raises(InvalidParameter, match="checked already"):
        claims.check("C1.1", here=0, below=1)


def test_a_row_goes_into_the_outputs_once_and_is_told_by_the_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = Shell(monkeypatch)
    claim = claims.check("C1.1", here=0.25, below=1)
    claim._ipython_display_()
    assert capsys.readouterr().out == ""
    assert [set(data) for data in shell.shown] == [{MIME, "text/plain"}]
    assert shell.shown[0]["text/plain"] == ""  # the table tells it, once
    assert Claim.from_json(json.loads(json.dumps(shell.shown[0][MIME], allow_nan=False))) == claim
    shell.execution_count = 2
    claim._ipython_display_()
    assert capsys.readouterr().out == f"{claim}\n"


@pytest.mark.parametrize("here", [math.nan, 0.5, -3e-12])
@pytest.mark.parametrize("bound", [{"below": 1.0}, {"above": -1.0}, {"within": (-1, 1)}])
def test_a_row_survives_json(here: float, bound: dict[str, Any]) -> None:
    claim = claims.check("C1.1", part="a", here=here, **bound)
    back = Claim.from_json(json.loads(json.dumps(claim.as_json(), allow_nan=False)))
    assert str(back) == str(claim)
    assert (back.low, back.high, back.holds) == (claim.low, claim.high, claim.holds)


@pytest.mark.parametrize(
    ("value", "step", "text"),
    [
        (3.2e-10, 1e-8, "< 1e-08"),
        (-3.2e-10, 1e-8, "> -1e-08"),
        (3.2e-7, 1e-8, "3.2e-07"),
        (0.00312, 5e-5, "0.00312"),
        (-0.43712, 0.002, "-0.437"),
        (153.2345, 5e-5, "153.2"),
        (1234567.0, 1e3, "1.235e+06"),
        (0.0, 0.1, "0"),
        (0.123456, 0.0, "0.12"),
        (math.nan, 0.1, "nan"),
        (31415.9, 10.0, "3.142e+04"),
    ],
)
def test_numbers_are_rounded_to_what_their_bound_deserves(value: float, step: float, text: str) -> None:
    assert rounded(value, step) == text


@given(value=FINITE, step=st.floats(1e-12, 1e6), wobble=st.floats(-1e-13, 1e-13))
def test_a_rounded_number_is_near_the_number(value: float, step: float, wobble: float) -> None:
    text = rounded(value, step)
    if text[0] not in "<>":
        assert abs(float(text) - value) <= max(step, 1e-3 * abs(value))
    else:
        assert abs(value) <= step


def test_the_table_prints_as_text_html_and_markdown() -> None:
    claims.check("C1.1", here=0.25, below=1, statement="a < b | c")
    table = claims.table()
    assert str(table).splitlines() == [
        "claim  measured  bound      status",
        "C1.1   0.25      at most 1  holds",
    ]
    assert "<td>a &lt; b | c</td>" in table._repr_html_()
    assert "a < b \\| c" in table.markdown()
    claims.reset()
    assert str(claims.table()) == "no claims"


def _notebook(path: Path, claim: Claim) -> Path:
    output = {
        "output_type": "display_data",
        "metadata": {},
        "data": {MIME: claim.as_json(), "text/plain": "x"},
    }
    path.write_text(
        json.dumps({"cells": [{"cell_type": "code", "outputs": [output]}, {"cell_type": "markdown"}]})
    )
    return path


def test_claims_are_read_back_from_a_notebooks_outputs(tmp_path: Path) -> None:
    claim = claims.check("C1.1", here=0.25, below=1)
    notebook = _notebook(tmp_path / "1.1-a.ipynb", claim)
    assert claims_of(notebook) == [claim]
    link = f"[1.1 Geodesics and metrics]({tmp_path.name}/1.1-a.ipynb)"
    assert f"| {link} | lengths of curves, closed forms | 1 of 1 |" in readme_table(tmp_path)
    notebook.write_text("{}")
    with pytest.raises(TruncatedFileError, match="is not a notebook"):
        claims_of(notebook)


def test_a_readme_without_the_marks_is_refused() -> None:
    with pytest.raises(UnknownName, match="the marks of the ledger are absent; put the lines"):
        replace_block("# Title\n", "table")


def test_every_claim_of_the_paper_has_a_statement_and_every_notebook_a_section() -> None:
    wanted = [
        "C1.1",
        "C1.2",
        *(f"C2.{k}" for k in range(1, 8)),
        "CA.1",
        "CA.2",
        "CB.1",
        *(f"C3.{k}" for k in range(1, 8)),
    ]
    wanted += ["CL.1", "CL.1b", "CL.2", "CL.2b", *(f"CL.{k}" for k in range(3, 8)), "CL.8a", "CL.8b"]
    # G: the project's own, each with its notebook's id
    assert [id for id in STATEMENTS if not id.startswith("G")] == wanted
    assert all(id[1:].rpartition(".")[0] in SECTIONS for id in STATEMENTS if id.startswith("G"))
    assert all(source and statement for source, statement in STATEMENTS.values())
    assert set(TOPICS) == set(SECTIONS)
    assert set(SECTIONS) == {
        "1.1",
        "2.1",
        "2.2",
        "3.1",
        "3.2",
        "3.3a",
        "3.3b",
        "A",
        "B",
        "L1",
        "L2",
        "L3",
        "L4",
        "L5",
        "X1",
        "X2",
        "X3",
        "X4",
    }


def test_under_other_parameters_a_claim_that_is_not_as_declared_is_told_and_no_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ledger: None
) -> None:
    monkeypatch.setenv(claims.LENIENT, "1")
    with pytest.raises(ClaimFailed, match="no claim was checked"):
        claims.verify()
    claims.check("C1.1", here=2, below=1)
    claims.check("C1.1", part="as declared", here=2, below=1, holds=False, why="a reason")
    claims.verify()
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "1 of 2 claims are not as declared under these parameters:"
    assert told[1].startswith("C1.1 does not hold here: ")
    assert [claim.status for claim in claims.table().rows] == ["does not hold here", "does not hold"]


def test_without_ipython_a_claim_shows_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for room in (claims, claim):
        monkeypatch.setattr(room, "shell", lambda: None)
    claims.check("C1.1", here=0.25, below=1)
    assert capsys.readouterr().out == ""
