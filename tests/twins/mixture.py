"""The general system, slowly: theory.md section 5 word for word in 400 digits, fed the same Philox words.

Weights are mpf numbers as they are written (no logs), so distances within and across silos keep their order by
themselves. Covariance matrices are mpmath matrices in every kind; a spherical or diagonal one is a full one that is
projected after each M-step.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from mpmath import mp, mpf

from tests.twins.philox import block, uniform

DIGITS = 400
COMPONENT, NORMAL, PARTNER, POLICY, AGENT = 16, 17, 18, 19, 20
TIE = mpf(10) ** -12


@dataclass
class Agent:
    weights: list
    memory: list
    covariances: list
    arrived: list = field(default_factory=list)
    matched: list = field(default_factory=list)
    matches: list = field(default_factory=list)


class Twin:
    """One replica; `parameters` is a MixtureParameters, `start` a MixtureState of one replica."""

    def __init__(self, parameters, start, key, replica):
        self.p, self.key, self.replica, self.step = parameters, (int(key[0]), int(key[1])), replica, 0
        self.means = [mp.matrix(list(map(mpf, mean))) for mean in np.asarray(parameters.means)]
        self.agents = [self._agent(i, start) for i in range(parameters.n)]
        self.first = [[mp.det(s) for s in agent.covariances] for agent in self.agents]

    def _agent(self, i, start):
        weights = [mp.exp(mpf(float(v))) for v in start.log_weights[0, i]]
        memory = [mp.matrix(list(map(mpf, x))) for x in start.memory[0, i]]
        roots = start.roots[0] if start.roots is not None else self.p.roots
        covariances = [self._square(root) for root in roots[i if len(roots) > 1 else 0]]
        history = start.history[0, i]
        return Agent(weights, memory, covariances, *(list(map(int, history[:, q])) for q in range(3)))

    def _square(self, root):
        d = self.p.d
        if self.p.covariances.kind == "full":
            matrix = mp.matrix(d, d)
            for s in range(d):
                for t in range(d):
                    matrix[s, t] = mpf(float(root[s, t]))
            return matrix * matrix.T
        return mp.diag([mpf(float(root[s if len(root) > 1 else 0, 0])) ** 2 for s in range(d)])

    # -- draws
    def words(self, purpose, index):
        return block(self.key, purpose, self.replica, index)

    def normals(self, index):
        """The normals of the query and of the answer: one block a coordinate."""
        query, answer = [], []
        for s in range(self.p.d):
            words = self.words(NORMAL, index * self.p.d + s)
            radius = mp.sqrt(-2 * mp.log(mpf(uniform(*words[:2]))))
            angle = 2 * mp.pi * mpf(uniform(*words[2:]))
            query.append(radius * mp.cos(angle))
            answer.append(radius * mp.sin(angle))
        return mp.matrix(query), mp.matrix(answer)

    def draw(self, weights, own, agent, u, z):
        """A component by its weight, the speaker's present silo first; then mean + Cholesky factor times z."""
        order = [own] + [a for a in range(self.p.c) if a != own]
        total = mpf(0)
        for a in order:
            total += weights[a]
            if u < total:
                break
        return self.means[a] + mp.cholesky(agent.covariances[a]) * z

    # -- the parts of a step
    def silo(self, agent):
        return max(range(self.p.c), key=lambda a: (agent.weights[a], -a))

    def partner(self, i, index):
        words = self.words(PARTNER, index)
        if uniform(*words[:2]) < self.p.mirror:
            return i
        rank = words[2] * self.p.k // 2**32
        others = [j for j in range(self.p.n) if j != i]
        if self.p.k == self.p.n - 1:
            return others[rank]
        distance = {
            j: sum((a - b) ** 2 for a, b in zip(self.agents[i].weights, self.agents[j].weights, strict=True))
            for j in others
        }
        value = sorted(distance.values())[rank]
        tied = [j for j in others if self.is_tied(i, distance[j], value)]
        if self.p.ties == "random":
            return tied[int((words[3] + 0.5) / 2**32 * len(tied))]
        return tied[rank - sum(distance[j] < value and j not in tied for j in others)]

    def is_tied(self, i, distance, value):
        """Equal to 12 digits of what orders them: the distance if small, else what it lacks of its largest value."""
        if distance < 1 and value < 1:
            return abs(distance - value) <= TIE * value
        if distance < 1 or value < 1:
            return False
        most = 1 + sum(w**2 for w in self.agents[i].weights)
        return abs(distance - value) <= TIE * (most - value)

    def replaced(self, agent, new, u):
        squared = [sum((x - y) ** 2 for x, y in zip(element, new, strict=True)) for element in agent.memory]
        score = {
            "farthest": squared,
            "first-in-first-out": [-t for t in agent.arrived],
            "last-in-first-out": list(agent.arrived),
            "retrieved": [-q for q in squared],
            "least-recently-matched": [-t for t in agent.matched],
            "importance": [q / (1 + m) for q, m in zip(squared, agent.matches, strict=True)],
        }[self.p.policy]
        later = 1 if self.p.policy == "last-in-first-out" else -1
        return max(range(self.p.r), key=lambda h: (score[h], later * h)), squared

    def clip(self, weights):
        floor = mpf(self.p.weight_floor)
        if not floor:
            return list(weights)
        clipped = [min(max(w, floor), 1 - floor) for w in weights]
        return [w / sum(clipped) for w in clipped]

    def em(self, agent, memory):
        """New weights, and responsibilities (r x c)."""
        weights, shares = self.clip(agent.weights), []
        for x in memory:
            q = [w * self.density(x, a, agent) for a, w in enumerate(weights)]
            shares.append([v / sum(q) for v in q])
        means = [sum(row[a] for row in shares) / len(memory) for a in range(self.p.c)]
        return self.clip(means), shares

    def density(self, x, a, agent):
        z = mp.lu_solve(agent.covariances[a], x - self.means[a])
        exponent = ((x - self.means[a]).T * z)[0] / 2
        return mp.exp(-exponent) / mp.sqrt(mp.det(agent.covariances[a]))

    def m_step(self, i, memory, shares):
        d, kind, floor = self.p.d, self.p.covariances.kind, mpf(self.p.sd_floor) ** 2
        out = []
        for a in range(self.p.c):
            weights = [row[a] for row in shares]
            total = sum(weights) + (mpf("1e-12") if self.p.covariance_update == "published" else 0)
            scatter = mp.matrix(d, d)
            for w, x in zip(weights, memory, strict=True):
                scatter += w / total * ((x - self.means[a]) * (x - self.means[a]).T)
            if kind == "full":
                values, vectors = mp.eigsy(scatter)
                scatter = vectors * mp.diag([max(v, floor) for v in values]) * vectors.T
            else:
                diagonal = [scatter[s, s] for s in range(d)]
                if kind == "spherical":
                    diagonal = [sum(diagonal) / d] * d
                scatter = mp.diag([max(v, floor) for v in diagonal])
            if self.p.covariance_update == "volume":
                scatter *= (self.first[i][a] / mp.det(scatter)) ** (mpf(1) / d)
            out.append(scatter)
        return out

    def update(self, i, index):
        """Return what agent i becomes at update `index`, and change nothing."""
        agent, j = self.agents[i], self.partner(i, index)
        other = self.agents[j]
        words, policy = self.words(COMPONENT, index), self.words(POLICY, index)
        z, z_answer = self.normals(index)
        answer = other.weights
        if self.p.answers == "query":
            x = self.draw(agent.weights, self.silo(agent), agent, uniform(*words[:2]), z)
            copy = list(other.memory)
            copy[self.replaced(other, x, uniform(*policy[:2]))[0]] = x
            answer, _ = self.em(other, copy)
        y = self.draw(answer, self.silo(other), other, uniform(*words[2:]), z_answer)
        return self.receive(i, agent, y, uniform(*policy[2:]))

    def receive(self, i, agent, y, u):
        h, squared = self.replaced(agent, y, u)
        memory = list(agent.memory)
        memory[h] = y
        weights, shares = self.em(agent, memory)
        covariances = agent.covariances
        if self.p.covariance_update != "fixed":
            covariances = self.m_step(i, memory, shares)
        arrived, matched, matches = list(agent.arrived), list(agent.matched), list(agent.matches)
        staying = [q for q in range(self.p.r) if q != h]
        if staying and self.p.policy != "farthest":
            nearest = min(staying, key=lambda q: (squared[q], q))
            matched[nearest], matches[nearest] = self.step, matches[nearest] + 1
        if self.p.policy != "farthest":
            arrived[h], matched[h], matches[h] = self.step, self.step, 0
        return Agent(weights, memory, covariances, arrived, matched, matches)

    def advance(self):
        """One step."""
        n = self.p.n
        if self.p.schedule == "single":
            i = self.words(AGENT, self.step)[0] * n // 2**32
            self.agents[i] = self.update(i, self.step)
        else:
            self.agents = [self.update(i, self.step * n + i) for i in range(n)]
        self.step += 1


def run(parameters, start, key, replica, steps):
    """Return (silos (steps + 1, n), log-weights (n, c), memory (n, r, d), covariances) after `steps` steps."""
    with mp.workdps(DIGITS if parameters.k < parameters.n - 1 else 60):
        twin = Twin(parameters, start, key, replica)
        silos = [[twin.silo(agent) for agent in twin.agents]]
        for _ in range(steps):
            twin.advance()
            silos.append([twin.silo(agent) for agent in twin.agents])
        logs = [[float(mp.log(w)) for w in agent.weights] for agent in twin.agents]
        memory = [[[float(v) for v in x] for x in agent.memory] for agent in twin.agents]
        covariances = [
            [np.array(s.tolist(), dtype=float) for s in agent.covariances] for agent in twin.agents
        ]
        return np.array(silos), np.array(logs), np.array(memory), np.array(covariances)
