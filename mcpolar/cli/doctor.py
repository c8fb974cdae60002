"""`mcpolar doctor`: what is installed, and whether it works."""

from __future__ import annotations

import json

from mcpolar.cli.options import Quiet, Watched
from mcpolar.cli.progress import progress_bar
from mcpolar.cli.solve import OUT, Outputs

FAULT = 70


def doctor(*, progress: Watched = "auto", quiet: Quiet = False, out: Outputs = OUT) -> int:
    """Say what is installed, whether loops are compiled, which optional parts are missing, and test it in seconds.

    The compiled chain is held against its definition, step by step, and bounds against other arithmetic and the paper's
    table. The exit status is 70 if a test fails.
    """
    form = out.form()
    from mcpolar.answers.checkup import checkup
    from mcpolar.report.checkup import checkup_text
    from mcpolar.report.tables import put
    from mcpolar.report.terminal import has_colour

    with progress_bar("self-test", None, quiet=quiet, form=progress) as advance:
        found = checkup()
        advance(1)
    text = json.dumps(found.to_dict(), ensure_ascii=False) + "\n"
    put(
        text if form == "json" else checkup_text(found, colour=out.output is None and has_colour()),
        out.output,
    )
    return 0 if found.is_sound else FAULT
