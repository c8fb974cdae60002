const $ = id => document.getElementById(id), minus = text => String(text).replace('-', '−'), count = n => n.toLocaleString('en')
const served = document.querySelector('meta[name=mcpolar-server]').content === 'yes'
const REPLICAS = 400, CONFIDENCE = 0.999, BAND = Math.sqrt(Math.log(2 / (1 - CONFIDENCE)) / (2 * REPLICAS)) // DKW, Massart's constant: all steps at once
const DEFAULTS = {m: '30', r: '5', sigma: '0.3', h: '1', k: '14', T: '3000', start: 'undecided', speed: '200', seed: '1'}
const WHOLE = {m: [2, 1000], r: [1, 100], h: [1, 100], k: [1, 999], T: [1, 1e9], speed: [0, 1e6], seed: [1, 1e9]}
const SIGMA = [0.02, 2], NAMES = ['m', 'r', 'sigma', 'h', 'k', 'T', 'speed']
const STARTS = ['undecided', 'random', 'bipolar', 'boundary']
let S = {...DEFAULTS}, c, chain, playing = !matchMedia('(prefers-reduced-motion: reduce)').matches, due = 0, found = null, running = false

// What is asked for: texts in S (sigma stays the decimal that was typed), numbers in c
function refusal(name, text, state) { // why a text is not allowed; null if it is
  if (name === 'start') return STARTS.includes(text) ? null : `start must be one of ${STARTS.join(', ')}; got ${text}`
  if (name === 'sigma') {
    if (!/^(\d+\.?\d*|\.\d+)$/.test(text) || text.length > 12) return `spread σ must be a decimal such as 0.3; got ${text || 'nothing'}`
    return text >= SIGMA[0] && text <= SIGMA[1] ? null : `spread σ must be from ${SIGMA[0]} to ${SIGMA[1]} on this page; got ${text}`
  }
  const [low, most] = WHOLE[name], high = name === 'k' ? state.m - 1 : most
  return /^\d{1,10}$/.test(text) && +text >= low && +text <= high ? null : `${name} must be a whole number from ${count(low)} to ${count(high)}; got ${text || 'nothing'}`
}

function numbers(state) {
  const m = +state.m, k = +state.k >= m - 1 ? null : +state.k
  return {m, r: +state.r, sigma: +state.sigma, h: +state.h, k, T: +state.T, split: Math.floor(m / 2), speed: +state.speed, start: state.start}
}

function set(changes) { // take what is allowed, and say what is not
  const next = {...S, ...changes}, said = [], refused = new Set()
  if ('m' in changes && !('k' in changes) && !refusal('m', next.m, next) && +next.k > next.m - 1) next.k = String(Math.max(1, next.m - 1)) // the others are fewer now
  for (const name of Object.keys(DEFAULTS)) {
    const why = refusal(name, next[name], next)
    if ($(name)) $(name).setAttribute('aria-invalid', String(why !== null))
    if (why) { said.push(why); refused.add(name); next[name] = S[name] }
  }
  if (+next.k > next.m - 1) next.k = String(next.m - 1)
  $('notice').hidden = said.length === 0; $('notice').textContent = said.join('. ')
  const before = S
  S = next; c = numbers(S)
  for (const name of NAMES) if (!refused.has(name) || !$(name).value) show(name) // what was refused stays to be mended
  $('start').value = S.start
  history.replaceState(null, '', '#' + new URLSearchParams(Object.entries(S).filter(([name]) => S[name] !== DEFAULTS[name])))
  if (!chain || Object.keys(S).some(name => name !== 'speed' && S[name] !== before[name])) restart()
}

function show(name) {
  $(name).value = S[name]
  if (name === 'k') $('k-slider').max = c.m - 1
  $(name + '-slider').value = name === 'T' ? Math.log10(S.T) : name === 'speed' ? (+S.speed ? Math.log10(S.speed) : 0) : S[name]
}

function fromSlider(name) {
  const value = +$(name + '-slider').value
  if (name === 'T') return String(Math.round(10 ** value))
  return name === 'speed' ? String(value ? Math.round(10 ** value) : 0) : $(name + '-slider').value
}

