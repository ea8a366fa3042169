"""Committed data sets made again from the Debian packages that they came from: `python -m` each module."""
