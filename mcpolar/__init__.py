"""Certified bounds, simulation and metastability of polarization among interacting generative agents."""

__version__ = "0.1.0"
