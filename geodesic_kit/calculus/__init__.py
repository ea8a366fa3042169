"""The calculus of a metric: exponential map and logarithm, parallel transport, curvature."""
