"""What `gk.widgets.explore` is asked for beyond data and density, checked and set on the controls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...checks import as_flag, chosen, index, integer, number
from ...errors import InvalidParameter, shown
from ...registry import solvers
from .controls import TEN, moved
from .linked import RULES
from .models import METRICS
from .planes import planes
from .scene import Scene

if TYPE_CHECKING:
    from .controls import Controls

__all__ = ["Options"]


@dataclass(frozen=True)
class Options:
    """The keywords of `gk.widgets.explore`; None is the choice by the data."""

    lam: Any = None
    p0: Any = None
    log_lam: Any = None
    log_p0: Any = None
    power: Any = None
    metric: Any = None
    rule: Any = None
    eps: Any = None
    k: Any = None
    bridged: Any = None
    i: Any = None
    j: Any = None
    solver: Any = None
    projection: Any = None
    columns: Any = None
    refine: Any = False
    graph: Any = False

    def set_on(self, controls: Controls, scene: Scene) -> None:
        """Set the controls; their bounds give way. Raises InvalidParameter."""
        self._set_metric(controls)
        self._set_graph(controls, len(scene.points))
        for slider, end, name in ((controls.start, self.i, "i"), (controls.end, self.j, "j")):
            if end is not None:
                slider.value = index(end, name, len(scene.points))
        if self.solver is not None:
            controls.solver.value = chosen(self.solver, "solver", ["auto", *solvers.names()])
        d = scene.points.shape[1]
        if self.projection is not None:
            controls.plane.value = chosen(self.projection, "projection", planes(d))
        if self.columns is not None:
            if not isinstance(self.columns, (tuple, list)) or len(self.columns) != 2:
                raise InvalidParameter(f"columns={shown(self.columns)}: give two, such as (0, 1)")
            names = scene.data.columns
            for menu, one in zip((controls.across, controls.up), self.columns, strict=True):
                place = names.index(one) if one in names else one
                menu.value = integer(place, "columns", least=0, most=d - 1)
        controls.refine.value = as_flag(self.refine, "refine")
        controls.graph.value = as_flag(self.graph, "graph")
        controls._apply(d)

    def _set_metric(self, controls: Controls) -> None:
        if self.metric is not None:
            controls.metric.value = chosen(self.metric, "metric", METRICS)
        for slider, plain, log, name in (
            (controls.lam, self.lam, self.log_lam, "lam"),
            (controls.p0, self.p0, self.log_p0, "p0"),
        ):
            if plain is not None and log is not None:
                raise InvalidParameter(f"give {name}= or log_{name}=, and not both")
            if plain is not None:
                moved(slider, float(np.log(number(plain, name, above=0, finite=True))) / TEN)
            elif log is not None:
                moved(slider, number(log, f"log_{name}", finite=True) / TEN)
        if self.power is not None:
            moved(controls.power, number(self.power, "power", above=0, finite=True))

    def _set_graph(self, controls: Controls, n: int) -> None:
        if self.eps is not None:
            moved(controls.eps, number(self.eps, "eps", above=0, finite=True))
        if self.k is not None:
            moved(controls.k, integer(self.k, "k", least=1, most=n - 1))
        asked = self.rule is not None or self.eps is not None or self.k is not None
        if self.rule is not None:
            controls.rule.value = chosen(self.rule, "rule", RULES)
        elif asked:
            controls.rule.value = "epsilon" if self.eps is not None else "knn"
        if self.bridged is not None:
            controls.bridged.value = as_flag(self.bridged, "bridged")
        elif asked:
            controls.bridged.value = False
