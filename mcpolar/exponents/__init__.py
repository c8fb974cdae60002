"""How fast log-odds grow, and the exponent of the chance of ever leaving a silo."""

from mcpolar.exponents.decay import DecayExponent, decay_exponent
from mcpolar.exponents.growth import Growth, log_odds_growth

__all__ = ["DecayExponent", "Growth", "decay_exponent", "log_odds_growth"]
