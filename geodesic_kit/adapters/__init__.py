"""What as_density makes of a callable, a scikit-learn estimator or a torch object, one kind a file."""
