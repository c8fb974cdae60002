"""One estimator a module: counting, conditioning, splitting, tilting and twisting."""
