// The two-component chain (docs/theory.md, section 1) in log-odds, and many of it beside each other.
// State: log-odds l[m], memory x[m r]. With a neighbourhood also the weights themselves, r (2w - 1) = n + d with n whole
// and d as a sign and a logarithm (mcpolar/compiled/chain/keys): at small sigma log-odds do not hold d, by which equally
// near agents are told apart. The generator is not mcpolar's: these paths are none of `simulate`'s.
function generator(seed) { // sfc32: small and fast
  let a = 0x9e3779b9 ^ seed, b = 0x243f6a88, c = 0xb7e15162, d = seed | 1, spare = null
  const bits = () => {
    const t = (a + b | 0) + d | 0
    d = d + 1 | 0; a = b ^ b >>> 9; b = c + (c << 3) | 0; c = (c << 21 | c >>> 11) + t | 0
    return t >>> 0
  }
  for (let i = 0; i < 16; i++) bits()
  // 53 bits: with 32, a weight of 1e-10 would never be drawn, or too often
  const uniform = () => ((bits() >>> 5) * 67108864 + (bits() >>> 6) + 0.5) / 9007199254740992
  const normal = () => {
    if (spare !== null) { const z = spare; spare = null; return z }
    let u, v, s
    do { u = 2 * uniform() - 1; v = 2 * uniform() - 1; s = u * u + v * v } while (s >= 1 || s === 0)
    const f = Math.sqrt(-2 * Math.log(s) / s)
    spare = v * f
    return u * f
  }
  return {uniform, normal, below: n => Math.floor(bits() / 4294967296 * n)}
}

class Chain {
  constructor({m, r, sigma, k}, seed) {
    Object.assign(this, {m, r, sigma, k, t: 0, s: 2 / (sigma * sigma), random: generator(seed)})
    this.l = new Float64Array(m); this.x = new Float64Array(m * r)
    this.isLocal = k !== null && k < m - 1
    if (this.isLocal) {
      this.n = new Float64Array(m); this.sign = new Int8Array(m); this.logd = new Float64Array(m)
      this.order = Uint16Array.from({length: m}, (_, i) => i); this.place = new Uint16Array(m)
    }
    this.receiver = this.sender = -1; this.arrival = 0
  }

  start(kind, level) { // the names of `mcpolar simulate --start`; boundary with floor(m/2) agents on the + side
    const {m, r, sigma, l, x, random} = this, own = level / (sigma * sigma)
    for (let i = 0; i < m; i++) {
      const side = i < Math.floor(m / 2) ? 1 : -1, u = random.uniform()
      l[i] = kind === 'undecided' ? 0 : kind === 'random' ? Math.log(u / (1 - u)) : side * own
      for (let h = 0; h < r; h++) x[i * r + h] = kind === 'boundary' ? side * 0.5 : kind === 'bipolar' ? side : this.draw(l[i])
    }
    return this.sort()
  }

  sort() { // weights from log-odds alone, and the agents in their order
    if (!this.isLocal) return this
    for (let i = 0; i < this.m; i++) this.setWeight(i)
    this.order.sort((a, b) => this.compare(a, b))
    this.order.forEach((i, place) => { this.place[i] = place })
    return this
  }

  draw(l) { // a draw of the mixture with log-odds l
    const {uniform, normal} = this.random
    const side = uniform() < 1 / (1 + Math.exp(-l)) ? 1 : -1
    return side + this.sigma * normal()
  }

  setWeight(i) { // r tanh(l/2)
    const {r, l} = this, size = Math.abs(l[i]), slope = r * Math.tanh(size / 2), side = l[i] < 0 ? -1 : 1
    if (slope < 0.5) this.setParts(i, 0, side, Math.log(slope)) // log 0 is -Infinity: d = 0
    else this.setSum(i, side * r, -side * r / (1 + Math.exp(-size)), size)
  }

  setSum(i, balance, correction, shift) { // n + d = balance + 2 correction e^-shift
    const size = 2 * Math.abs(correction), moved = 2 * correction * Math.exp(-shift), whole = Math.round(moved)
    if (whole === 0) this.setParts(i, balance, Math.sign(correction), Math.log(size) - shift)
    else this.setParts(i, balance + whole, Math.sign(moved - whole), Math.log(Math.abs(moved - whole)))
  }

