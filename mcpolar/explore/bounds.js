// Bounds in double precision, in natural logs: previews, never certified (rounding is to nearest, nothing encloses it).
// Where doubles cannot decide what a formula needs, the answer is UNDECIDED and the page says so.
// Same names as in mcpolar.bounds; tests/explore holds 1000 of each against the certified numbers.
const UNDECIDED = {undecided: true}
const MARGIN = 1e-9 // a decision nearer than this is not made here: errors of doubles stay far below it
const SMALLEST = 1e-290 // below, doubles lose their digits

// erf and erfc by Cody's rational functions (Math. Comp. 23, 1969)
const A = [3.16112374387056560e00, 1.13864154151050156e02, 3.77485237685302021e02, 3.20937758913846947e03, 1.85777706184603153e-1]
const B = [2.36012909523441209e01, 2.44024637934444173e02, 1.28261652607737228e03, 2.84423683343917062e03]
const C = [5.64188496988670089e-1, 8.88314979438837594e00, 6.61191906371416295e01, 2.98635138197400131e02, 8.81952221241769090e02, 1.71204761263407058e03, 2.05107837782607147e03, 1.23033935479799725e03, 2.15311535474403846e-8]
const D = [1.57449261107098347e01, 1.17693950891312499e02, 5.37181101862009858e02, 1.62138957456669019e03, 3.29079923573345963e03, 4.36261909014324716e03, 3.43936767414372164e03, 1.23033935480374942e03]
const P = [3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4, 1.63153871373020978e-2]
const Q = [2.56852019228982242e00, 1.87295284992346725e00, 5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3]

function erf(x) { // Cody 1969, |x| <= 0.46875; else by erfc
  const y = Math.abs(x)
  if (y > 0.46875) return Math.sign(x) * (1 - erfc(y))
  const z = y * y
  let top = A[4] * z, bottom = z
  for (let i = 0; i < 3; i++) { top = (top + A[i]) * z; bottom = (bottom + B[i]) * z }
  return x * (top + A[3]) / (bottom + B[3])
}

function erfc(x) { // x >= 0
  if (x <= 0.46875) return 1 - erf(x)
  let value
  if (x <= 4) {
    let top = C[8] * x, bottom = x
    for (let i = 0; i < 7; i++) { top = (top + C[i]) * x; bottom = (bottom + D[i]) * x }
    value = (top + C[7]) / (bottom + D[7])
  } else {
    const z = 1 / (x * x)
    let top = P[5] * z, bottom = z
    for (let i = 0; i < 4; i++) { top = (top + P[i]) * z; bottom = (bottom + Q[i]) * z }
    value = (0.56418958354775628695 - z * (top + P[4]) / (bottom + Q[4])) / x
  }
  const cut = Math.trunc(x * 16) / 16 // exp(-x^2) without losing digits of x^2
  return Math.exp(-cut * cut) * Math.exp(-(x - cut) * (x + cut)) * value
}

function lgamma(x) { // Stirling's series after a shift to x >= 12
  let shift = 0
  while (x < 12) { shift -= Math.log(x); x += 1 }
  const z = 1 / (x * x)
  const series = 1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z * (1 / 1188 - z * 691 / 360360))))
  return shift + (x - 0.5) * Math.log(x) - x + 0.91893853320467274178 + series / x
}

// Chances of one draw (docs/theory.md, section 2)
const within = (half, sigma) => erf(half / (Math.SQRT2 * sigma))
const ownMissed = sigma => erfc(1 / (2 * Math.SQRT2 * sigma))
const otherInterval = sigma => (erfc(3 / (2 * Math.SQRT2 * sigma)) - erfc(5 / (2 * Math.SQRT2 * sigma))) / 2
const otherHalfLine = sigma => erfc(1 / (Math.SQRT2 * sigma)) / 2

function levelMissed(sigma, h) {
  const other = Math.exp(-h / (sigma * sigma))
  return (ownMissed(sigma) + other * (1 - otherInterval(sigma))) / (1 + other)
}
function halfLineMissed(sigma, h) {
  const other = Math.exp(-h / (sigma * sigma)), missed = otherHalfLine(sigma)
  return (missed + other * (1 - missed)) / (1 + other)
}