function fromAddress() {
  const given = Object.fromEntries([...new URLSearchParams(location.hash.slice(1))].filter(([name]) => name in DEFAULTS))
  set({...DEFAULTS, ...given})
}

function restart() {
  chain = new Chain(c, +S.seed).start(c.start, c.h); due = 0; found = null
  simulate(); previews(); certify(); drawSoon()
}

// Replicas, in a worker where the browser gives one, else between two frames
let worker = null, turn = 0, waiting = null
function makeWorker() {
  try {
    const code = `${$('chain-code').textContent}\nwork(self)`
    const made = new Worker(URL.createObjectURL(new Blob([code], {type: 'text/javascript'})))
    made.onmessage = ({data}) => hear(data)
    made.onerror = event => { event.preventDefault(); worker = here }
    return made
  } catch { return here }
}
const here = {postMessage: null, terminate() { if (this.scope) this.scope.postMessage = () => {} }}
function simulate() {
  clearTimeout(waiting); turn += 1
  const mine = turn
  waiting = setTimeout(() => {
    if (worker) worker.terminate()
    worker = makeWorker()
    const asked = {c, replicas: REPLICAS, seed: +S.seed, turn: mine}
    if (worker !== here) worker.postMessage(asked)
    else { here.scope = {postMessage: hear}; work(here.scope); here.scope.onmessage({data: asked}) }
  }, chain.t === 0 && found === null ? 120 : 0)
}
function hear(data) { if (data.turn === turn) { found = data; answer(); drawSoon() } }

const shareBy = (times, t) => { // how many of the sorted times are at most t
  let low = 0, high = times.length
  while (low < high) { const middle = low + high >> 1; if (times[middle] <= t) low = middle + 1; else high = middle }
  return low / times.length
}
const percent = p => (100 * p).toFixed(p === 0 || p === 1 ? 0 : 1) + ' %'
const interval = p => `${percent(Math.max(0, p - BAND))} to ${percent(Math.min(1, p + BAND))}`

function answer() {
  if (!found) { $('answer').textContent = 'Simulating…'; return }
  const {reached, level, silo, polarized, isPolar, poles, alike, isSpent, isDone} = found, n = REPLICAS
  const kept = 1 - shareBy(silo, reached), levelKept = 1 - shareBy(level, reached), p = shareBy(polarized, reached)
  const word = (q, yes, mixed, no) => q > 0.9 ? yes : q < 0.1 ? no : mixed
  const strong = document.createElement('strong'), rest = document.createElement('span')
  if (isPolar) {
    strong.textContent = word(kept, 'The two poles stay. ', 'The two poles may or may not stay. ', 'The two poles do not stay. ')
    rest.textContent = `In ${count(reached)} steps no agent changed sides in ${Math.round(kept * n)} of ${n} simulated populations: estimated chance ${percent(kept)} (between ${interval(kept)}, with ${100 * CONFIDENCE} % confidence for all steps at once). Level ${c.h}, memories included, was kept at every step in ${Math.round(levelKept * n)}.`
  } else {
    strong.textContent = word(p, 'Yes, it polarizes. ', 'It may or may not polarize in this time. ', 'Hardly, in this time. ')
    rest.textContent = `Within ${count(reached)} steps ${Math.round(p * n)} of ${n} simulated populations were polarized at level ${c.h} at some step: estimated chance ${percent(p)} (between ${interval(p)}, with ${100 * CONFIDENCE} % confidence for all steps at once). At step ${count(reached)}: ${poles} in two groups, ${alike} all on one side, ${n - poles - alike} not at the level.`
  }
  if (!isDone) rest.textContent += isSpent ? ` A minute of computing was spent: of the ${count(c.T)} steps these are done.` : ' Still computing…'
  $('answer').replaceChildren(strong, rest)
  $('curve').replaceChildren(...(isPolar ? [swatch('minus', 'no agent has changed sides'), swatch('plus', `level ${c.h} kept at every step`)] : [swatch('plus', `polarized at level ${c.h} at some step so far`)]),
    ` Thick: share of ${n} simulated populations, with a band that holds for all steps at once with ${100 * CONFIDENCE} % confidence.${isPolar ? ' Dashed: the theorems’ bounds from the worst state (preview in double precision).' : ' What theorem 1 proves from any state is too small for this scale: see below.'}`)
  table()
}
function swatch(kind, text) {
  const span = document.createElement('span'), line = document.createElement('span')
  line.className = `swatch ${kind}`
  span.append(line, text + '. ')
  return span
}

