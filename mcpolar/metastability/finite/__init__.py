"""Any finite chain, from its rates: classes, passage, quasi-stationary laws and timescales."""
