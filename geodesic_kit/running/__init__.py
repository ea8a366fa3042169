"""Running notebooks: the catalog of them, the machine they ran on, and the report."""
