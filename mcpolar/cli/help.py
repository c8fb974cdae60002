"""How help is set: examples for each command, and paragraphs that fill the terminal's lines, wherever the source broke.

cyclopts keeps the line breaks of docstrings, which a narrower or wider terminal would break a second time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cyclopts.help import DefaultFormatter

if TYPE_CHECKING:
    from cyclopts.help import HelpPanel
    from rich.console import Console, ConsoleOptions

EXAMPLES: dict[str, tuple[str, ...]] = {
    "": (
        'mcpolar bound theorem2 --sigma 0.2 --level 1 --steps "10*m*log(m)"',
        "mcpolar table paper --variant both",
        "mcpolar simulate --sigma 0.5 --steps 6000 --every 60 --output run.nc",
        "mcpolar validate theorem2 --sigma 0.3 --level 1 --steps 1021",
    ),
    "bound": (
        "mcpolar bound theorem1 --agents 30 --memory 5 --sigma 0.2",
        'mcpolar bound theorem2 --sigma 0.4 --level 1 --steps "2*m*log(m)" --format json',
        "mcpolar bound permanence --sigma 0.3 --level 1 --neighbours 14 --split 15",
        "mcpolar bound general-theorem2 --components 3 --dimension 2 --distance 1 --sigma 0.1 --steps 100",
        "mcpolar bound general-permanence --means simplex --components 30 --distance 8 --sigma 1 --memory 1 --level 2",
    ),
    "study": (
        "mcpolar study --agents 30 --memory 5 --sigma 0.3 --neighbours 14 --start bipolar",
        "mcpolar study --sigma 0.5 --until-decided --output study.json",
    ),
    "solve": (
        'mcpolar solve theorem2 --for sigma --at-least 0.95 --level 1 --steps "10*m*log(m)"',
        "mcpolar solve silo-persistence --for steps --at-least 0.9 --sigma 0.3 --level 1",
        "mcpolar solve silo-persistence --for steps --at-least 0.9 --estimate",
    ),
    "table": (
        "mcpolar table paper --variant both",
        "mcpolar table grid --statement theorem2 --sigma 0.1,0.2 --level 1:5 --steps 1021",
    ),
    "table paper": (
        "mcpolar table paper",
        "mcpolar table paper --variant both --output tables.tex",
    ),
    "table grid": (
        'mcpolar table grid --statement theorem2 --sigma 0.1,0.2 --level 1:5 --steps "10*m*log(m)"',
        "mcpolar table grid --statement permanence --sigma 0.2:0.4:0.1 --level 1:3 --output permanence.csv",
    ),
    "plot": ("mcpolar plot bound theorem2 --sigma 0.05:0.5:0.01 --level 1:5 --steps 1021",),
    "plot bound": (
        'mcpolar plot bound theorem2 --sigma 0.05:0.5:0.01 --level 1:5 --steps "10*m*log(m)"',
        "mcpolar plot bound permanence --sigma 0.2:0.4:0.05 --level 1:3 --output permanence.svg",
        "mcpolar plot bound theorem2 --sigma 0.2:0.4:0.05 --level 1 --steps 100 --estimates",
    ),
    "simulate": (
        'mcpolar simulate --agents 30 --sigma 0.5 --start undecided --steps "200*m" --output run.nc',
        "mcpolar simulate --start bipolar --level 2 --neighbours 14 --steps 6000 --every 600",
    ),
    "run": (
        'mcpolar run grid.sqlite --agents 10,30 --sigma 0.2:0.5:0.1 --replicas 1000 --steps "200*m"',
        "mcpolar run grid.sqlite --agents 10,30 --sigma 0.2:0.5:0.1 --resume --output grid.csv",
    ),
    "experiment": (
        "mcpolar experiment fig3 --output-dir figures",
        "mcpolar experiment fig3 --neighbours 1:29 --replicas 200 --weight-floor 0",
        "mcpolar experiment fig10 --covariance-update em",
    ),
    "metastability": (
        "mcpolar metastability exit --agents 10 --neighbours 4 --sigma 0.5",
        "mcpolar metastability phase --sigma 0.3:1:0.1 --neighbours 2,4,9 --plot phase.pdf",
    ),
    "metastability exit": (
        "mcpolar metastability exit --agents 10 --neighbours 4 --sigma 0.5",
        "mcpolar metastability exit --event consensus --start random --sigma 0.8 --plot exit.pdf",
    ),
    "metastability coarse": (
        "mcpolar metastability coarse --agents 6 --memory 1 --sigma 1 --start random --plot coarse.pdf",
        "mcpolar metastability coarse --agents 6 --memory 1 --sigma 1 --lags 1,2,4 --macrostates undecided",
    ),
    "metastability exact": (
        "mcpolar metastability exact --agents 2 --sigma 1 --steps 40",
        "mcpolar metastability exact --quantity hitting --agents 2 --sigma 1 --log-odds 0,0.5",
    ),
    "metastability meanfield": (
        "mcpolar metastability meanfield --sigma 1 --log-odds -1,0,1",
        "mcpolar metastability meanfield --memory 5 --sigma 0.7 --agents 100000 --rounds 40",
    ),
    "metastability phase": (
        "mcpolar metastability phase --agents 10 --sigma 0.3,0.5,0.7 --neighbours 2,4,9 --plot phase.pdf",
    ),
    "metastability growth": (
        "mcpolar metastability growth --memory 1,2,5 --sigma 0.5,1,2",
        "mcpolar metastability growth --memory 1,2 --sigma 0.5 --decay",
    ),
    "agents": (
        "mcpolar agents run log.jsonl --agents 8 --steps 15 --model smollm2",
        "mcpolar agents measures log.jsonl --names flowers",
    ),
    "agents run": (
        "mcpolar agents run log.jsonl --agents 8 --steps 15 --model smollm2",
        "mcpolar agents run log.jsonl --model http://127.0.0.1:8080#qwen --concurrency 4 --resume",
    ),
    "agents read": (
        "mcpolar agents read log.jsonl --names flowers --output labels.csv",
        "mcpolar agents read votes.csv --columns trial,round,voter,party",
    ),
    "agents measures": (
        "mcpolar agents measures output2_5_1.csv output2_5_2.csv --names flowers --window 20",
    ),
    "agents chain": ("mcpolar agents chain log.jsonl --names flowers --lag 1",),
    "agents figure": (
        "mcpolar agents figure fig2 log.jsonl --names flowers --output-dir figures",
        "mcpolar agents figure fig3 output2_*.csv --names flowers",
    ),
    "agents sketch": ("mcpolar agents sketch log.jsonl answers.jsonl --model smollm2 --output-dir figures",),
    "agents doctor": ("mcpolar agents doctor --model smollm2",),
    "compare": (
        "mcpolar compare log.jsonl --names flowers --sigma 0.2 --memory 1",
        "mcpolar compare log.jsonl --names flowers --fit --memory 1,2,5 --sigma 0.05:2",
    ),
    "explore": (
        "mcpolar explore",
        "mcpolar explore --no-browser --port 8000",
        "mcpolar explore --export explorer.html",
    ),
    "report": (
        "mcpolar report bound.json check.json --output report.html",
        'mcpolar report results/*.json --title "Thirty agents" --output report.html',
    ),
    "cite": ("mcpolar cite", "mcpolar cite --output mcpolar.bib"),
    "statement": (
        "mcpolar statement theorem1",
        "mcpolar statement permanence --format json",
    ),
    "validate": (
        "mcpolar validate theorem2 --agents 30 --memory 5 --sigma 0.3 --level 1 --steps 1021",
        "mcpolar validate permanence --sigma 0.5 --level 2 --neighbours 14 --split 15",
        "mcpolar validate theorem1 --agents 4 --memory 2 --sigma 0.4 --until-decided",
    ),
    "init": (
        "mcpolar init",
        "mcpolar init --output study.toml",
    ),
    "doctor": ("mcpolar doctor",),
    "validate paper": ("mcpolar validate paper --store checks.sqlite --plot checks.pdf",),
}
"""Examples by command."""


def epilogue(command: str) -> str:
    """Return the examples of a command, for the end of its help."""
    return "\n".join(["Examples:", "", *(f"  {example}" for example in EXAMPLES[command]), ""])


class Formatter(DefaultFormatter):
    """The usual help, with paragraphs whose lines are as long as the terminal allows."""

    def __call__(self, console: Console, options: ConsoleOptions, panel: HelpPanel) -> None:
        """Render a panel of commands or options."""
        for entry in panel.entries:
            _unwrap(entry.description, lambda text: " ".join(text.split()))
        super().__call__(console, options, panel)

    def render_description(self, console: Console, options: ConsoleOptions, description: Any) -> None:
        """Render what the command does."""
        _unwrap(description, unwrapped)
        super().render_description(console, options, description)


def _unwrap(shown: Any, join: Callable[[str], str]) -> None:
    """Join the lines of a help text, in place."""
    from rich.text import Text

    text = getattr(shown, "primary_renderable", None)
    if isinstance(text, Text):
        shown.primary_renderable = Text(join(text.plain), end=text.end)


def unwrapped(text: str) -> str:
    r"""Return the text with each paragraph on one line; indented lines stay as they are.

    Examples
    --------
    >>> unwrapped("one\ntwo\n\nthree\n  four")
    'one two\n\nthree\n  four'
    """
    lines: list[str] = []
    for line in text.splitlines():
        joins = lines and lines[-1] and line and not line[0].isspace() and not lines[-1][0].isspace()
        lines = [*lines[:-1], f"{lines[-1]} {line}"] if joins else [*lines, line]
    return "\n".join(lines)
