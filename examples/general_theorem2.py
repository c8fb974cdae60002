"""Level h is kept in a mixture of 30 components in the plane, for several silos with neighbourhoods of 4."""

from mcpolar.bounds import general_theorem2

if __name__ == "__main__":
    for distance in ("1", "1.5", "2"):
        bound = general_theorem2(
            components=30,
            dimension=2,
            distance=distance,
            sigma="0.1",
            level=1,
            steps=1000,
            smallest_silo=5,
            k=4,
        )
        print(f"means {distance} apart: probability >= {bound.lower(4)}, 1 - P <= {bound.failure_upper(4)}")
