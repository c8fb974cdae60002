"""Figures to files: whole or not at all, with what they were made from in the file and, on request, on the picture."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mcpolar
from mcpolar.files import replacing
from mcpolar.report.plots.style import STYLE, require_matplotlib
from mcpolar.report.provenance import provenance

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def save(
    figure: Figure,
    path: Path,
    made_from: Mapping[str, Any] | None = None,
    *,
    seed: int | None = None,
    stamp: bool = False,
    dpi: float | None = None,
) -> None:
    """Write a figure; the ending names the format, and the same figure gives the same bytes.

    Parameters
    ----------
    figure : Figure
        What to write.
    path : Path
        A file that ends in .pdf, .png or .svg.
    made_from : mapping, optional
        Parameters, which go into the file's metadata with the seed and the versions.
    seed : int, optional
        Of what was drawn.
    stamp : bool
        Write the parameters, the seed and the version below the picture too.
    dpi : float, optional
        Dots an inch of a .png; absent: 300.

    Raises
    ------
    ResourceError
        If the disk refuses.
    """
    record = provenance(made_from or {}, seed)
    with replacing(path) as draft, require_matplotlib().rc_context(STYLE):
        if stamp:
            figure.text(
                0.5, -0.01, stamped(record), ha="center", va="top", fontsize=5, color="0.35", wrap=True
            )
        options: dict[str, Any] = {"dpi": dpi} if dpi else {}
        if stamp:
            options["bbox_inches"] = "tight"
        figure.savefig(draft, metadata=metadata(path.suffix, record), **options)


def metadata(suffix: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record under the names that a format has for it, without a date."""
    program, text = f"mcpolar {mcpolar.__version__}", json.dumps(record, default=str, ensure_ascii=False)
    match suffix:
        case ".png":
            return {"Software": program, "Description": text}
        case ".pdf":
            return {"Creator": program, "Subject": text, "CreationDate": None}
    return {"Creator": program, "Description": text, "Date": None}


def stamped(record: Mapping[str, Any]) -> str:
    """Return the line below a picture.

    Examples
    --------
    >>> stamped({"parameters": {"sigma": "0.3", "k": None, "levels": [1, 2]}, "seed": 7}).partition(" | mcpolar")[0]
    'sigma 0.3, levels 1 2 | seed 7'
    """
    known = {name: value for name, value in record["parameters"].items() if value is not None}
    parts = [
        f"{name} {' '.join(map(str, value)) if isinstance(value, list | tuple) else value}"
        for name, value in known.items()
    ]
    seed = [] if record["seed"] is None else [f"seed {record['seed']}"]
    return " | ".join([", ".join(parts), *seed, f"mcpolar {mcpolar.__version__}"])
