"""Results as tables, plots and records of provenance: this layer computes nothing."""
