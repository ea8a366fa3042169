"""The rows, one a file: each has `run(quick)`, which returns its lines."""
