"""Pictures of the gallery: every figure that a script holds, pyplot's or not, with its provenance in the file.

Parameters and seed are in the script, so the picture carries its text.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from sphinx_gallery.scrapers import figure_rst

from mcpolar.report.plots.saving import save


def figures(_block: Any, block_vars: Mapping[str, Any], gallery_conf: Mapping[str, Any]) -> str:
    """Save the figures that the script's names hold now and did not before; return the markup that shows them."""
    names = block_vars["example_globals"]
    seen = names.setdefault("__figures_seen__", set())
    found = [value for value in list(names.values()) if isinstance(value, Figure) and id(value) not in seen]
    script, paths = Path(block_vars["src_file"]), []
    made_from = {"script": script.name, "source": script.read_text(encoding="utf-8")}
    for figure in found:
        seen.add(id(figure))
        path = next(block_vars["image_path_iterator"])
        save(figure, Path(path), made_from, dpi=200)
        paths.append(path)
    title = script.stem.removeprefix("plot_").replace("_", " ")
    return figure_rst(paths, gallery_conf["src_dir"], title)


def _get_sg_image_scraper() -> Any:
    return figures
