"""Shortest-path solvers that come with the kit, one a file."""
