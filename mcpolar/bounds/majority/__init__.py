"""Consensus from a majority (U0 to U2): independent reference agents below, and a barrier below the mean weight."""