function table() {
  const steps = []
  for (let t = 1; t < found.reached; t *= 10) steps.push(t)
  steps.push(found.reached)
  const heads = found.isPolar ? ['step', 'no agent has changed sides', 'level kept'] : ['step', 'polarized so far']
  const cell = p => `${percent(p)} (${interval(p)})`
  const rows = steps.map(t => [count(t), ...(found.isPolar ? [cell(1 - shareBy(found.silo, t)), cell(1 - shareBy(found.level, t))] : [cell(shareBy(found.polarized, t))])])
  const line = (texts, tag) => { const row = document.createElement('tr'); row.append(...texts.map(text => { const one = document.createElement(tag); one.textContent = text; if (tag === 'th') one.scope = 'col'; return one })); return row }
  $('numbers').tHead.replaceChildren(line(heads, 'th')); $('numbers').tBodies[0].replaceChildren(...rows.map(row => line(row, 'td')))
}

// Bounds: at once in double precision, then certified where mcpolar serves the page
const two = 'from any state with two poles at level'
const ROWS = [
  {name: 'silo-persistence', isQuick: true, preview: c => ({log: siloPersistence(c)}), text: c => `${two} ${c.h}, no agent changes sides in ${count(c.T)} steps.`},
  {name: 'theorem2', isQuick: true, preview: c => ({log: theorem2(c)}), text: c => `${two} ${c.h}, the level is kept, memories included, at every one of ${count(c.T)} steps.`},
  {name: 'theorem1', preview: theorem1, weaker: true, text: (c, steps) => `from any state at all, the population is polarized at level ${c.h} after ${steps === null ? 'N' : count(steps)} steps.`},
  {name: 'permanence', text: c => `${two} ${c.h}, no agent ever changes sides: for all time.`},
]
const parts = {}
for (const row of ROWS) {
  const [line, below] = [document.createElement('tr'), document.createElement('tr')]
  const head = document.createElement('th'), cells = ['value', 'log', 'status'].map(() => document.createElement('td')), what = document.createElement('td')
  head.scope = 'row'; head.textContent = row.name; cells[0].className = 'number'; cells[1].className = 'number log'; what.colSpan = 4; below.className = 'what'
  line.append(head, ...cells); below.append(what); line.dataset.statement = row.name
  $('bounds').append(line, below)
  parts[row.name] = {line, value: cells[0], log: cells[1], status: cells[2], what}
}
function put(row, value, log, status, kind, steps) {
  const part = parts[row.name]
  part.value.textContent = value; part.log.textContent = log; part.status.textContent = status
  part.status.className = kind === 'certified' ? 'ok' : kind === 'undecided' ? 'warn' : 'soft'
  for (const cell of [part.value, part.log]) cell.classList.toggle('preview', kind === 'preview')
  part.line.dataset.kind = kind; part.what.textContent = row.text(c, steps ?? null)
}

function previews() {
  for (const row of ROWS) {
    const why = row.name === 'theorem1' ? null : obstacle(c)
    if (why !== null && why !== UNDECIDED) put(row, '0', '−∞', `does not apply: ${why}`, 'none')
    else if (!row.preview) put(row, '…', '', served ? 'is being searched for' : 'run “mcpolar explore” for it', 'waiting')
    else {
      const {log, steps} = row.preview(c)
      if (log === UNDECIDED) put(row, '?', '', 'not decided in double precision', 'undecided', steps)
      else put(row, shown(log), log10Shown(log), `preview${row.weaker ? ' of a weaker form' : ''}, not certified`, 'preview', steps)
    }
  }
  $('said').textContent = served ? '' : 'previews: a file cannot certify'
}

