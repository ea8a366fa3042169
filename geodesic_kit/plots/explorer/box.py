"""The explorer's box: its controls, wired by `observe` to an image; papermill hangs now and then on
ipywidgets.Output and interact.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import inf
from typing import Any

import ipywidgets as W

from ...datasets import names
from ...datasets.downloads import RECIPES
from ...types import Metric
from .clicks import PLACE, clicks
from .controls import TEN, Controls
from .given import given
from .linked import Linked
from .models import metric_named
from .options import Options
from .panel import Panel
from .planes import PLANES, Plane
from .scene import Scene, View, draw, link, scene_of
from .still import Still
from .takeaway import Settings, Taken, taken

__all__ = ["Explorer"]

_REST = 0.4  # seconds that a slider stands still before a refined geodesic is computed
_SLOW = 1.0  # second, beyond which a sign tells that curves are under way
_ALT = "Picture of the density with the curves between A and B; their lengths are in the table beside it"
_HIDDEN = {"width": "1px", "height": "1px", "overflow": "hidden", "margin": "0"}


class Explorer(Controls, Panel, Still):
    """The box that `gk.widgets.explore` returns; `view` holds what is shown as numbers, `taken` what the
    button gave.
    """

    view: View
    taken: Taken | None = None

    def __init__(
        self,
        first: Scene,
        dataset: Any,
        own: Any,
        n: int | None,
        options: Options,
        begins: Callable[[str], None],
    ) -> None:
        self._scene, self._dataset, self._own, self._n = first, dataset, own, n
        self._first = first.name
        self._make_message()
        self._begins = begins
        self._quiet, self._clicks = True, 0
        self._later: asyncio.TimerHandle | None = None
        self._shape = first.image_shape
        known = names()
        # a click should not start a fetch
        offered = [name for name in known if name not in RECIPES or name == first.name]
        self._make([*([] if first.name in known else [first.name]), *offered])
        self.image = W.Image(format="png", width=680, layout={"object_fit": "contain", "max_width": "100%"})
        self.lengths = W.HTML()
        self.place = W.Text(layout=_HIDDEN)
        self.place.add_class(PLACE)
        self.command = W.Text(
            description="command", layout={"width": "100%", "max_width": "680px", "display": "none"}
        )
        self.program = W.Textarea(
            description="program", rows=9, layout={"width": "100%", "max_width": "680px", "display": "none"}
        )
        self.data.value = first.name
        self._fit(first, own)
        options.set_on(self, first)
        self._quiet = False
        self._link()
        self._locate()
        self._show(refined=self.refine.value)  # at once, for readers who have no kernel
        self._begins = None
        self._observe()
        shown = W.VBox(
            [self.message, self.lengths, self.image, self.command, self.program],
            layout={"flex": "1 1 340px", "min_width": "0"},
        )
        both = W.HBox([self.column, shown], layout={"flex_flow": "row wrap"})
        super().__init__([both], _ALT, [W.HTML(clicks()), self.place])

    def __repr__(self) -> str:
        n, d = self._scene.points.shape
        return f"Explorer of {self._scene.name}: {n} points in R^{d}"

    @property
    def settings(self) -> Settings:
        """What the controls say."""
        return Settings(
            metric=self.metric.value,
            log_lam=self.lam.value * TEN + 0.0,  # no -0
            log_p0=self.p0.value * TEN + 0.0,
            power=self.power.value,
            rule=self.rule.value,
            eps=self.eps.value,
            k=self.k.value,
            bridged=self.bridged.value,
            solver=self.solver.value,
            i=self.start.value,
            j=self.end.value,
            projection=self.plane.value,
            columns=(self.across.value, self.up.value),
            refine=self.refine.value,
            graph=self.graph.value,
        )

    def _observe(self) -> None:
        moves: dict[Callable[[], None], list[Any]] = {
            self._on_data: [self.data],
            self._on_size: [self.n, self.seed],
            self._on_density: [self.density],
            self._on_graph: [self.rule, self.bridged, self.eps, self.k],
            self._on_plane: [self.plane, self.across, self.up],
            self._on_curves: [self.metric, self.lam, self.p0, self.power, self.solver, self.start, self.end],
            self._on_look: [self.graph, self.refine],
            self._on_click: [self.place],
        }
        for work, controls in moves.items():
            for control in controls:
                control.observe(self._doing(work), names="value")
        self.take.on_click(lambda button: self._doing(self._on_take)(None))

    def _on_data(self) -> None:
        with self._stage("data", f"reading {self.data.value}"):
            first = self.data.value == self._first
            source, shape = (self._dataset, self._shape) if first else (self.data.value, None)
            data = given(source, self._n, self.seed.value, shape)
        with self._stage("density", "fitting a density"):
            shown = scene_of(data, None, self.seed.value, self._own if first else None)
        self._quiet = True
        self._scene = shown
        self._fit(shown, self._own if first else None)
        self._show_anew()

    def _on_size(self) -> None:
        self._n = self.n.value
        self._on_data()

    def _on_density(self) -> None:
        with self._stage("density", f"fitting {self.density.value}: a network may take half a minute"):
            own = self._own if self.data.value == self._first else None
            shown = scene_of(self._scene.data, self.density.value, self.seed.value, own)
        self._quiet = True
        self._scene = shown
        self._fit_metric(shown)
        self._show_anew()

    def _show_anew(self) -> None:
        self._link()
        self._locate()
        self._draw()

    def _on_graph(self) -> None:
        self._apply(self._scene.points.shape[1])
        if self._rule() != self._linked_by:  # a slider that does not apply may move, as JupyterLab rounds it
            self._link()
            self._draw()

    def _on_plane(self) -> None:
        self._apply(self._scene.points.shape[1])
        self._locate()
        self._draw()

    def _on_curves(self) -> None:
        self._apply(self._scene.points.shape[1])
        self._draw()

    def _on_look(self) -> None:
        self._draw()

    def _on_click(self) -> None:
        across, down, *_ = map(float, self.place.value.split())
        vertex = self.view.picture.nearest(across, down)
        if vertex is not None:
            (self.start, self.end)[self._clicks % 2].value = vertex
            self._clicks += 1

    def _on_take(self) -> None:
        self.taken = taken(self._scene, self.settings)
        self.command.value, self.program.value = self.taken.command, self.taken.program
        for field in (self.command, self.program):
            field.layout.display = ""
        if self.taken.notes:
            self._tell([], self.taken.notes)

    def _rule(self) -> tuple[Any, ...]:
        """What of the controls makes the graph."""
        now = self.settings
        eps, k = None if now.rule == "knn" else now.eps, None if now.rule == "epsilon" else now.k
        return now.rule, now.bridged, eps, k

    def _link(self) -> None:
        now = self.settings
        with self._stage("graph", f"joining {len(self._scene.points):,} points"):
            self._linked: Linked = link(self._scene, rule=now.rule, eps=now.eps, k=now.k, bridged=now.bridged)
        self._linked_by = self._rule()

    def _locate(self) -> None:
        now = self.settings
        embedding = now.projection == PLANES[2]
        with self._stage("plane", "t-SNE of all distances: some seconds" if embedding else ""):
            self._plane: Plane = self._scene.plane_named(
                now.projection, now.columns, lambda: self._linked.weigh(self._metric())[0]
            )

    def _metric(self) -> Metric:
        now = self.settings
        return metric_named(
            now.metric, self._scene.density, log_lam=now.log_lam, log_p0=now.log_p0, power=now.power
        )

    def _draw(self) -> None:
        """The curves at once; the refined one, which takes longer, when the controls have come to rest."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if not self.refine.value:
            self._show(refined=False)
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # nothing will call later
            self._show(refined=True)
            return
        self._show(refined=False)
        refining = self._doing(lambda: self._show(refined=True))
        self._later = loop.call_later(_REST, refining, None)

    def _show(self, *, refined: bool) -> None:
        now = self.settings
        slow = self._times.get("curves", inf) > _SLOW
        with self._stage("curves", "refining" if refined else "measuring the curves" if slow else ""):
            self.view = draw(
                self._scene,
                self._linked,
                self._metric(),
                ends=(now.i, now.j),
                solver=now.solver,
                refined=refined,
                plane=self._plane,
                with_graph=now.graph,
                keyed=now.refine,
            )
        self.image.value, self.lengths.value = self.view.png, self.view.table
        if self.view.message:
            self._say(self.view.message)
        else:
            self._tell(_facts(self._linked, self.view), [*self._scene.data.notes, self._plane.note])


def _facts(linked: Linked, view: View) -> list[str]:
    """Graph, components and contrast in words."""
    graph, parts = linked.graph, int(linked.components.max()) + 1
    bridges = 0 if graph.bridges is None else len(graph.bridges)
    return [
        f"{graph.m:,} edges, mean degree {graph.mean_degree:.3g}",
        f"{parts} component{'s' if parts > 1 else ''}"
        + (f", {bridges} of the edges join" if bridges else ""),
        f"contrast {view.shown.contrast:.3g}",
    ]
