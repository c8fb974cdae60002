"""How to cite the package and the paper: the same record as CITATION.cff, which a test holds against it."""

from __future__ import annotations

import mcpolar

TITLE = "mcpolar: certified bounds and simulation for polarization of interacting generative agents"
YEAR = 2026
PAPER_AUTHORS = (
    "Wang, Edward L.",
    "Kiasari, Mohammad Sharifi",
    "Wang, Tianyu",
    "Helm, Hayden",
    "Athreya, Avanti",
    "Priebe, Carey",
    "Lyzinski, Vince",
)
PAPER_TITLE = "Gaussian mixture models as a proxy for interacting language models"
ARXIV = "2506.00077"


def bibtex() -> str:
    """Return two entries: the package at this version, and the paper.

    Examples
    --------
    >>> print(bibtex().split(",")[0])
    @software{mcpolar
    """
    package = {
        "title": f"{{{TITLE}}}",
        "author": "{The mcpolar developers}",
        "year": str(YEAR),
        "version": mcpolar.__version__,
        "license": "MIT",
    }
    paper = {
        "title": f"{{{PAPER_TITLE}}}",
        "author": " and ".join(PAPER_AUTHORS),
        "year": "2025",
        "eprint": ARXIV,
        "archiveprefix": "arXiv",
        "url": f"https://arxiv.org/abs/{ARXIV}",
    }
    return _entry("software", "mcpolar", package) + "\n" + _entry("misc", "wang2025", paper)


def _entry(kind: str, key: str, fields: dict[str, str]) -> str:
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    return "\n".join([f"@{kind}{{{key},", *lines, "}", ""])
