"""The examples of metastability run, in a reduced size, and print and draw what they say."""

import importlib.util
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
SMALL = {
    "exit_times": ({"replicas": 200, "steps": 300, "memory": 1}, 2, "silo-persistence"),
    "coarse_graining": ({"replicas": 200, "draws": 10}, 2, "agents on the + side"),
    "exact_two_agents": ({"steps": 4, "replicas": 3000, "tolerance": 1e-3}, 0, "0 outside their intervals"),
    "internet_scale": (
        {"words": ["--agents", "10000", "--memory", "1"]},
        0,
        "16 bytes an agent",
    ),
    "mean_field": (
        {"sizes": ((10, 60), (300, 20), (600, 12)), "large": 5000},
        2,
        "where no population ends on the other side: rate",
    ),
    "phase_diagram": (
        {"sigmas": ("0.5", "1"), "neighbours": (2, 9), "memories": (1, 2), "agents": (4, 6), "replicas": 12},
        4,
        "m 10, r 2, sigma 1, k 9: consensus, consensus 1.00",
    ),
}


@pytest.mark.parametrize("name", SMALL)
def test_reference_examples_run(name, tmp_path, capsys):
    options, pictures, said = SMALL[name]
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    example.main(**options, **({"folder": tmp_path} if pictures else {}))
    assert said in capsys.readouterr().out
    drawn = list(tmp_path.glob("*.png"))
    assert len(drawn) == pictures
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in drawn)
