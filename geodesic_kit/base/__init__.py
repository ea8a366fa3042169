"""What every room stands on: neighbours, compiled kernels, threads, memory, files."""
