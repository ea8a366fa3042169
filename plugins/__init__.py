"""Plugins that come with Geodesic Kit, found through the same entry points that outsiders use."""
