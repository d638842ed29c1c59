// The curves of a run: loss, accuracy with its gap, penalty; zoom and hover survive every update.

const MOST_POINTS = 2000
const CLEAN = "clean train"
const VALIDATION = "validation"
const SEEN = "train as seen in training"
const BEST = "best validation accuracy"
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

function panelsOf(stream, colors) {
  const rows = thinned(stream.epochs)
  const facts = stream.state.facts ?? {}
  const best = bestOf(stream.epochs)
  const panel = (title, fields, format) => ({ title, ...format, traces: [
    curve(rows, SEEN, fields[0], colors),
    curve(rows, CLEAN, fields[1], colors),
    curve(rows, VALIDATION, fields[2], colors),
    bestStar(best, fields[2], colors),
    insideEpoch(stream, facts, fields[0], colors),
  ] })
  const accuracy = panel("Accuracy, the gap shaded",
    ["accuracy", "clean_accuracy", "val_accuracy"],
    { ticks: ".0%", hover: ".1%", range: [0, 1.02] })
  Object.assign(accuracy.traces[2], { fill: "tonexty", fillcolor: colors.gap })
  const loss = panel("Loss (cross-entropy, nats)",
    ["cross_entropy", "clean_cross_entropy", "val_cross_entropy"],
    { ticks: "~g", hover: ".3~g" })
  const highest = Math.max(...loss.traces.flatMap((trace) => trace.y))
  loss.range = highest > MOST_NATS ? [0, MOST_NATS] : undefined
  const list = [loss, accuracy]
  if (stream.epochs.some((record) => record.penalty > 0)) {
    const penalty = { ...curve(rows, SEEN, "penalty", colors), name: "penalty" }
    Object.assign(penalty, { line: { color: colors.penalty }, marker: { color: colors.penalty } })
    list.push({ title: "Penalty (L1, L2), apart from the loss", ticks: "~g", hover: ".3~g",
      traces: [penalty] })
  }
  return list
}

function drawLegend(root, stream, data) {
  const legend = root.querySelector(".cnnlab-legend")
  if (legend.childElementCount) return
  const entries = { ...looks(data.colors), [BEST]: { color: data.colors.validation, star: true } }
  for (const [name, { color, dash, star }] of Object.entries(entries)) {
    const button = document.createElement("button")
    const sign = document.createElement("span")
    sign.className = star ? "" : "cnnlab-dash"
    sign.textContent = star ? "★" : ""
    sign.style.color = color
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

async function drawChart(root, stream, data) {
  drawLegend(root, stream, data)
  const Plotly = await loadPlotly(data.plotly)
  const grid = root.querySelector(".cnnlab-panels")
  const total = stream.state.facts?.epochs ?? data.epochs
  const base = themedLayout(themeOf(root))
  const hidden = hiddenSeries(root)
  const panels = panelsOf(stream, data.colors)
  while (grid.childElementCount < panels.length) addPanel(grid, Plotly)
  panels.forEach(({ title, ticks, hover, range, traces }, index) => {
    const element = grid.children[index]
    element.setAttribute("role", "figure")
    element.setAttribute("aria-label", title)
    for (const trace of traces) trace.visible = !hidden.has(trace.name)
    Plotly.react(element, traces, {
      ...base,
      title: { text: title, font: { size: 15 }, x: 0, xref: "paper", xanchor: "left" },
      margin: { l: 8, r: 12, t: 40, b: 8 },
      height: 330,
      showlegend: false,
      hovermode: "x unified",
      uirevision: "keep the zoom",
      xaxis: { ...base.xaxis, title: { text: "epoch", standoff: 4 }, range: [0, 1.02 * total],
        ...(total <= 12 ? { dtick: 1 } : {}), hoverformat: ".4~g" },
      yaxis: { ...base.yaxis, tickformat: ticks, hoverformat: hover, rangemode: "tozero",
        ...(range ? { range } : {}) },
    }, PLOTLY_CONFIG)
  })
  const empty = !stream.epochs.length && !stream.steps.length
  root.querySelector(".cnnlab-empty").style.visibility = empty ? "visible" : "hidden"
}