let asking = null, later = null
function certify() {
  if (!served) return
  if (asking) asking.abort()
  asking = new AbortController(); clearTimeout(later)
  const {signal} = asking
  const quick = ROWS.filter(row => row.isQuick), slow = ROWS.filter(row => !row.isQuick)
  later = setTimeout(async () => {
    await Promise.all(quick.map(row => ask(row, signal)))
    if (!signal.aborted) later = setTimeout(async () => { await Promise.all(slow.map(row => ask(row, signal))); if (!signal.aborted) $('said').textContent = 'bounds certified' }, 350)
  }, 20)
}
async function ask(row, signal) {
  const query = new URLSearchParams({statement: row.name, m: S.m, r: S.r, sigma: S.sigma, level: S.h, steps: S.T, split: c.split, ...(c.k === null ? {} : {k: c.k})})
  try {
    const reply = await fetch('api/bound?' + query, {signal}), body = await reply.json()
    if (signal.aborted) return
    if (!reply.ok) put(row, parts[row.name].value.textContent, parts[row.name].log.textContent, body.error, parts[row.name].line.dataset.kind)
    else if (!body.applies) put(row, '0', '−∞', `does not apply: ${body.failed.join('; ')}`, 'certified', body.steps)
    else if (body.failure !== null && +body.failure < -NEAR_ONE) put(row, `1 − ${body.failure}`, '', 'certified lower bound', 'certified', body.steps)
    else put(row, body.lower, body.log10 === null ? '−∞' : minus(body.log10.toPrecision(6)), 'certified lower bound', 'certified', body.steps)
  } catch (error) { if (error.name !== 'AbortError') $('said').textContent = 'the server has stopped: previews only' }
}

// To take away
function commands() {
  const population = `--agents ${S.m} --memory ${S.r} --sigma ${S.sigma}${c.k === null ? '' : ` --neighbours ${c.k}`}`
  const decided = c.start === 'boundary' ? ` --level ${S.h} --split ${c.split}` : c.start === 'bipolar' ? ` --level ${S.h}` : ''
  return [
    `mcpolar simulate ${population} --start ${c.start}${decided} --steps ${S.T} --replicas ${REPLICAS} --seed ${S.seed}`,
    `mcpolar bound silo-persistence ${population} --level ${S.h} --steps ${S.T} --split ${c.split}`,
    `mcpolar bound theorem2 ${population} --level ${S.h} --steps ${S.T} --split ${c.split}`,
    `mcpolar bound theorem1 ${population} --level ${S.h}`,
    `mcpolar bound permanence ${population} --level ${S.h} --split ${c.split}`,
  ].join('\n')
}
function python() {
  const decided = c.start === 'boundary' ? `, level=${S.h}, split=${c.split}` : c.start === 'bipolar' ? `, level=${S.h}` : ''
  return `import mcpolar as mp

chain = mp.ChainParameters(m=${S.m}, r=${S.r}, sigma="${S.sigma}"${c.k === null ? '' : `, k=${c.k}`})
print(mp.silo_persistence(chain, level=${S.h}, steps=${S.T}, split=${c.split}))
print(mp.theorem2(chain, level=${S.h}, steps=${S.T}, split=${c.split}))
print(mp.theorem1(chain, level=${S.h}))
print(mp.permanence(chain, level=${S.h}, split=${c.split}))
trajectory = mp.simulate(chain, mp.Start("${c.start}"${decided}), steps=${S.T}, replicas=${REPLICAS}, seed=${S.seed})
`
}
async function copy(text, what) {
  $('text').textContent = text; $('text').hidden = false
  try { await navigator.clipboard.writeText(text); $('copied').textContent = `${what} copied.` } catch { $('copied').textContent = `${what}: select and copy it here.` }
}

// Pictures
function context(id, height) { // a canvas at the screen's resolution
  const canvas = $(id), width = canvas.clientWidth, ratio = devicePixelRatio || 1
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) { canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio); canvas.style.height = height + 'px' }
  const g = canvas.getContext('2d')
  g.setTransform(ratio, 0, 0, ratio, 0, 0); g.clearRect(0, 0, width, height); g.font = '12px system-ui, "DejaVu Sans", sans-serif'
  return [g, width, height]
}
let colours
function readColours() { const style = getComputedStyle(document.documentElement); colours = Object.fromEntries(['fg', 'soft', 'line', 'plus', 'minus', 'card'].map(n => [n, style.getPropertyValue('--' + n).trim()])) }
function line(g, a, b, x, y) { g.beginPath(); g.moveTo(a, b); g.lineTo(x, y); g.stroke() }

