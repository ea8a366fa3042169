"""A page of one graph that a browser opens by itself; `page` makes it."""
