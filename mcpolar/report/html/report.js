const specs = JSON.parse(document.getElementById('specs').textContent), views = []
const axis = {labelColor: 'var(--fg)', titleColor: 'var(--fg)', domainColor: 'var(--soft)', tickColor: 'var(--soft)', gridColor: 'var(--line)', titleFontWeight: 'normal', labelFontSize: 12, titleFontSize: 12}
const config = {
  background: 'transparent', font: 'system-ui, "DejaVu Sans", sans-serif', axis, view: {stroke: 'var(--line)'},
  legend: {labelColor: 'var(--fg)', titleColor: 'var(--fg)', titleFontWeight: 'normal', labelFontSize: 12, titleFontSize: 12}, rule: {color: 'var(--c1)'},
  range: {category: ['var(--c1)', 'var(--c2)', 'var(--c3)', 'var(--c4)', 'var(--c5)', 'var(--c6)']},
}

async function draw(number) {
  const place = document.getElementById('f' + number)
  try {
    // expressions are interpreted, not compiled: the policy allows no code that is made from text
    const options = {mode: 'vega-lite', renderer: 'svg', ast: true, actions: false, defaultStyle: false, tooltip: {disableDefaultStyle: true}, config}
    views[number] = (await vegaEmbed(place, specs[number], options)).view
    const picture = place.querySelector('svg')
    // one picture with a name for those who hear it; what each mark says is in the table
    picture.setAttribute('role', 'img'); picture.setAttribute('aria-labelledby', place.dataset.caption)
    for (const mark of picture.querySelectorAll('[role], [aria-label], [aria-roledescription]')) for (const name of ['role', 'aria-label', 'aria-roledescription', 'aria-hidden']) mark.removeAttribute(name)
    picture.removeAttribute('aria-roledescription')
    document.querySelector(`button[data-figure="${number}"]`).hidden = false
  } catch (error) {
    place.classList.add('failed')
    place.textContent = `The picture could not be drawn (${error.message}); its numbers are below.`
  }
  place.dataset.state = 'done'
}

async function save(number) { // the page's colours become the file's own
  const style = getComputedStyle(document.documentElement), text = await views[number].toSVG()
  const whole = text.replace(/var\((--\w+)\)/g, (_, name) => style.getPropertyValue(name).trim())
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([whole], {type: 'image/svg+xml'})); link.download = `figure${number + 1}.svg`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}

for (let number = 0; number < specs.length; number++) draw(number)
for (const button of document.querySelectorAll('button.save')) button.addEventListener('click', () => save(Number(button.dataset.figure)))
