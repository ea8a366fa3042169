"""Geodesically convex domains with closed-form distances, those of notebook 1.1."""

from __future__ import annotations

from geodesic_kit.closed_forms import DOMAINS, Domain

__all__ = ["DOMAINS", "Domain"]
