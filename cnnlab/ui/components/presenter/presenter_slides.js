// The slides that don't move: question, data, expectation, verdict, limits.

const MOST_ROOMY_ROWS = 7

function make(name, className, ...content) {
  const element = document.createElement(name)
  if (className) element.className = className
  element.append(...content)
  return element
}

function pressable(text, onClick) {
  const button = make("button", "", text)
  button.type = "button"
  button.addEventListener("click", onClick)
  return button
}

// An arm's colour and line, as in the chart.
function dress(element, arm) {
  element.classList.add("cnnlab-p-chip")
  element.style.setProperty("--arm", arm.color)
  const line = arm.dash === "solid" ? "solid" : arm.dash.includes("dot") ? "dotted" : "dashed"
  element.style.setProperty("--dash", line)
  return element
}

function drawQuestion(section, { question, arms }) {
  const chips = make("div", "cnnlab-p-chips",
    ...arms.slice(0, 8).map((arm) => dress(make("span", "", arm.label), arm)))
  if (arms.length > 8) chips.append(make("span", "", `and ${arms.length - 8} more`))
  section.replaceChildren(make("h1", "", question.title), make("p", "cnnlab-p-lead", question.line),
    chips, make("p", "cnnlab-p-lead", question.setup))
}

// So many columns that all classes fit the room: few classes get large images.
function columnsFor(count, isNarrow) {
  if (isNarrow) return count > 3 ? 2 : 1
  return count > 8 ? 4 : count > 4 || count === 3 ? 3 : Math.min(2, count)
}

function drawData(section, { data }, token) {
  const facts = data.facts.map(({ number, words }) =>
    make("div", "", make("b", "", number), make("span", "", words)))
  const classes = data.classes.map(({ name, label, count }) => {
    const images = (data.images[name] ?? []).map((row) => {
      const image = document.createElement("img")
      image.src = `${data.address}/${row}?px=${data.px}&token=${token}`
      image.alt = `An image of the class ${label}`
      return image
    })
    return make("div", "cnnlab-p-class",
      make("div", "", make("span", "", label), make("span", "", count)), make("div", "", ...images))
  })
  const grid = make("div", "cnnlab-p-classes", ...classes)
  const fit = () => grid.style.setProperty("--columns", columnsFor(classes.length, innerWidth <= 640))
  fit()
  section.cnnlabFit = fit
  section.replaceChildren(make("h1", "", data.title), make("div", "cnnlab-p-facts", ...facts), grid)
  const notes = [data.more, ...data.notes].filter(Boolean)
  if (notes.length) section.append(make("p", "cnnlab-p-note", notes.join(" · ")))
}

// What the room expects, by arm; it outlives a reload and ends with the tab.
class Expectations {
  constructor(study) {
    this.key = `cnnlab-expected-${study}`
    this.values = JSON.parse(sessionStorage.getItem(this.key) ?? "{}")
  }

  set(arm, value) {
    if (this.values[arm] === value) delete this.values[arm]
    else this.values[arm] = value
    sessionStorage.setItem(this.key, JSON.stringify(this.values))
  }
}

function drawExpect(section, { expect, arms }, expected, onAnswer) {
  const byName = new Map(arms.map((arm) => [arm.name, arm]))
  const rows = expect.rows.map(({ arm, label, options }) => {
    const choices = make("div", "cnnlab-p-options")
    choices.setAttribute("role", "group")
    choices.setAttribute("aria-label", label || expect.line)
    const mark = () => {
      for (const button of choices.children)
        button.setAttribute("aria-pressed", String(expected.values[arm] === button.dataset.value))
    }
    for (const option of options) {
      const button = pressable(option.label, () => {
        expected.set(arm, option.value)
        mark()
        onAnswer()
      })
      button.dataset.value = option.value
      choices.append(button)
    }
    mark()
    const row = make("div", "cnnlab-p-ask")
    row.dataset.arm = arm
    if (arm) row.append(dress(make("span", "", label), byName.get(arm)))
    else row.classList.add("cnnlab-p-best")
    row.append(choices)
    return row
  })
  section.replaceChildren(make("h1", "", expect.title), make("p", "cnnlab-p-lead", expect.line),
    make("div", "cnnlab-p-rows", ...rows))
}

