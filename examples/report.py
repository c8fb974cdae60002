"""A report of a few bounds as one page for the browser: report.html.

python examples/report.py [FOLDER]
"""

import json
import sys
import tempfile
from pathlib import Path

import mcpolar as mp
from mcpolar.report.html import read_results, report_page


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    chain = mp.ChainParameters(m=30, r=5, sigma="0.3", k=14)
    bounds = {
        "level": mp.theorem2(chain, level=1, steps=1021, split=15),
        "silos": mp.silo_persistence(chain, level=1, steps=1021, split=15),
        "refused": mp.theorem2(chain, level=1, steps=1021, split=10),
    }
    for name, bound in bounds.items():
        (folder / f"{name}.json").write_text(json.dumps(bound.to_dict()), encoding="utf-8")
    page = report_page(read_results([folder / f"{name}.json" for name in bounds]), "Thirty agents")
    (folder / "report.html").write_text(page, encoding="utf-8")
    print(f"{folder / 'report.html'}: {len(page) / 1e6:.2f} MB from {len(bounds)} results")


if __name__ == "__main__":
    main()
