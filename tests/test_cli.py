"""The command: its output, its exit codes, and errors as one clean line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import typer

from geodesic_kit import __version__, cli, datasets, solvers
from geodesic_kit.cli.commands import app
from geodesic_kit.cli.overview import GROUPS
from geodesic_kit.errors import FetchError


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_notebook: Callable[..., None]) -> Path:
    """A working directory with one notebook."""
    (tmp_path / "notebooks").mkdir()
    write_notebook(
        tmp_path / "notebooks" / "2.2-tiny.ipynb",
        "from geodesic_kit import claims\nclaims.check('C2.5', here=lam, below=1)",
        "claims.verify()",
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Exit code of `geodesic-kit` with these arguments."""
    monkeypatch.setattr(sys, "argv", ["geodesic-kit", *arguments])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    return int(caught.value.code or 0)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["run", "3.1"], "no notebook '3.1'; there are 2.2"),
        (
            ["run", "2.2", "-p", "lamb=1"],
            "notebook 2.2 has no parameter 'lamb'; it has lam, n, name, loud, xs, seed",
        ),
        (["run", "2.2", "-p", "lam"], "-p lam: write -p name=value"),
        (["run", "2.2", "-p", "=3"], "-p =3: write -p name=value"),
        (["run", "2.2", "-p", "n=1", "-p", "n=2"], "-p n is given twice"),
        (
            ["run", "2.2", "-p", "seed=0:5"],
            "int is declared, and several values are for `geodesic-kit sweep`",
        ),
        (["sweep", "2.2", "-p", "seed=0,-1:3:0"], "-p seed=-1:3:0: the step of a range is not 0"),
        (["sweep", "2.2", "-p", "seed=5:0"], "-p seed='5:0': a range of 0 values; 0:5 is 0, 1, 2, 3, 4"),
        (["sweep", "2.2", "-p", "seed=0:99999"], "a range of 99,999 values"),
        (["sweep", "2.2", "-p", "lam=1,low"], "lam='low' is of type str; float is declared"),
        (["list", "3.1"], "no notebook '3.1'; there are 2.2"),
        (["compare", "results", "elsewhere"], "no notebook 'results'; there are 2.2"),
        (["run", "2.2", "-p", "lam=.nan"], "-p lam holds nan; give finite numbers"),
        (["run", "2.2", "-p", "xs=[!!binary aGk=]"], "-p xs has the YAML tag 'tag:yaml.org,2002:binary'"),
        (["sweep", "2.2", "-p", "lam=1,.inf"], "-p lam holds inf; give finite numbers"),
        (["run", "2.2", "--preset", "big"], "no preset 'big'; there are quick"),
        (["sweep", "2.2", "-p", "lam="], "no value for lam; give a comma list such as lam=0.01,0.1,1"),
        (["run", "2.2", "--notebooks", "nowhere"], "no notebooks in nowhere"),
        (["datasets", "--fetch", "nothing"], "no data set named 'nothing'"),
        (["claims", "--write"], "no README"),
    ],
)
def test_errors_are_one_line_on_stderr_and_exit_code_2(
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    text: str,
) -> None:
    assert call(monkeypatch, *arguments) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("geodesic-kit: ")
    assert text in captured.err
    assert len(captured.err.splitlines()) == 1
    assert captured.out == ""
    assert not (place / "results").exists()


def test_a_fetch_that_fails_is_one_line_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(name: str) -> None:
        raise FetchError(f"{name} could not be fetched")

    monkeypatch.setattr(datasets, "fetch", refuse)
    assert call(monkeypatch, "datasets", "--fetch", "mnist") == 2
    assert capsys.readouterr().err == "geodesic-kit: mnist could not be fetched\n"


def test_unknown_commands_are_refused_with_usage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "walk") == 2
    assert "No such command" in capsys.readouterr().err


def test_plugins_are_listed_with_who_provides_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "plugins") == 0
    lines = capsys.readouterr().out.splitlines()
    assert "densities  mog  from geodesic-kit (geodesic_kit_plugins.densities.mog:MoG): ready" in lines
    cugraph = next(line for line in lines if line.startswith("solvers  cugraph"))
    assert "geodesic-kit[cugraph]" in cugraph or cugraph.endswith("ready")


