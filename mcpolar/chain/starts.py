"""Start states by name: random, undecided, polarized, bipolar, and the boundary states of a level."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from typing import get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, erfinv, logit

from mcpolar.chain.levels import LARGEST_LEVEL, level_log_odds
from mcpolar.chain.state import ChainState
from mcpolar.checks import exact_decimal, plain, whole_number
from mcpolar.choices import Placement, StartKind
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.questions import FAR_END, NEAR_END
from mcpolar.rng import Purpose, Seed, normals, philox_key, read_seed, uniforms

_DECIDED: tuple[StartKind, ...] = ("polarized", "bipolar", "boundary")
_LARGEST_LOG_ODDS = Decimal("1e15")
OUTSIDE = 0.499999
"""Just outside the own interval, where a memory is hardest to clear."""


@dataclass(frozen=True)
class Start:
    """A law of start states, from which any block of replicas can be made alone.

    Parameters
    ----------
    kind : {"random", "undecided", "polarized", "bipolar", "boundary"}
        "random": weights uniform on (0, 1), memory drawn from each agent's own mixture.
        "undecided": every log-odds 0, memory drawn from the mixture.
        "polarized": in E_h, `split` agents (the first ones) on the + side, the others on the - side.
        "bipolar": as "polarized" with floor(m/2) agents on the + side.
        "boundary": as "polarized", with memory on the boundary of the intervals: adversarial for statements
        about E_h.
    level : Decimal, str, int or float, optional
        h of the decided kinds (default 1): own-side log-odds are the smallest double at or above h/sigma^2.
    log_odds : Decimal, str, int or float, optional
        Own-side log-odds themselves, in place of `level`.
    split : int, optional
        Agents on the + side, 0 to m; default m. Only for "polarized" and "boundary".
    placement : {"centres", "drawn", "inner", "outer", "alternating", "outside", "opposite"}, optional
        Own-side memory of the decided kinds: at the component's mean (the default), drawn from the
        component truncated to its interval, at the interval's end nearer to 0 (1/2, the default of
        "boundary") or farther from it (3/2), or 1/2 and 3/2 in turn. The last two are not in E_h: just outside
        the interval (0.499999), and at the other component's mean.

    Raises
    ------
    InputError
        If an option is not allowed or does not belong to the kind.

    Examples
    --------
    >>> parameters = ChainParameters(m=3, r=2, sigma="0.5")
    >>> state = Start("boundary", level=2, split=1).state(parameters, seed=1)
    >>> state.log_odds, state.memory[0, 0]
    (array([[ 8., -8., -8.]]), array([0.5, 0.5]))
    """

    kind: StartKind
    _: KW_ONLY
    level: Decimal | str | float | None = None
    log_odds: Decimal | str | float | None = None
    split: int | None = None
    placement: Placement | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.kind, str) or self.kind not in get_args(StartKind):
            raise InputError(
                "start", self.kind, "one of " + ", ".join(get_args(StartKind)) + ", or a file of states"
            )
        for name in ("level", "log_odds", "split", "placement"):
            if getattr(self, name) is not None and self.kind not in _DECIDED:
                raise InputError(name, getattr(self, name), f"absent for the start {self.kind!r}")
        if self.kind == "bipolar" and self.split is not None:
            raise InputError("split", self.split, "absent for the start 'bipolar', which halves the agents")
        if self.level is not None and self.log_odds is not None:
            raise InputError("log_odds", self.log_odds, "absent where a level is given")
        if self.placement is not None and self.placement not in get_args(Placement):
            raise InputError("placement", self.placement, "one of " + ", ".join(get_args(Placement)))
        for name, highest in (("level", LARGEST_LEVEL), ("log_odds", _LARGEST_LOG_ODDS)):
            if getattr(self, name) is not None:
                number = exact_decimal(name, getattr(self, name), Decimal(0), highest)
                if not number:
                    raise InputError(name, getattr(self, name), "greater than 0")
                object.__setattr__(self, name, number)

    def state(
        self,
        chain: ChainParameters,
        *,
        seed: Seed,
        replicas: int = 1,
        first_replica: int = 0,
        cell: Sequence[int] = (),
    ) -> ChainState:
        """Make the replicas from `first_replica` on; each depends on (seed, cell, replica) alone.

        Raises
        ------
        InputError
            If the split does not fit the number of agents, or a count, the seed or the cell is out of
            range.
        """
        count = whole_number("replicas", replicas, 1)
        draw = _Draws(philox_key(read_seed(seed), cell), count, first_replica)
        if self.is_decided:
            return self._decided(chain, draw)
        if self.kind == "random":
            log_odds = logit(draw.uniforms(Purpose.START_WEIGHT, chain.m))
        else:
            log_odds = np.zeros((count, chain.m))
        return ChainState.from_arrays(log_odds, draw.mixture(log_odds, chain))

    @property
    def is_decided(self) -> bool:
        """Whether every agent starts decided, so many on the + side."""
        return self.kind in _DECIDED

    def positive_agents(self, chain: ChainParameters) -> int:
        """Return how many agents a decided kind puts on the + side; InputError if the split is above m."""
        if self.kind == "bipolar":
            return chain.m // 2
        return chain.m if self.split is None else whole_number("split", self.split, 0, chain.m, "m")

    def as_dict(self) -> dict[str, int | str | None]:
        """Return the options for a record or JSON; decimals as strings."""
        return {
            "kind": self.kind,
            "level": None if self.level is None else plain(Decimal(self.level)),
            "log_odds": None if self.log_odds is None else plain(Decimal(self.log_odds)),
            "split": self.split,
            "placement": self.placement,
        }

    def _decided(self, chain: ChainParameters, draw: _Draws) -> ChainState:
        """Return polarized states: side times own-side log-odds, side times own-side memory."""
        m, r = chain.m, chain.r
        side = np.where(np.arange(m) < self.positive_agents(chain), 1.0, -1.0)
        if self.log_odds is not None:
            own = float(self.log_odds)
        else:
            own = level_log_odds(chain, 1 if self.level is None else self.level, "up")
        placement = self.placement or ("inner" if self.kind == "boundary" else "centres")
        shape = (draw.count, m, r)
        if placement == "drawn":
            memory = draw.truncated(m * r, float(chain.sigma)).reshape(shape)
        else:
            memory = np.broadcast_to(_places(placement, r), shape)
        return ChainState.from_arrays(
            np.broadcast_to(side * own, (draw.count, m)), memory * side[:, np.newaxis]
        )


@dataclass(frozen=True)
class _Draws:
    """The draws of a block of start states; element h of agent i has index i r + h."""

    key: NDArray[np.uint64]
    count: int
    first_replica: int

    def uniforms(self, purpose: Purpose, n: int) -> NDArray[np.float64]:
        return uniforms(self.key, purpose, self.count, n, first_replica=self.first_replica)

    def mixture(self, log_odds: NDArray[np.float64], chain: ChainParameters) -> NDArray[np.float64]:
        """Return memories drawn from each agent's own mixture; component + where logit(u) < l."""
        n = chain.m * chain.r
        shape = (self.count, chain.m, chain.r)
        positive = (
            logit(self.uniforms(Purpose.START_COMPONENT, n)).reshape(shape) < log_odds[:, :, np.newaxis]
        )
        noise = normals(self.key, Purpose.START_NORMAL, self.count, n, first_replica=self.first_replica)
        return np.where(positive, 1.0, -1.0) + float(chain.sigma) * noise.reshape(shape)

    def truncated(self, n: int, sigma: float) -> NDArray[np.float64]:
        """Return draws of N(1, sigma^2) truncated to [1/2, 3/2], by inversion; symmetric about 1."""
        # the components need no draw here, so their uniforms are free; the clip only undoes rounding at the
        # ends
        mass = erf((FAR_END - NEAR_END) / 2 / (math.sqrt(2) * sigma))
        centred = 2 * self.uniforms(Purpose.START_COMPONENT, n) - 1
        elements: NDArray[np.float64] = np.clip(
            1 + math.sqrt(2) * sigma * erfinv(mass * centred), NEAR_END, FAR_END
        )
        return elements


def _places(placement: str, r: int) -> NDArray[np.float64]:
    """Return the memory of one agent on the + side."""
    pattern = {
        "centres": (1.0,),
        "inner": (NEAR_END,),
        "outer": (FAR_END,),
        "alternating": (NEAR_END, FAR_END),
        "outside": (OUTSIDE,),
        "opposite": (-1.0,),
    }[placement]
    return np.resize(pattern, r)
