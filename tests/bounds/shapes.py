"""Shapes of PM with published suprema and bounds (m = 30, from E_h), and a slow twin of the suprema's integrand."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mcpolar.bounds.permanence.shape import Shape


class Published(NamedTuple):
    sigma: str
    level: int
    log10_failure: float
    shape: Shape
    rho: float
    rho_hat: float


PUBLISHED = tuple(
    Published(sigma, level, failure, Shape(*numbers.split()), rho, rho_hat)
    for sigma, level, failure, numbers, rho, rho_hat in (
        ("0.2", 1, -6.13, "0.165 0.374 0.1 0.565 1.5 0.45 0.01", 0.655, 0.121),
        ("0.2", 5, -13.79, "0.176 0.458 0.03 0.579 1.5 0.4 0.01", 0.798, 0.115),
        ("0.3", 1, -1.82, "0.172 0.416 0.16 0.382 1.51 0.49 0.03", 0.674, 0.325),
        ("0.4", 5, -2.32, "0.196 0.523 0.12 0.445 1.5 0.5 0.04", 0.864, 0.490),
        ("0.5", 10, -2.44, "0.203 0.575 0.16 0.426 1.51 0.5 0.03", 0.945, 0.616),
    )
)


class Quadrature:
    """Expectations over an own draw y ~ N(1, sigma^2), by the midpoint rule on 5000 cells.

    The integrand jumps where the removed element changes: a cell that holds a jump is wrong by at most its mass.
    """

    CELLS = 5000
    ERROR = 0.003

    def __init__(self, sigma: str, shape: Shape, *, is_hat: bool = False) -> None:
        self.s = 1 / float(sigma) ** 2
        self.theta, self.alpha, self.x0, self.beta, self.x1, self.xh, self.y0 = (
            float(shape.as_dict()[name]) for name in ("theta", "alpha", "x0", "beta", "x1", "xh", "y0")
        )
        self.left = self.xh if is_hat else self.x0
        self.floor = self.y0 if is_hat else -9.0
        # e^{-2 theta s y} f(y) moves the mean of the draws by at most 2 theta + alpha
        ends = (1 - 2 * self.theta - self.alpha - 8 * float(sigma), 1 + self.beta + 8 * float(sigma))
        edges = np.linspace(max(ends[0], self.floor), ends[1], self.CELLS + 1)
        self.y, step = (edges[1:] + edges[:-1]) / 2, edges[1] - edges[0]
        density = np.sqrt(self.s / (2 * np.pi)) * np.exp(-self.s * (self.y - 1) ** 2 / 2)
        self.weight = density * step

    def f(self, x: np.ndarray) -> np.ndarray:
        """The Lyapunov function of one element, as the statement writes it."""
        return np.exp(
            self.s * np.maximum(0, np.maximum(self.alpha * (self.left - x), self.beta * (x - self.x1)))
        )

    def g(self, a: float, b: float) -> float:
        """G(a, b), as the statement writes it."""
        low = self.y < (a + b) / 2
        loss = np.exp(-2 * self.theta * self.s * np.minimum(a, self.y))
        mass = self.f(self.y) * self.weight
        first = np.sum((loss * mass)[low]) / self.f(b)
        return float(first + np.exp(-2 * self.theta * self.s * a) / self.f(a) * np.sum(mass[~low]))

    def ratio(self, memory: np.ndarray) -> float:
        """E[M(X')^theta Psi(X')] / Psi(X) of a memory, with the update as the chain makes it."""
        after = np.broadcast_to(memory, (self.y.size, memory.size)).copy()
        farthest = np.argmax(np.abs(after - self.y[:, None]), axis=1)
        after[np.arange(self.y.size), farthest] = self.y
        growth = np.mean(np.exp(-2 * self.s * after), axis=1) ** self.theta
        lyapunov = np.sum(np.log(self.f(after)), axis=1) - np.sum(np.log(self.f(memory)))
        return float(np.sum(self.weight * growth * np.exp(lyapunov)))
