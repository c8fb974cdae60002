"""The chance that any population's memory becomes well-behaved: certified, and as in the paper."""

from mcpolar.bounds import lemma1
from mcpolar.parameters import ChainParameters

if __name__ == "__main__":
    chain = ChainParameters(m=30, r=5, sigma="0.3")
    for variant in ("certified", "paper"):
        bound = lemma1(chain, variant=variant)
        print(f"{variant}: after {bound.horizon_steps} steps, probability >= {bound.lower()}")
        for assumption in bound.assumptions:
            print(f"  {'holds' if assumption.holds else 'FAILS'}: {assumption.text}")
