"""The named choices that users make, each declared once: what an option may be, for code, help and messages alike."""

from __future__ import annotations

from typing import Literal, TypeAlias

Variant: TypeAlias = Literal["certified", "paper"]
Method: TypeAlias = Literal["auto", "crude", "conditional", "splitting", "tilting", "twisting", "independent"]
CoordinateName: TypeAlias = Literal["weakest", "share", "aligned", "survived"]
StartKind: TypeAlias = Literal["random", "undecided", "polarized", "bipolar", "boundary"]
Placement: TypeAlias = Literal["centres", "drawn", "inner", "outer", "alternating", "outside", "opposite"]
Format: TypeAlias = Literal["text", "json", "csv", "markdown", "latex"]
TableFormat: TypeAlias = Literal[Format, "parquet"]
ProgressForm: TypeAlias = Literal["auto", "json", "none"]
MacrostateKind: TypeAlias = Literal["plus", "undecided"]
Resampling: TypeAlias = Literal["bootstrap", "dirichlet"]
GrowthMethod: TypeAlias = Literal["auto", "grid", "particles"]
OneSidedMemory: TypeAlias = Literal["own", "any"]
GroupMemory: TypeAlias = Literal["plus", "minus", "any"]
Ties: TypeAlias = Literal["random", "index"]
Schedule: TypeAlias = Literal["synchronous", "single"]
CovarianceUpdate: TypeAlias = Literal["fixed", "em", "volume", "published"]
MemoryPolicy: TypeAlias = Literal["retrieved", "first-in-first-out", "last-in-first-out", "farthest"]
Fate: TypeAlias = Literal["stable", "unstable", "decaying"]
TraceFigureName: TypeAlias = Literal["fig2", "fig3", "fig5", "fig6"]
Outcome: TypeAlias = Literal["consistent", "violated"]
Outward: TypeAlias = Literal["up", "down"]
TextFormat: TypeAlias = Literal["text", "json"]
PassageName: TypeAlias = Literal["silo-left", "consensus", "polarized"]
FitMethod: TypeAlias = Literal["distance", "abc"]
