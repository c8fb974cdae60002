"""The loops of the two-component chain: one update, who sends, and ensembles moved in place."""
