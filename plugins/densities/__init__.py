"""Densities that come with the kit, one family a file."""
