"""Threads on a shared machine: processes that the kit starts wait asleep, and small work has one thread."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from geodesic_kit import runs
from geodesic_kit.experiments import own_process
from geodesic_kit.parallel import PASSIVE, child_environment, children

ROOT = Path(__file__).parents[1]


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says nothing of threads."""
    for name in (*PASSIVE, "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)


def said(environment: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in environment.splitlines() if line.split("=", 1)[0] in (*PASSIVE, "OMP_NUM_THREADS"))


@pytest.mark.usefixtures("bare")
def test_a_child_waits_asleep_unless_its_user_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert child_environment() == PASSIVE | os.environ
    assert child_environment(2) == PASSIVE | os.environ | {"OMP_NUM_THREADS": "2"}
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    assert child_environment(2) == PASSIVE | os.environ
    before = dict(os.environ)
    with children(1, GEODESIC_KIT_TEST="said"):
        assert dict(os.environ) == PASSIVE | before | {"GEODESIC_KIT_TEST": "said"}
    assert dict(os.environ) == before


@pytest.mark.usefixtures("bare")
def test_every_process_that_the_kit_starts_waits_asleep() -> None:
    assert {name: own_process.call("os:getenv", key=name) for name in PASSIVE} == PASSIVE
    with runs._kernels_of_this_interpreter(threads=1):
        assert {name: os.environ[name] for name in PASSIVE} == PASSIVE
        assert os.environ["OMP_NUM_THREADS"] == "1"


@pytest.mark.usefixtures("bare")
def test_the_command_waits_asleep_before_numpy_is_there() -> None:
    program = (
        "import os, sys, types\n"
        "from geodesic_kit import cli\n"
        "def app(): print(*(f'{name}={value}' for name, value in os.environ.items()), sep='\\n'); print('numpy' in sys.modules)\n"
        "sys.modules['geodesic_kit.commands'] = types.SimpleNamespace(app=app)\n"
        "cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said(done.stdout) == PASSIVE
    assert done.stdout.splitlines()[-1] == "False"


@pytest.mark.usefixtures("bare")
@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_waits_asleep(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(target: str) -> dict[str, str]:
        command = ["make", "--silent", f"--eval={target}: ; @env", target]
        return said(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)

    assert make("shown") == PASSIVE | {"OMP_NUM_THREADS": "1"}
    monkeypatch.setenv("KMP_BLOCKTIME", "200")
    assert make("shown") == PASSIVE | {"OMP_NUM_THREADS": "1", "KMP_BLOCKTIME": "200"}
