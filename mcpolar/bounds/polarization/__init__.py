"""Polarization from any state, from both sides: theorem 1's bounds and their ceilings (proofs/theorem1).

`plan` says what every agent's updates have to do, with the chance of `clearing` a memory; `lower` finds the best bound
from `shared_source` (T1A), `occupation_game` (T1A0), T1g and self-sending; `bipolar_ceiling` (T1B) bounds what any such
bound can be; `one_sided_start` is about starts on one side.
"""
