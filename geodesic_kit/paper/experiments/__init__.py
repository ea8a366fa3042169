"""What the notebooks need beyond a line or two: convergence experiments, closed forms, limits."""
