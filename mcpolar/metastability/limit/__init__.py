"""The limit of many agents."""
