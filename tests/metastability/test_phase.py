"""The phase diagram against the ensembles that it is made of."""

import numpy as np
import pytest

from mcpolar.chain import simulate
from mcpolar.metastability import passage_times, phase_diagram, survival_curve
from mcpolar.parameters import ChainParameters

CELLS = [ChainParameters(6, 2, "0.5"), ChainParameters(6, 2, "0.5", k=1), ChainParameters(6, 2, "1.2", k=1)]


def test_twin_cells_are_ensembles_of_their_own():
    found = list(phase_diagram(CELLS, "random", "30*m", replicas=150, seed=3, confidence=0.99))
    for index, cell in enumerate(found):
        path = simulate(CELLS[index], "random", 180, seed=3, replicas=150, cell=(index,))
        plus = (path.final.log_odds > 0).sum(axis=1)
        one_side = (plus == 0) | (plus == 6)
        decided = (np.abs(path.final.log_odds) >= 1 / float(CELLS[index].sigma) ** 2).all(axis=1)
        assert cell.consensus[0] == one_side.mean()
        assert cell.bipolar[0] == (~one_side & decided).mean()
        assert cell.consensus[0] + cell.bipolar[0] + cell.mixed[0] == pytest.approx(1)
        assert cell.consensus[1] < cell.consensus[0] <= cell.consensus[2]
        times = passage_times(CELLS[index], "random", 180, replicas=150, seed=3, cell=(index,)).of(
            "consensus"
        )
        assert cell.consensus_median == survival_curve(*times).median
        assert cell.consensus_mean.mean == pytest.approx(np.minimum(times[0], 180).mean())
    assert [cell.phase for cell in found] == ["consensus", "bipolar", "bipolar"]
    assert found[0].consensus_median is not None
    assert found[1].consensus_median is None


def test_reference_few_replicas_leave_the_phase_open():
    (cell,) = phase_diagram(CELLS[:1], "random", 0, replicas=1, seed=3)
    assert cell.phase == "open"
    assert cell.consensus_mean is None
