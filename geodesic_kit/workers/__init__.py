"""Work shared out over the machines of a Dask cluster: its client, shards, and a writer that resumes."""
