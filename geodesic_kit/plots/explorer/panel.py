"""An explorer's message: what is under way, what it took, and what went wrong."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any

import ipywidgets as W

from ...errors import ComponentsNotice, FallbackNotice, GeodesicKitError
from .spoken import STATUS

__all__ = ["Panel"]

_BRIEF = 2e-3  # seconds not worth telling


class Panel:
    """A line of text in `message`; `_quiet` while controls are set and nothing is to answer."""

    message: W.HTML
    _quiet: bool
    _times: dict[str, float]
    _begins: Callable[[str], None] | None = None  # told of stages too, until the panel can be seen

    def _make_message(self) -> None:
        self.message = W.HTML(layout={"max_width": "680px", "min_height": "28px"})
        self.message.add_class(STATUS)
        self._quiet, self._times = False, {}

    def _doing(self, work: Callable[[], None]) -> Callable[[Any], None]:
        """`work` as an answer to a control; what goes wrong is told in the panel."""

        def answer(change: Any) -> None:
            if self._quiet:
                return
            with warnings.catch_warnings():
                for told in (ComponentsNotice, FallbackNotice):  # the panel tells the components itself
                    warnings.simplefilter("ignore", told)
                try:
                    work()
                except GeodesicKitError as err:
                    self._say(str(err))
                except Exception as err:  # noqa: BLE001  # a plugin of anybody's may raise anything
                    self._say(f"{type(err).__name__}: {err}")
                finally:
                    self._quiet = False

        return answer

    @contextmanager
    def _stage(self, name: str, telling: str = "") -> Iterator[None]:
        """Measure a stage, and say that it is under way."""
        if telling:
            self.message.value = f"<span aria-busy='true'>⏳ {escape(telling)} …</span>"
            if self._begins is not None:
                self._begins(telling)
        start = time.process_time()
        yield
        self._times[name] = time.process_time() - start

    def _tell(self, facts: Sequence[str], notes: Sequence[str]) -> None:
        """Facts, the seconds of CPU of each stage, and notes."""
        took = ", ".join(
            f"{name} {seconds:.2g} s" for name, seconds in self._times.items() if seconds > _BRIEF
        )
        told = [*facts, f"CPU {took}" if facts and took else "", *notes]
        self.message.value = f"<span style='opacity:.75'>{escape('; '.join(filter(None, told)))}</span>"

    def _say(self, problem: str) -> None:
        self.message.value = f"<b style='color:#b03a00'>{escape(problem)}</b>"
