"""What the kit promises, row by row: the one place where a bound's number is written."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BOUNDS", "AtLeast", "AtMost", "Bound"]


@dataclass(frozen=True)
class AtLeast:
    """A number that must not fall below `value`."""

    value: float
    unit: str = ""

    def __str__(self) -> str:
        return (
            f"at least {'×' if self.unit == '×' else ''}{self.value:g}{'' if self.unit == '×' else self.unit}"
        )

    def met(self, number: float) -> bool:
        return bool(number >= self.value)


@dataclass(frozen=True)
class AtMost:
    """A number that must not exceed `value`."""

    value: float
    unit: str = ""

    def __str__(self) -> str:
        return (
            f"at most {'×' if self.unit == '×' else ''}{self.value:g}{'' if self.unit == '×' else self.unit}"
        )

    def met(self, number: float) -> bool:
        return bool(number <= self.value)


Bound = AtLeast | AtMost

BOUNDS: dict[str, dict[str, Bound]] = {
    "mixture_weights_784": {"ratio": AtLeast(40, "×"), "trapezoid": AtLeast(100, "×")},
    "mixture_weights_2": {"ratio": AtLeast(20, "×"), "trapezoid": AtLeast(20, "×")},
    "chain": {"ratio": AtLeast(10, "×"), "memory": AtMost(400, " MB")},
    "single_pair": {"ratio": AtLeast(4, "×")},
    "all_pairs": {"ratio": AtLeast(1.6, "×")},
    "refine": {"error": AtMost(1e-6), "time": AtMost(0.05, " s"), "longer": AtMost(0, " paths")},
    "scale": {"time": AtMost(1.15), "memory": AtMost(1.05), "connectivity": AtMost(2, "×")},
    "latent_geodesics": {"coarse": AtLeast(2, "×"), "fine": AtLeast(8, "×"), "length": AtMost(1)},
    "refine_steep": {"time": AtMost(3, " s"), "height": AtMost(0.02)},
    "refine_images": {"time": AtMost(2, " s"), "ratio": AtLeast(10, "×")},
    "three_lines": {"500": AtMost(4, "×"), "2000": AtMost(2, "×"), "10000": AtMost(1, "×")},
    "landmark_pair": {"ratio": AtLeast(6, "×"), "vertices": AtLeast(8, "×")},
    "latent_graphs": {"vertices": AtMost(0.12), "ratio": AtLeast(5, "×")},
    "landmark_scaling": {"time": AtMost(25, " s"), "memory": AtMost(400, " MB"), "stress": AtMost(1.02, "×")},
    "bounds": {"lower": AtMost(0.5, " %"), "lower_90": AtMost(1.5, " %"), "upper": AtMost(5, " %")},
    "explorer_latency": {
        "curves": AtMost(0.3, " s"),
        "curves_large": AtMost(1, " s"),
        "graph": AtMost(1, " s"),
    },
    "live_page": {"slowest": AtMost(50, " ms")},
    "black_box": {"ratio": AtLeast(4, "×")},
    "small_fit": {"wall": AtMost(1.2, "×"), "cpu": AtMost(1.3, "×")},
    "first_call": {"cpu": AtMost(7, " s")},
    "import": {"ratio": AtMost(1.5, "×")},
    "cluster": {"different": AtMost(0, " entries")},
}
