"""Densities: whatever offers log p, read as one."""
