"""The main job in one go: the paper's tables beside certified ones, and one bound validated by simulation."""

import sys

from mcpolar.cli import main

TABLES = "table paper --variant both"
VALIDATION = "validate theorem2 --agents 30 --memory 5 --sigma 0.3 --level 1 --steps 1021 --seed 1"

if __name__ == "__main__":
    sys.exit(main(TABLES.split()) or main(VALIDATION.split()))