function drawLive() {
  const narrow = $('live').clientWidth < 520, row = Math.max(2, Math.min(11, 330 / c.m)), top = 18
  const [g, w] = context('live', Math.round(top + row * c.m + 24)), bottom = top + row * c.m
  const left = {x: 6, w: w * 0.52 - 12}, right = {x: w * 0.52 + 6, w: w * 0.48 - 12}, unit = 1 / (c.sigma * c.sigma)
  let most = 4 * c.h
  for (const l of chain.l) most = Math.max(most, Math.abs(l) / unit)
  const scale = Math.sqrt(most), xl = l => left.x + left.w / 2 * (1 + Math.sign(l) * Math.sqrt(Math.abs(l) / unit) / scale)
  const xm = x => right.x + right.w * (Math.max(-2.4, Math.min(2.4, x)) + 2.4) / 4.8
  g.fillStyle = colours.line; g.globalAlpha = 0.45
  g.fillRect(xm(-1.5), top, xm(-0.5) - xm(-1.5), bottom - top); g.fillRect(xm(0.5), top, xm(1.5) - xm(0.5), bottom - top); g.globalAlpha = 1
  g.strokeStyle = colours.soft; g.lineWidth = 1
  for (const side of [-1, 1]) { g.setLineDash([4, 4]); line(g, xl(side * c.h * unit), top, xl(side * c.h * unit), bottom) }
  g.setLineDash([]); line(g, xl(0), top, xl(0), bottom)
  for (let i = 0; i < c.m; i++) {
    const y = top + row * (i + 0.5), l = chain.l[i]
    g.fillStyle = g.strokeStyle = l > 0 ? colours.plus : l < 0 ? colours.minus : colours.soft
    g.beginPath(); g.arc(xl(l), y, Math.max(1.6, row * 0.36), 0, 7); g.fill()
    for (let h = 0; h < c.r; h++) g.fillRect(xm(chain.x[i * c.r + h]) - 1, y - row * 0.36, 2, row * 0.72)
    if (i === chain.receiver) { g.strokeStyle = colours.fg; g.lineWidth = 1.5; g.beginPath(); g.arc(xl(l), y, Math.max(4, row * 0.55), 0, 7); g.stroke() }
  }
  g.fillStyle = colours.soft; g.textAlign = 'left'; g.fillText(narrow ? 'log-odds' : 'log-odds, units of 1/σ²', left.x, 12); g.fillText(narrow ? 'memories' : 'memories, −2.4 to 2.4', right.x, 12)
  g.textAlign = 'center'
  const spread = xl(c.h * unit) - xl(0)
  for (const tick of spread > 16 ? [-most, -c.h, 0, c.h, most] : [-most, 0, most]) g.fillText(minus(Math.round(tick)), Math.min(left.x + left.w - 8, Math.max(left.x + 10, xl(tick * unit))), bottom + 15)
  for (const tick of [-1, 0, 1]) g.fillText(minus(tick), xm(tick), bottom + 15)
  let plus = 0, none = 0
  for (const l of chain.l) { if (l > 0) plus++; if (l === 0) none++ }
  $('t').textContent = count(chain.t); $('silos').textContent = `${plus} lean to +, ${c.m - plus - none} to −${none ? `, ${none} to neither` : ''}`
}

