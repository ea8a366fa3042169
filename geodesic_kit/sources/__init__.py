"""Where data sets come from: curves with noise, fetched files, and the formats they are in."""