// Why a bound about two poles does not apply; null if it does (hypotheses.py: neighbourhood and separation)
function obstacle({m, k, sigma, h}) {
  const smaller = Math.floor(m / 2), own = h / (sigma * sigma)
  if (k === null) return 'with two poles, agents must listen to near ones only: choose fewer neighbours k'
  if (k + 1 > smaller) return `k + 1 = ${k + 1} is more than the ${smaller} agents of the smaller pole`
  if (Math.abs(own - Math.LN2) < MARGIN) return UNDECIDED
  return own > Math.LN2 ? null : 'the level is too low: e^(h/σ²) must exceed 2'
}

function kept(c, missed) {
  const why = obstacle(c)
  if (why !== null) return why === UNDECIDED ? UNDECIDED : -Infinity
  if (c.T === 0) return 0
  return missed < SMALLEST || missed * c.T < SMALLEST ? UNDECIDED : c.T * Math.log1p(-missed)
}
const theorem2 = c => kept(c, levelMissed(c.sigma, c.h))
const siloPersistence = c => kept(c, halfLineMissed(c.sigma, c.h))

// n(h), the own-side updates that reach level h: r - 1 + h + ceil(sigma^2 log v), v = v_{r-1}. In doubles log v is
// lost where v rounds to 1 (r = 2: v = 1 + 2q), and a ceiling beside a whole number is decided by rounding.
function updatesToLevel(r, sigma, h) {
  const q = Math.exp(-1 / (sigma * sigma))
  if (r === 1) return h // v = 1 exactly
  if (r === 2 && q < 0.1) return h + 2 // 0 < sigma^2 log(1 + 2q) < 1: known without rounding
  let v = 1
  for (let u = 1; u < r; u++) v = (r * v * q + (r - u)) / u
  const x = sigma * sigma * Math.log(v)
  if (Math.abs(x - Math.round(x)) < MARGIN * (1 + Math.abs(x))) return null
  return Math.max(r, r - 1 + h + Math.ceil(x))
}

// T1g (each order of updates counted, own-side weights by their geometric mean) with draws of the first r updates in
// the inner interval, or, with a neighbourhood, agents that listen to themselves. Theorem 1 is at least as large.
function theorem1({m, r, sigma, h, k}) {
  const n = updatesToLevel(r, sigma, h)
  if (n === null) return {log: UNDECIDED, steps: null}
  const q = Math.exp(-1 / (sigma * sigma)), N = n * m, log = Math.log
  let v = 1, before = 0, last = 0 // before: sum of log a_u, u < n; last: log a_n
  for (let u = 0; u <= n; u++) {
    last = -Math.log1p(v)
    if (u < n) before += last
    v = u < r ? (r * v * q + (r - u - 1)) / (u + 1) : v * q
  }
  const draws = m * r * log(within(1 / 6, sigma)) + (N - r * m) * log(within(1 / 2, sigma))
  const orders = lgamma(N + 1) - m * lgamma(n + 1) - N * log(m)
  if (k !== null) return {log: orders + m * (before - n * log(k + 1)) + draws, steps: N}
  const sides = [Math.floor(m / 2), m - Math.floor(m / 2)].filter(side => side > 0)
  const split = n * sides.reduce((sum, side) => sum + side * log(side / m), 0)
  const weights = sides.length * before + (m - sides.length) * (before + last) * n / (n + 1)
  return {log: orders + split + weights + draws, steps: N}
}

// "2.985e-45" from a natural log, rounded toward zero like a lower bound, and "1 − 2.4e-94" near 1; it never underflows
function shown(ln, digits = 4) {
  if (ln === -Infinity) return '0'
  if (ln === 0) return '1'
  if (ln > NEAR_ONE) return `1 − ${scientific(Math.log10(-Math.expm1(ln)), 2, Math.ceil)}`
  if (ln > Math.log(1e-3)) return (Math.floor(Math.exp(ln) * 10 ** digits) / 10 ** digits).toFixed(digits)
  return scientific(ln / Math.LN10, digits, Math.floor)
}
function scientific(l10, digits, rounding) {
  let power = Math.floor(l10), units = rounding(10 ** (l10 - power) * 10 ** (digits - 1))
  if (units >= 10 ** digits) { units /= 10; power += 1 }
  return `${(units / 10 ** (digits - 1)).toFixed(digits - 1)}e${power}`
}
const NEAR_ONE = -1e-4 // from here on the chance of failure says more than a row of nines
const log10Shown = ln => ln === -Infinity ? '−∞' : ln > NEAR_ONE ? '' : (ln / Math.LN10).toPrecision(6).replace('-', '−')
