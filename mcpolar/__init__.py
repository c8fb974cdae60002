"""When, how surely and for how long does a population of interacting generative agents polarize?"""

__version__ = "0.1.0"
