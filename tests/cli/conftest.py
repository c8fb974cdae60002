"""Run the command line inside the test's process."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from mcpolar.cli import main


@dataclass(frozen=True)
class Result:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Return a function that runs `mcpolar` with the words given."""

    def call(*words: object) -> Result:
        status = main([str(word) for word in words])
        captured = capsys.readouterr()
        return Result(status, captured.out, captured.err)

    return call
