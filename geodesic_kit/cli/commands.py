"""The commands of `geodesic-kit`, each a thin call of the kit."""

from __future__ import annotations

from . import comparing, exploring, keeping, listing, running, working
from .app import app

__all__ = ["app", "comparing", "exploring", "keeping", "listing", "running", "working"]
