"""Weights of trained models and committed data sets: this folder is the package
`geodesic_kit_plugins.weights`, so that they travel in the wheel.
"""
