// The curves of a run: loss, accuracy with its gap, penalty; zoom and hover survive every update.

const MOST_POINTS = 2000
const CLEAN = "clean train"
const VALIDATION = "validation"
const SEEN = "train as seen in training"
const BEST = "best validation accuracy"
const PARENT = "the run it was forked from"
// Cross-entropy of a class that got no probability at all (1e-7): nothing sensible lies above.
const MOST_NATS = 16.2

function thinned(rows) {
  if (rows.length <= MOST_POINTS) return rows
  const stride = (rows.length - 1) / (MOST_POINTS - 1)
  return Array.from({ length: MOST_POINTS }, (_, index) => rows[Math.round(index * stride)])
}

function curve(rows, series, field, colors) {
  const { color, dash, width } = looks(colors)[series]
  return {
    x: rows.map((record) => record.epoch + 1),
    y: rows.map((record) => record[field]),
    name: series,
    mode: rows.length < 2 ? "markers" : "lines",
    marker: { size: 5, color },
    line: { width, color, dash },
    hovertemplate: "%{y}",
  }
}

// The curve of the run that this one was forked from, faint and behind: up to the branch it is the
// history of both.
function parentCurve(rows, series, field, colors) {
  const trace = curve(rows, series, field, colors)
  return { ...trace, name: `parent, ${series}`, meta: PARENT, opacity: 0.5,
    line: { ...trace.line, width: 1.4 } }
}

function looks(colors) {
  return {
    [CLEAN]: { color: colors.clean, dash: "solid", width: 2.2 },
    [VALIDATION]: { color: colors.validation, dash: "dash", width: 2.2 },
    [SEEN]: { color: colors.train, dash: "solid", width: 1.2 },
  }
}

function insideEpoch(stream, facts, field, colors) {
  const rows = thinned(stream.steps)
  return {
    x: rows.map((row) => row.epoch + (row.step + 1) / facts.steps_per_epoch),
    y: rows.map((row) => row[field]),
    name: SEEN,
    mode: "markers",
    marker: { size: 4, color: colors.train, opacity: 0.7 },
    hovertemplate: "%{y} so far",
  }
}

function bestStar(best, field, colors) {
  return {
    x: best ? [best.epoch + 1] : [],
    y: best ? [best[field]] : [],
    name: BEST,
    mode: "markers",
    marker: { symbol: "star", size: 13, color: colors.validation },
    hoverinfo: "skip",
  }
}

function panelsOf(stream, data) {
  const { colors, branch } = data
  const own = thinned(stream.epochs.filter((record) => record.epoch >= (branch ?? 0)))
  const before = stream.epochs.filter((record) => record.epoch <= branch)
  const parent = branch == null ? [] : thinned(data.parent.length ? data.parent : before)
  const facts = stream.state.facts ?? {}
  const best = bestOf(stream.epochs)
  const panel = (title, fields, format) => ({ title, ...format, traces: [
    ...(branch == null ? [] : [
      parentCurve(parent, CLEAN, fields[1], colors),
      parentCurve(parent, VALIDATION, fields[2], colors),
    ]),
    curve(own, SEEN, fields[0], colors),
    curve(own, CLEAN, fields[1], colors),
    { ...curve(own, VALIDATION, fields[2], colors), ...format.gap },
    bestStar(best, fields[2], colors),
    insideEpoch(stream, facts, fields[0], colors),
  ] })
  const accuracy = panel("Accuracy, the gap shaded",
    ["accuracy", "clean_accuracy", "val_accuracy"],
    { ticks: ".0%", hover: ".1%", range: [0, 1.02],
      gap: { fill: "tonexty", fillcolor: colors.gap } })
  const loss = panel("Loss (cross-entropy, nats)",
    ["cross_entropy", "clean_cross_entropy", "val_cross_entropy"],
    { ticks: "~g", hover: ".3~g" })
  const highest = Math.max(...loss.traces.flatMap((trace) => trace.y))
  loss.range = highest > MOST_NATS ? [0, MOST_NATS] : undefined
  const list = [loss, accuracy]
  if (stream.epochs.some((record) => record.penalty > 0))
    list.push(penaltyPanel(own, parent, colors))
  return list
}

function penaltyPanel(own, parent, colors) {
  const color = { line: { color: colors.penalty }, marker: { color: colors.penalty } }
  const before = { ...parentCurve(parent, SEEN, "penalty", colors), ...color, name: "parent" }
  return { title: "Penalty (L1, L2), apart from the loss", ticks: "~g", hover: ".3~g", traces: [
    ...(parent.length ? [before] : []),
    { ...curve(own, SEEN, "penalty", colors), ...color, name: "penalty" },
  ] }
}

