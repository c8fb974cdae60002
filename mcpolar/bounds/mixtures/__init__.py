"""General mixtures: what GT1, GT2 in cells and GPM are made of."""
