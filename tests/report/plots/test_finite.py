"""Pictures of finite chains show what the records hold."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from mcpolar.errors import InputError
from mcpolar.metastability.finite import FiniteChain, chapman_kolmogorov
from mcpolar.report.plots.finite import draw_chain, draw_chapman_kolmogorov, draw_flux
from mcpolar.report.plots.values import draw_committor, draw_timescales

E = 1e-9


@pytest.fixture(scope="module")
def chain() -> FiniteChain:
    rates = [[0, 0.3, 0, 0], [0.2, 0, E, 0], [0, 2 * E, 0, 0.2], [0, 0, 0.1, 0]]
    return FiniteChain.from_off_diagonal(rates, labels="ABCD")


def texts(axes) -> set[str]:
    return {text.get_text() for text in axes.texts}


def test_law_the_graph_shows_every_state_and_the_ends_of_the_rates(chain):
    axes = draw_chain(chain, law=chain.stationary_distribution()).axes[0]
    assert set("ABCD") <= texts(axes)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["0.3", "1e-09"]
    assert len(axes.patches) == chain.entries.nnz


def test_law_the_flux_stands_along_the_committor(chain):
    flux = chain.reactive_flux("A", "D")
    axes = draw_flux(flux).axes[0]
    assert {"A", "B", "C", "D", "100 %"} <= texts(axes)
    places = {
        text.get_text(): text.xy[0] for text in axes.texts if text.get_text() in "ABCD" and text.get_text()
    }
    assert sorted(places, key=places.get) == list("ABCD")
    assert next(tick.get_text() for tick in axes.get_xticklabels()) == "0"
    assert "1 pathway" in axes.get_title()


def test_law_committors_of_every_size_are_seen(chain):
    axes = draw_committor(chain.committor("A", "D"), source="A", target="D").axes[0]
    assert axes.get_yscale() == "log"
    shown = np.concatenate([line.get_ydata() for line in axes.lines])
    for value in chain.committor("A", "D").value[1:]:
        assert value in shown
    assert axes.get_ylabel() == "P(D before A)"
    assert {"0"} == texts(axes)  # of A itself, which has no place on the axis
    even = FiniteChain([[0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
    assert draw_committor(even.committor(0, 2)).axes[0].get_yscale() == "linear"


def test_law_infinite_timescales_are_written(chain):
    axes = draw_timescales(chain.timescales()).axes[0]
    assert axes.lines[0].get_ydata().tolist() == chain.timescales().value.tolist()
    ring = FiniteChain(np.roll(np.eye(3), 1, axis=1))
    assert "∞" in texts(draw_timescales(ring.timescales()).axes[0])


def test_law_the_chapman_kolmogorov_test_shows_each_set():
    p = np.array([[0.9, 0.1, 0], [0.1, 0.8, 0.1], [0, 0.1, 0.9]])
    chains = {
        lag: FiniteChain.from_counts(1000 * np.linalg.matrix_power(p, lag), labels="abc", draws=20)
        for lag in (1, 2, 4)
    }
    test = chapman_kolmogorov(chains)
    assert not test.is_contradicted.any()
    figure = draw_chapman_kolmogorov(test)
    assert [axes.get_title() for axes in figure.axes] == ["a", "b", "c"]
    np.testing.assert_allclose(figure.axes[0].lines[-1].get_ydata(), test.predicted[:, 0])
    chains[4] = FiniteChain.from_counts(1000 * p, labels="abc", draws=20)
    assert chapman_kolmogorov(chains, [["a"], ["b", "c"]]).is_contradicted[2].all()


def test_law_records_draw_themselves_as_the_figures_do(chain):
    flux, times = chain.reactive_flux("A", "D"), chain.hitting_times("D")
    for record, figure in ((chain, draw_chain(chain)), (flux, draw_flux(flux))):
        axes = record.plot(Figure().subplots())
        assert texts(axes) == texts(figure.axes[0])
        assert len(axes.patches) == len(figure.axes[0].patches)
    axes = times.plot(Figure().subplots(), name="steps to D")
    assert axes.lines[0].get_ydata().tolist() == times.value[:3].tolist()  # D itself: 0, written
    assert [tick.get_text() for tick in axes.get_xticklabels()] == list("ABCD")
    assert (texts(axes), axes.get_yscale(), axes.get_ylabel()) == ({"0"}, "log", "steps to D")


def test_law_sets_on_one_picture_differ_in_colour():
    p = np.array([[0.9, 0.1], [0.2, 0.8]])
    chains = {lag: FiniteChain.from_counts(1000 * np.linalg.matrix_power(p, lag), draws=20) for lag in (1, 2)}
    axes = chapman_kolmogorov(chains).plot(Figure().subplots())
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["0", "1"]
    dashes = [line.get_color() for line in axes.lines if line.get_linestyle() == "--"]
    assert len(set(dashes)) == 2


def test_rejects_what_no_axes_can_hold(chain):
    with pytest.raises(InputError, match="one number a state"):
        chain.mean_first_passage_times().plot(Figure().subplots())
    many = {lag: FiniteChain.from_counts(np.ones((8, 8)), draws=20) for lag in (1, 2)}
    with pytest.raises(InputError, match="at most 7"):
        chapman_kolmogorov(many).plot(Figure().subplots())
