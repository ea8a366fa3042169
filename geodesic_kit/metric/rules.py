"""The rules that edges are measured by, as values: what is asked for once is asked for alike wherever a graph
grows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..checks import MOST_NODES, MOST_PANELS, integer, number
from ..errors import InvalidParameter, shown

__all__ = ["Adaptive", "LeftRiemann", "Rule", "Trapezoid", "as_rule"]


@dataclass(frozen=True)
class Adaptive:
    """Halves panels until each edge's estimated relative error is below `rtol`, from `panels` an edge on, by
    default as many as suit.

    With `max_evaluations`, of the density for all edges of a call, the worst panels are halved as long as
    there are some left, and edges keep the error that they have then: a costly density takes no longer than
    that. Raises InvalidParameter.
    """

    rtol: float = 1e-6
    panels: int | None = None
    max_evaluations: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "rtol", number(self.rtol, "rtol", above=0, most=0.1))
        if self.panels is not None:
            object.__setattr__(self, "panels", integer(self.panels, "panels", least=1, most=MOST_PANELS))
        if self.max_evaluations is not None:
            most = integer(self.max_evaluations, "max_evaluations", least=1)
            object.__setattr__(self, "max_evaluations", most)


@dataclass(frozen=True)
class Trapezoid:
    """The paper's rule: c at `pieces` + 1 equispaced nodes, without an estimate of the error. [GG] Def 2.4.
    Raises InvalidParameter.
    """

    pieces: int = 8

    def __post_init__(self) -> None:
        object.__setattr__(self, "pieces", integer(self.pieces, "pieces", least=1, most=MOST_NODES))


@dataclass(frozen=True)
class LeftRiemann:
    """c at the left end of each of `pieces` equal pieces, which is not symmetric: to compare with. [GG] Lemma
    A.3.

    Raises InvalidParameter.
    """

    pieces: int = 8

    def __post_init__(self) -> None:
        object.__setattr__(self, "pieces", integer(self.pieces, "pieces", least=1, most=MOST_NODES))


Rule = Adaptive | Trapezoid | LeftRiemann
_NAMES: dict[str, type[Rule]] = {"adaptive": Adaptive, "trapezoid": Trapezoid}


def as_rule(rule: Any = "adaptive", pieces: Any = None, rtol: Any = None, panels: Any = None) -> Rule:
    """The rule by its name, "adaptive" with `rtol` and `panels` or "trapezoid" with `pieces`, or one that is
    given as a value.

    Raises InvalidParameter, also where a keyword belongs to another rule.
    """
    given = {
        name: value
        for name, value in (("pieces", pieces), ("rtol", rtol), ("panels", panels))
        if value is not None
    }
    if isinstance(rule, Adaptive | Trapezoid | LeftRiemann):
        if given:
            raise InvalidParameter(
                f"{rule} says how already: leave {'=, '.join(given)}= out, or give the rule by its name"
            )
        return rule
    if not isinstance(rule, str) or rule not in _NAMES:
        raise InvalidParameter(f"rule={shown(rule)}; there are {', '.join(_NAMES)}")
    kind = _NAMES[rule]
    if kind is not Trapezoid and pieces is not None:
        raise InvalidParameter('pieces= belongs to rule="trapezoid"; the adaptive rule takes rtol=')
    if kind is not Adaptive and (rtol is not None or panels is not None):
        raise InvalidParameter('rtol= and panels= belong to rule="adaptive"; the trapezoid takes pieces=')
    return kind(**given)