// What the numbers rest on: which images, which batch size, and whether they can be had again.
function basisOf(stream, facts, data) {
  const parts = []
  if (facts.clean_is_subset)
    parts.push(`Clean train on ${count(facts.clean_images)} of ${count(facts.train_images)} images.`)
  if (data.auto_batch_size && facts.batch_size_words) parts.push(facts.batch_size_words)
  if (facts.deterministic) parts.push(facts.deterministic)
  if (facts.deterministic?.startsWith("Exact")) {
    if (stream.turns.length) parts.push("To this run its turned dials belong too.")
    if (data.parent.length) parts.push("It begins with its parent's epochs.")
  }
  return parts.join(" ")
}

function drawLegend(root, stream, data) {
  const legend = root.querySelector(".cnnlab-legend")
  const parent = { color: data.colors.clean, dash: "solid", faint: true }
  const entries = { ...looks(data.colors), [BEST]: { color: data.colors.validation, star: true },
    ...(data.branch == null ? {} : { [PARENT]: parent }) }
  const names = Object.keys(entries).join()
  if (legend.dataset.names === names) return
  legend.dataset.names = names
  legend.replaceChildren()
  for (const [name, { color, dash, star, faint }] of Object.entries(entries)) {
    const button = document.createElement("button")
    const sign = document.createElement("span")
    sign.className = star ? "" : "cnnlab-dash"
    sign.textContent = star ? "★" : ""
    sign.style.color = color
    if (faint) sign.style.opacity = 0.45
    if (dash) sign.style.borderTopStyle = dash === "dash" ? "dashed" : "solid"
    button.append(sign, name)
    button.type = "button"
    button.title = "Show or hide"
    button.setAttribute("aria-pressed", "true")
    button.onclick = () => {
      const shown = button.getAttribute("aria-pressed") === "true"
      button.setAttribute("aria-pressed", String(!shown))
      stream.changed()
    }
    legend.append(button)
  }
}

function hiddenSeries(root) {
  const off = root.querySelectorAll('.cnnlab-legend [aria-pressed="false"]')
  return new Set([...off].map((button) => button.lastChild.textContent))
}

// All panels are there before the first is drawn: each takes its width from how many there are.
function addPanel(grid, Plotly) {
  const element = grid.appendChild(document.createElement("div"))
  new ResizeObserver(() => {
    if (element.data && element.offsetParent) Plotly.Plots.resize(element)
  }).observe(element)
}

function removePanel(grid, Plotly) {
  Plotly.purge(grid.lastElementChild)
  grid.lastElementChild.remove()
}

// While a run goes on, the epochs to come have their room; then the curves take it.
function epochsShown(stream, data, facts) {
  const ended = ENDED.has(stream.state.status ?? data.status) && stream.epochs.length
  const own = ended ? stream.epochs.length : facts.epochs ?? data.epochs
  return Math.max(own, 1 + (data.parent.at(-1)?.epoch ?? 0))
}

async function drawChart(root, stream, data) {
  drawLegend(root, stream, data)
  const Plotly = await loadPlotly(data.plotly)
  const grid = root.querySelector(".cnnlab-panels")
  const facts = stream.state.facts ?? {}
  const total = epochsShown(stream, data, facts)
  const theme = themeOf(root)
  const base = themedLayout(theme)
  const marks = marksOf(stream, data, total, theme)
  const hidden = hiddenSeries(root)
  const panels = panelsOf(stream, data)
  while (grid.childElementCount > panels.length) removePanel(grid, Plotly) // another run's page
  while (grid.childElementCount < panels.length) addPanel(grid, Plotly)
  panels.forEach(({ title, ticks, hover, range, traces }, index) => {
    const element = grid.children[index]
    element.setAttribute("role", "figure")
    element.setAttribute("aria-label", title)
    for (const trace of traces) trace.visible = !hidden.has(trace.meta ?? trace.name)
    Plotly.react(element, traces, {
      ...base,
      ...marks,
      title: { text: title, font: { size: 15 }, x: 0, xref: "paper", xanchor: "left",
        y: 1, yref: "container", yanchor: "top", pad: { t: 8 } },
      margin: { l: 8, r: 12, t: 54, b: 8 },
      height: 344,
      showlegend: false,
      hovermode: "x unified",
      uirevision: data.stream, // the zoom stays as long as it is the same run
      xaxis: { ...base.xaxis, title: { text: "epoch", standoff: 4 }, range: [0, 1.02 * total],
        ...(total <= 12 ? { dtick: 1 } : {}), hoverformat: ".4~g" },
      yaxis: { ...base.yaxis, tickformat: ticks, hoverformat: hover, rangemode: "tozero",
        ...(range ? { range } : {}) },
    }, PLOTLY_CONFIG)
  })
  const empty = !stream.epochs.length && !stream.steps.length && !data.parent.length
  root.querySelector(".cnnlab-empty").style.visibility = empty ? "visible" : "hidden"
  set(root, "basis", basisOf(stream, facts, data))
}
