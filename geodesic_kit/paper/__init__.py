"""The companion: claims, runs of the notebooks, and what the notebooks measure."""
