"""The kit against its peers, on the same work in the same run: `python -m benchmarks [names] [--quick]
[--write]`.
"""