  setParts(i, n, sign, logd) { this.n[i] = n; this.sign[i] = logd === -Infinity ? 0 : sign; this.logd[i] = logd }

  compare(a, b) { // by weight, then by number
    const {n, sign, logd} = this
    if (n[a] !== n[b]) return n[a] - n[b]
    if (sign[a] !== sign[b]) return sign[a] - sign[b]
    if (sign[a] !== 0 && logd[a] !== logd[b]) return sign[a] * (logd[a] - logd[b])
    return a - b
  }

  move(i) { // keep the order: a shift of those that agent i passes
    const {order, place} = this
    let at = place[i]
    while (at > 0 && this.compare(i, order[at - 1]) < 0) { order[at] = order[at - 1]; place[order[at]] = at; at-- }
    while (at < this.m - 1 && this.compare(order[at + 1], i) < 0) { order[at] = order[at + 1]; place[order[at]] = at; at++ }
    order[at] = i; place[i] = at
  }

  excess(i, lower, upper) { // the sign of (w_i - w_lower) - (w_upper - w_i)
    const {n, sign, logd} = this, whole = 2 * n[i] - n[lower] - n[upper]
    const scale = whole === 0 ? Math.max(logd[i], logd[lower], logd[upper]) : 0
    if (scale === -Infinity) return 0
    const d = j => sign[j] === 0 ? 0 : sign[j] * Math.exp(logd[j] - scale)
    return whole + (2 * d(i) - d(lower) - d(upper))
  }

  neighbour(i, rank) { // agent i itself, or its rank-th nearest: those below and those above are merged
    if (rank === 0) return i
    const {order, m} = this
    let low = this.place[i] - 1, high = this.place[i] + 1
    for (;;) {
      if (low < 0) return order[high + rank - 1]
      if (high >= m) return order[low - rank + 1]
      const far = this.excess(i, order[low], order[high])
      if (far === 0 && !this.isSame(order[low], order[high])) { // as near on either side, of other weights: by number
        const tied = this.tied(low, high)
        if (rank <= tied.length) return tied[rank - 1]
        rank -= tied.length
        while (low >= 0 && tied.includes(order[low])) low--
        while (high < m && tied.includes(order[high])) high++
        continue
      }
      const next = far <= 0 ? order[low--] : order[high++]
      if (--rank === 0) return next
    }
  }

  isSame(a, b) { return this.n[a] === this.n[b] && this.sign[a] === this.sign[b] && (this.sign[a] === 0 || this.logd[a] === this.logd[b]) }

  tied(low, high) {
    const {order} = this, found = []
    for (let at = low; at >= 0 && this.isSame(order[at], order[low]); at--) found.push(order[at])
    for (let at = high; at < this.m && this.isSame(order[at], order[high]); at++) found.push(order[at])
    return found.sort((a, b) => a - b)
  }

  step() {
    const {m, random} = this
    const i = random.below(m), j = this.isLocal ? this.neighbour(i, random.below(this.k + 1)) : random.below(m)
    this.receiver = i; this.sender = j; this.t += 1
    return this.take(i, this.draw(this.l[j]))
  }

  take(i, y) { // the farthest element goes, and the log-odds move (one EM weight step)
    const {r, l, x, s} = this, first = i * r
    let out = 0, far = -1
    for (let h = 0; h < r; h++) { const d = Math.abs(x[first + h] - y); if (d > far) { far = d; out = h } }
    x[first + out] = y; this.arrival = y
    let topA = -Infinity, topB = -Infinity, sumA = 0, sumB = 0, balance = 0, nearest = Infinity
    for (let h = 0; h < r; h++) { // a = log w_h, b = log(1 - w_h), added up in log space
      const z = l[i] + s * x[first + h], soft = Math.log1p(Math.exp(-Math.abs(z)))
      const a = Math.min(z, 0) - soft, b = a - z
      if (a > topA) { sumA = sumA * Math.exp(topA - a) + 1; topA = a } else sumA += Math.exp(a - topA)
      if (b > topB) { sumB = sumB * Math.exp(topB - b) + 1; topB = b } else sumB += Math.exp(b - topB)
      balance += z > 0 ? 1 : -1; nearest = Math.min(nearest, Math.abs(z))
    }
    if (this.isLocal && r > 1) { // relative to the largest small term, so that none is lost
      let correction = 0
      for (let h = 0; h < r; h++) {
        const z = l[i] + s * x[first + h], size = Math.abs(z)
        correction -= (z > 0 ? 1 : -1) * Math.exp(nearest - size) / (1 + Math.exp(-size))
      }
      this.setSum(i, balance, correction, nearest)
    }
    l[i] = r === 1 ? l[i] + s * x[first] : topA - topB + Math.log(sumA / sumB)
    if (this.isLocal) { if (r === 1) this.setWeight(i); this.move(i) }
    return i
  }