function drawSurvival() {
  const [g, w, height] = context('survival', 230), box = {x: 42, y: 8, w: w - 56, h: height - 42}, end = Math.log(Math.max(2, c.T))
  const px = t => box.x + box.w * Math.log(Math.max(1, t)) / end, py = p => box.y + box.h * (1 - p)
  g.strokeStyle = colours.line; g.fillStyle = colours.soft; g.textAlign = 'right'; g.lineWidth = 1
  for (const p of [0, 0.25, 0.5, 0.75, 1]) { line(g, box.x, py(p), box.x + box.w, py(p)); g.fillText(percent(p).replace('.0', ''), box.x - 5, py(p) + 4) }
  g.textAlign = 'center'; for (let t = 1; t <= c.T; t *= 10) g.fillText(t >= 1e6 ? `${t / 1e6}M` : t >= 1000 ? `${t / 1000}k` : t, px(t), height - 18)
  g.fillText('steps', box.x + box.w / 2, height - 3)
  const isPolar = c.start === 'boundary' || c.start === 'bipolar'
  const curves = isPolar ? [['level', colours.plus, levelMissed(c.sigma, c.h), t => 1 - t], ['silo', colours.minus, halfLineMissed(c.sigma, c.h), t => 1 - t]] : [['polarized', colours.plus, null, t => t]]
  for (const [name, colour, missed, of] of curves) {
    g.strokeStyle = g.fillStyle = colour; g.lineWidth = 2
    if (found) curve(g, found[name], of, px, py)
    if (missed !== null && obstacle(c) === null) {
      g.setLineDash([6, 5]); g.beginPath()
      for (let i = 0; i <= 120; i++) { const t = Math.exp(end * i / 120), p = Math.exp(t * Math.log1p(-missed)); g[i ? 'lineTo' : 'moveTo'](px(t), py(p)) }
      g.stroke(); g.setLineDash([])
    }
  }
}
function curve(g, times, of, px, py) {
  const n = times.length, points = []
  let gone = shareBy(times, 1) * n
  points.push([1, of(gone / n)])
  for (; gone < n && times[gone] <= found.reached; gone++) { points.push([times[gone], of(gone / n)]); points.push([times[gone], of((gone + 1) / n)]) }
  points.push([found.reached, of(gone / n)])
  g.globalAlpha = 0.15; g.beginPath()
  points.forEach(([t, p], i) => g[i ? 'lineTo' : 'moveTo'](px(t), py(Math.min(1, p + BAND)))); points.slice().reverse().forEach(([t, p]) => g.lineTo(px(t), py(Math.max(0, p - BAND)))); g.fill()
  g.globalAlpha = 1; g.beginPath(); points.forEach(([t, p], i) => g[i ? 'lineTo' : 'moveTo'](px(t), py(p))); g.stroke()
}

const frames = []
let isStale = true
function drawSoon() { isStale = true; if (!running) { running = true; requestAnimationFrame(frame) } }
function frame(now) {
  const began = performance.now()
  if (playing) {
    due = Math.min(due + c.speed / 60, 20000)
    const end = performance.now() + 6
    while (due >= 1 && performance.now() < end) for (let i = 0; i < 64 && due >= 1; i++, due--) chain.step()
  }
  drawLive()
  if (isStale) { drawSurvival(); isStale = false }
  frames.push([now, performance.now() - began]); if (frames.length > 120) frames.shift()
  if (playing && frames.length > 20) { window.fps = 1000 * (frames.length - 1) / (now - frames[0][0]); window.work_ms = frames.reduce((s, f) => s + f[1], 0) / frames.length; if (frames.length % 20 === 0) $('rate').textContent = `${window.fps.toFixed(0)} frames a second.` }
  running = playing || isStale
  if (running) requestAnimationFrame(frame)
  else frames.length = 0
}
function label() { $('play').textContent = playing ? 'Pause' : 'Play'; drawSoon() }

for (const name of NAMES) {
  $(name).addEventListener('change', () => set({[name]: $(name).value.trim()}))
  $(name + '-slider').addEventListener('input', () => set({[name]: fromSlider(name)}))
}
$('form').addEventListener('submit', event => event.preventDefault())
$('start').addEventListener('change', () => set({start: $('start').value}))
$('play').onclick = () => { playing = !playing; label() }
$('one').onclick = () => { playing = false; chain.step(); label() }
$('again').onclick = () => set({seed: String(+S.seed % 1e9 + 1)})
$('reset').onclick = () => set({...DEFAULTS})
$('as-command').onclick = () => copy(commands(), 'Commands')
$('as-python').onclick = () => copy(python(), 'Python')
$('as-link').onclick = () => copy(location.href, 'Link')
addEventListener('hashchange', fromAddress); addEventListener('resize', drawSoon)
for (const query of ['(prefers-color-scheme: dark)', 'print']) matchMedia(query).addEventListener('change', () => { readColours(); drawLive(); drawSurvival() })
readColours(); fromAddress(); answer(); label()