// All intervals on one scale with zero in it: ends in the unit, and where a value lies in percent.
function scaleOf(rows) {
  const values = rows.flatMap((row) => [row.mean, row.low, row.high]).filter((value) => value != null)
  const low = Math.min(0, ...values), high = Math.max(0, ...values)
  const edge = 0.08 * (high - low || 1)
  const from = low - edge, to = high + edge
  return { from, to, at: (value) => (100 * (value - from)) / (to - from) }
}

function barOf(row, arm, scale) {
  const bar = make("div", "cnnlab-p-bar")
  bar.style.setProperty("--arm", arm.color)
  const zero = make("i", "cnnlab-p-zero")
  zero.style.left = `${scale.at(0)}%`
  bar.append(zero)
  // A mean without an interval proves nothing, so it isn't drawn.
  if (row.low != null) {
    const span = make("i", "cnnlab-p-span")
    span.style.left = `${scale.at(row.low)}%`
    span.style.width = `${scale.at(row.high) - scale.at(row.low)}%`
    bar.append(span)
    const mean = make("i", "cnnlab-p-mean")
    mean.style.left = `${scale.at(row.mean)}%`
    bar.append(mean)
  }
  bar.setAttribute("role", "img")
  bar.setAttribute("aria-label", row.words)
  return bar
}

function scaleRow(scale, better) {
  const bar = make("div", "cnnlab-p-bar")
  for (const tick of ticksOf(scale.from, scale.to, 6)) {
    const label = make("span", "", tick > 0 ? `+${tick}` : `${tick}`.replace("-", "−"))
    label.style.left = `${scale.at(tick)}%`
    bar.append(label)
  }
  const [left, right] = better === "right" ? ["worse", "better"] : ["better", "worse"]
  const ways = make("div", "cnnlab-p-ways", make("span", "", `← ${left}`), make("span", "", `${right} →`))
  return make("div", "cnnlab-p-judged cnnlab-p-scale", make("span"), make("div", "", bar, ways), make("span"))
}

function drawVerdict(section, { verdict, arms }, expected) {
  const byName = new Map(arms.map((arm) => [arm.name, arm])), scale = scaleOf(verdict.rows)
  const known = verdict.rows.some((row) => row.low != null)
  const rows = verdict.rows.map((row) => {
    const words = make("div", "", make("div", "cnnlab-p-words", row.words))
    const reply = verdict.replies[row.arm]?.[expected.values[row.arm]]
    if (reply) words.append(make("div", "cnnlab-p-reply", reply))
    const line = make("div", "cnnlab-p-judged", dress(make("span", "", row.label), byName.get(row.arm)),
      known ? barOf(row, byName.get(row.arm), scale) : make("span"), words)
    line.dataset.arm = row.arm
    line.dataset.verdict = row.verdict
    return line
  })
  if (known) rows.push(scaleRow(scale, verdict.better))
  const onBest = verdict.replies[""]?.[expected.values[""]]
  section.replaceChildren(make("h1", "", verdict.title))
  if (verdict.answer) section.append(make("p", "cnnlab-p-lead", verdict.answer))
  if (onBest) section.append(make("p", "cnnlab-p-lead cnnlab-p-reply", onBest))
  const isMany = rows.length > MOST_ROOMY_ROWS
  section.append(make("div", isMany ? "cnnlab-p-many" : "", ...rows), make("p", "cnnlab-p-note", verdict.line))
}

function drawLimits(section, { limits }) {
  const cards = limits.map(({ head, text }) => make("div", "", make("b", "", head), make("p", "", text)))
  section.replaceChildren(make("h1", "", "What this rests on"),
    make("div", "cnnlab-p-limits", ...cards))
}
