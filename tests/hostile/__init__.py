"""What strangers hand in: kinds of input for each argument of each public callable, and what each must
give.
"""
