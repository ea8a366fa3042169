"""Savers that are killed, and savers in a race, with a reader who must always find one whole file; by hand
with more of them:

python tests/killed_savers.py 200 100
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

import numpy as np

from geodesic_kit.base.cards import load_arrays, save_arrays
from geodesic_kit.errors import NoSuchFile

KINDS = ("npz", "safetensors")
LEFT = "*partial*"


def save(path: Path, state: int) -> None:
    """Save the arrays that belong to `state`, which the card names."""
    save_arrays(
        path,
        {"a": np.random.default_rng(state).random(40_000), "state": np.array(state)},
        {"plugin": "toy", "state": state},
    )


def load(path: Path) -> int:
    """The state saved at `path`, after arrays and card were found to be of one save."""
    arrays, card = load_arrays(path)
    assert arrays["state"] == card["state"]
    assert np.array_equal(arrays["a"], np.random.default_rng(card["state"]).random(40_000))
    return card["state"]


def child(path: Path, begin: int, step: int) -> int:
    """A process that saves one state after the other, and has begun to."""
    told, tell = os.pipe()
    number = os.fork()
    if number == 0:
        try:
            os.write(tell, b"begun")
            for state in itertools.count(begin, step):
                save(path, state)
        except BaseException:  # noqa: BLE001  # said before the process goes
            traceback.print_exc()
        finally:
            os._exit(1)
    os.close(tell)
    assert os.read(told, 5) == b"begun"
    os.close(told)
    return number


def end(number: int) -> None:
    """Kill a process, which is at work until then, and wait for it."""
    os.kill(number, signal.SIGKILL)
    _, status = os.waitpid(number, 0)
    assert os.WIFSIGNALED(status), "the saver had ended by itself"
    assert os.WTERMSIG(status) == signal.SIGKILL


def kills(folder: Path, count: int) -> int:
    """Kill `count` savers at random moments, some of them in their first save; after how many of them
    something was left over.
    """
    rng, left = np.random.default_rng(0), 0
    for k in range(count):
        path = folder / f"killed-{k // 4}.{KINDS[k // 4 % 2]}"
        try:
            before = load(path)
        except NoSuchFile:
            before = -1
        saver = child(path, before + 1, 1)
        time.sleep(rng.uniform(0, 0.03))
        end(saver)
        left += len(list(folder.glob(LEFT))) > 0
        try:
            assert load(path) >= before
        except NoSuchFile:
            assert before == -1, "what was there before is lost"
        if k % 4 == 3:
            save(path, 0)
            assert not list(folder.glob(LEFT)), "the next save removes what is left over"
    return left


def races(folder: Path, count: int) -> int:
    """Let `count` pairs save to one path each, and read meanwhile; how many files were read."""
    seen = 0
    for k in range(count):
        path = folder / f"raced-{k}.{KINDS[k % 2]}"
        pair = [child(path, begin, 2) for begin in (0, 1)]
        until = time.monotonic() + 0.2
        while time.monotonic() < until or not path.exists():
            # Looks without taking note of the end, which `end` does.
            gone = [
                saver for saver in pair if os.waitid(os.P_PID, saver, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            ]
            assert not gone, "a saver had ended by itself"
            if path.exists():
                load(path)
                seen += 1
        for saver in pair:
            end(saver)
        load(path)
        save(path, 0)
        assert not list(folder.glob(LEFT))
    return seen


def main() -> None:
    """Kill and race as often as the arguments say."""
    n_kills, n_pairs = map(int, sys.argv[1:])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        left = kills(folder, n_kills)
        print(
            f"{n_kills} kills while saving: always one whole file; after {left} of them something was "
            "left over until the next save"
        )
        seen = races(folder, n_pairs)
        print(f"{n_pairs} pairs of savers: {seen} reads, always one whole file")


if __name__ == "__main__":
    main()
