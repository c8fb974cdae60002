"""The examples of permanence and of the growth of log-odds run, in a reduced size, and print and draw what they say."""

import importlib.util
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
SMALL = {
    "permanence": (
        {"memories": (2,), "levels": (0.5, 4), "steps": 200, "replicas": 400},
        "r = 2, h = 4: log10 P = -5.",
    ),
    "log_odds_growth": (
        {"memories": (1, 3), "sigmas": ("0.5",), "updates": 200, "with_exponents": (1,)},
        "theta*(r = 1, sigma = 0.5) = 1.0000 +- 0.0000 (exact)",
    ),
}


@pytest.mark.parametrize("name", SMALL)
def test_reference_examples_run(name, tmp_path, capsys):
    options, said = SMALL[name]
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    example.main(**options, folder=tmp_path)
    assert said in capsys.readouterr().out
    (picture,) = tmp_path.glob("*.png")
    assert picture.read_bytes().startswith(b"\x89PNG")