  isAtLevel(i, own) { // agent i is at the level with all memory in its own interval
    const side = Math.sign(this.l[i])
    if (Math.abs(this.l[i]) < own || side === 0) return false
    for (let h = i * this.r; h < (i + 1) * this.r; h++) if (Math.abs(this.x[h] - side) > 0.5) return false
    return true
  }
}

// Many populations, started together and stepped together: whatever step they have reached, all of them have.
class Ensemble {
  constructor(c, replicas, seed) {
    Object.assign(this, {c, replicas, reached: 0, own: c.h / (c.sigma * c.sigma)})
    this.isPolar = c.start === 'boundary' || c.start === 'bipolar'
    this.all = Array.from({length: replicas}, (_, number) => {
      const chain = new Chain(c, (seed + 7919 * (number + 1)) | 0).start(c.start, c.h)
      const at = Uint8Array.from(chain.l, (_, i) => chain.isAtLevel(i, this.own))
      const missing = at.reduce((sum, one) => sum + 1 - one, 0)
      return {chain, at, missing, sides: Int8Array.from(chain.l, Math.sign), polarized: missing ? Infinity : 0, level: missing ? 0 : Infinity, silo: Infinity}
    })
  }

  advance(steps) { // so many steps of each
    const until = Math.min(this.c.T, this.reached + steps)
    for (const one of this.all) {
      while (one.chain.t < until && !(this.isPolar && one.silo < Infinity && one.level < Infinity)) this.watch(one, one.chain.step())
    }
    this.reached = until
  }

  watch(one, i) {
    const {chain} = one, is = chain.isAtLevel(i, this.own) ? 1 : 0
    one.missing += one.at[i] - is; one.at[i] = is
    if (one.missing === 0 && one.polarized === Infinity) one.polarized = chain.t
    if (one.missing > 0 && one.level === Infinity) one.level = chain.t
    if (one.silo === Infinity && Math.sign(chain.l[i]) !== one.sides[i]) one.silo = chain.t
  }

  found() { // times of first passage, and how the populations stand
    const times = name => Float64Array.from(this.all, one => one[name]).sort()
    const polarized = this.all.filter(one => one.missing === 0)
    const alike = polarized.filter(one => one.chain.l.every(l => l > 0) || one.chain.l.every(l => l < 0)).length
    return {
      reached: this.reached, replicas: this.replicas, level: times('level'), silo: times('silo'), polarized: times('polarized'),
      alike, poles: polarized.length - alike, isPolar: this.isPolar,
    }
  }
}

// In a worker: take parameters, and answer with what is found so far until the horizon, or the budget, is reached.
function work(scope, budget = 60000) {
  scope.onmessage = ({data: {c, replicas, seed, turn}}) => {
    const ensemble = new Ensemble(c, replicas, seed), began = performance.now()
    let steps = 1
    const more = () => {
      const from = performance.now()
      ensemble.advance(steps)
      const took = performance.now() - from
      steps = Math.max(1, Math.min(2 * steps, Math.round(steps * 60 / Math.max(took, 0.5))))
      const isDone = ensemble.reached >= c.T, isSpent = performance.now() - began > budget
      scope.postMessage({...ensemble.found(), turn, isDone, isSpent})
      if (!isDone && !isSpent) setTimeout(more)
    }
    more()
  }
}
