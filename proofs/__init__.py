"""Proofs of the statements: for each a README, a script that checks its algebra, and Coq files."""