def test_a_plugin_that_fails_does_not_end_the_list(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def leave() -> None:
        raise SystemExit(3)

    try:
        solvers.register("leaves")(leave)
        assert call(monkeypatch, "plugins") == 0
    finally:
        solvers.unregister("leaves")
    lines = capsys.readouterr().out.splitlines()
    assert next(line for line in lines if " leaves " in line).endswith(
        "its trial on two points failed: SystemExit: 3"
    )
    assert any(line.startswith("solvers  scipy") for line in lines)


def test_datasets_are_listed_and_most_need_no_fetching(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "datasets") == 0
    assert {line.split(":")[0] for line in capsys.readouterr().out.splitlines()} == set(datasets.names())
    assert call(monkeypatch, "datasets", "--fetch", "two_moons") == 0
    assert capsys.readouterr().out == "two_moons: needs no fetching\n"


def without_typer(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in an installation of the core alone."""
    program = "import sys; sys.modules['typer'] = None; from geodesic_kit.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )


def test_the_core_alone_shows_its_help_and_says_what_commands_need() -> None:
    for arguments in ((), ("--help",)):
        done = without_typer(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
        assert "  sweep        run a notebook for every combination" in done.stdout
        assert done.stdout.endswith("pip install 'geodesic-kit[notebooks]'\n")
    assert without_typer("--version").stdout == f"geodesic-kit {__version__}\n"
    done = without_typer("run", "2.2")
    assert done.returncode == 2
    assert done.stderr == "geodesic-kit: the command needs typer: pip install 'geodesic-kit[notebooks]'\n"


def test_the_help_has_every_command_once_users_before_maintainers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = typer.main.get_command(app)
    named = [name for commands in GROUPS.values() for name in commands]
    assert sorted(named) == sorted(command.commands)
    assert call(monkeypatch, "--help") == 0
    told = capsys.readouterr().out
    places = [told.index(f"\n  {name} ") for name in named]
    assert places == sorted(places)
    assert call(monkeypatch, "--version") == 0
    assert capsys.readouterr().out == f"geodesic-kit {__version__}\n"


def test_notebooks_and_their_parameters_are_listed(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "notebooks" / "presets").mkdir()
    (place / "notebooks" / "presets" / "paper.yaml").write_text("'2.2': {n: 5}\n")
    (place / "notebooks" / "seconds.yaml").write_text("2.2: 7\n")
    assert call(monkeypatch, "list") == 0
    assert " ".join(capsys.readouterr().out.split()) == "2.2 2.2 Approximation and convergence 7 s of CPU"
    assert call(monkeypatch, "list", "2.2") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2:4] == ["  lam: float = 0.5", "      strength; ours (lost in the source)"]
    assert '  name: str = "a"' in lines
    assert lines[-1] == "--preset paper: n=5"


def test_lab_starts_jupyterlab_on_this_machine(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr("os.execv", lambda program, command: started.extend(command))
    assert call(monkeypatch, "lab", "--", "--port", "8890") == 0
    assert started[:4] == [sys.executable, "-m", "jupyterlab", "--ip=127.0.0.1"]
    assert f"--notebook-dir={place / 'notebooks'}" in started
    assert started[-2:] == ["--port", "8890"]


def test_explore_serves_a_page_on_this_machine_with_a_token(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "voila", ModuleType("voila"))
    started: list[str] = []
    programs: list[str] = []

    def serve(command: list[str]) -> int:
        started.extend(command)
        programs.append(json.loads(Path(command[3]).read_text())["cells"][1]["source"])
        return 0

    monkeypatch.setattr("geodesic_kit.cli.exploring.subprocess.call", serve)
    (place / "mine.csv").write_text("a,b\n0,1\n2,3\n4,6\n")
    wanted = ["explore", "mine.csv", "-n", "3", "--density", "mog", "--", "--port", "8890"]
    assert call(monkeypatch, *wanted) == 0
    assert started[:3] == [sys.executable, "-m", "voila"]
    assert started[4:] == ["--Voila.ip=127.0.0.1", "--token", "--port", "8890"]
    assert f"os.chdir({str(place)!r})" in "".join(programs[0])
    shown = f"gk.widgets.explore({str(place / 'mine.csv')!r}, n=3, density='mog', seed=0)"
    assert "".join(programs[0]).endswith(shown)
    assert not Path(started[3]).exists()
    assert call(monkeypatch, "explore", "cats") == 2
    assert "no data set named 'cats'" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "voila", None)
    assert call(monkeypatch, "explore") == 2
    assert capsys.readouterr().err == (
        "geodesic-kit: geodesic-kit explore needs voila: pip install 'geodesic-kit[explore]'\n"
    )


def test_ctrl_c_anywhere_is_one_line(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("geodesic_kit.cli._told_without_typer", stop)
    assert call(monkeypatch, "plugins") == 130
    assert capsys.readouterr().err == "stopped\n"


def test_a_process_of_ours_reads_notebooks_without_a_grammar_of_iris() -> None:
    """Seconds at each start; what nbformat validates stays as strict."""
    program = (
        "import sys\nfrom geodesic_kit.base.iri import without_iri_grammar\nwithout_iri_grammar()\n"
        "import nbformat\nassert not {'rfc3987', 'lark'} & set(sys.modules)\n"
        "nbformat.validate(nbformat.from_dict({'nbformat': 4, 'nbformat_minor': 5, 'metadata': 5, 'cells': []"
        "}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "5 is not of type 'object'" in done.stderr


def test_an_interrupt_says_that_finished_runs_are_kept(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("geodesic_kit.paper.runs.work", stop)
    assert call(monkeypatch, "run", "2.2") == 130
    assert (
        capsys.readouterr().err
        == "stopped; finished runs are kept in results, the same command goes on from there\n"
    )


@pytest.mark.notebook
def test_run_reproduce_and_claims_from_the_command_line(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "reproduce") == 0
    out = capsys.readouterr().out
    assert "2.2-tiny: finished" in out
    assert "C2.5   0.50      at most 1  holds" in out
    assert call(monkeypatch, "reproduce") == 0
    assert "2.2-tiny: kept" in capsys.readouterr().out
    # Under another parameter a claim that does not hold is a row, and a failed run if asked for.
    assert call(monkeypatch, "run", "2.2", "-p", "lam=2e0") == 0
    assert "finished, " in (told := capsys.readouterr().out)
    assert "0 of 1 claims hold, 1 not as declared" in told
    assert call(monkeypatch, "run", "2.2", "-p", "lam=2e0", "--strict") == 1
    captured = capsys.readouterr()
    assert "ClaimFailed" in captured.out
    assert captured.err == "1 of 1 runs failed: 2.2-tiny__lam=2.0\n"
    rows = json.loads((place / "results" / "claims.json").read_text())["claims"]
    assert [(row["notebook"], row["status"]) for row in rows] == [
        ("2.2-tiny", "holds"),
        ("2.2-tiny__lam=2.0", "does not hold here"),
    ]
    # What was executed is itself a notebook whose claims can be listed.
    assert call(monkeypatch, "claims", "--notebooks", "results/executed") == 0
    assert capsys.readouterr().out.count("C2.5") == 1
