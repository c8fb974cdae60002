"""The loops of the system of interacting mixtures (theory.md, section 5)."""
