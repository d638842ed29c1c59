// One run, live: a WebSocket for the page, shared by the parts that show status, numbers, curves.
// A part is called again whenever its data or the theme changes; the stream lives on in between.

const RETRY_FIRST_MS = 300
const RETRY_MOST_MS = 3000
const DRAW_EVERY_MS = 120
const MOST_POINTS = 2000
const CLEAN = "clean train"
const VALIDATION = "validation"
const SEEN = "train as seen in training"
const BEST = "best epoch"
const ENDED = new Set(["finished", "stopped", "failed", "interrupted"])

class RunStream {
  constructor(address) {
    this.address = address
    this.epochs = []
    this.steps = []
    this.state = {}
    this.phase = ""
    this.next = { epochs: 0, steps: 0 }
    this.listeners = new Map()
    this.retryMs = RETRY_FIRST_MS
    this.connected = false
    document.addEventListener("visibilitychange", () => this.connect())
  }

  get isOver() {
    return Boolean(this.state.error) || ENDED.has(this.state.status)
  }

  listen(part, draw) {
    this.listeners.set(part, draw)
    this.connect()
    draw(this)
  }

  connect() {
    if (this.socket || document.hidden || (this.isOver && this.complete)) return
    const scheme = location.protocol === "https:" ? "wss:" : "ws:"
    const url = `${scheme}//${location.host}${this.address}`
    const socket = new WebSocket(`${url}&epochs=${this.next.epochs}&steps=${this.next.steps}`)
    this.socket = socket
    socket.onopen = () => { this.connected = true; this.retryMs = RETRY_FIRST_MS; this.changed() }
    socket.onmessage = (event) => this.take(JSON.parse(event.data))
    socket.onclose = () => {
      this.socket = undefined
      this.connected = false
      if (this.isOver) { this.complete = true; return }
      this.changed()
      setTimeout(() => this.connect(), this.retryMs)
      this.retryMs = Math.min(2 * this.retryMs, RETRY_MOST_MS)
    }
  }

  take({ epochs = [], steps = [], next, ...state }) {
    this.next = next ?? this.next
    Object.assign(this.state, state)
    this.epochs.push(...epochs)
    for (const row of steps) {
      if (row.kind === "phase") this.phase = row.text
      else this.steps.push(row)
    }
    if (epochs.length) this.steps = this.steps.filter((row) => row.epoch >= this.epochs.length)
    this.changed()
  }

  changed() {
    if (this.timer) return
    this.timer = setTimeout(() => {
      this.timer = undefined
      for (const draw of this.listeners.values()) draw(this)
    }, DRAW_EVERY_MS)
  }
}

function streamOf(address) {
  globalThis.cnnlabStreams ??= new Map()
  const streams = globalThis.cnnlabStreams
  if (!streams.has(address)) streams.set(address, new RunStream(address))
  return streams.get(address)
}

// ---- words and numbers -------------------------------------------------------------------------

const percent = (value) => (value == null ? "–" : `${(100 * value).toFixed(1)} %`)
const points = (value) => `${value >= 0 ? "+" : "−"}${Math.abs(100 * value).toFixed(1)} points`
const digits = (value) => (value == null ? "–" : Number(value.toPrecision(3)).toString())

function duration(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`
}

function set(root, name, text) {
  const element = root.querySelector(`[data-show="${name}"]`)
  if (element.textContent !== text) element.textContent = text
}

function progressOf(stream, facts) {
  const step = stream.steps.at(-1)
  const inside = step ? (step.step + 1) / facts.steps_per_epoch : 0
  return Math.min(stream.epochs.length + inside, facts.epochs)
}

function bestOf(epochs) {
  let best
  for (const record of epochs) {
    const better = !best || record.val_accuracy > best.val_accuracy ||
      (record.val_accuracy === best.val_accuracy &&
        record.val_cross_entropy < best.val_cross_entropy)
    if (better) best = record
  }
  return best
}

// ---- the parts ---------------------------------------------------------------------------------

const WORDS = {
  queued: "Queued", running: "Running", finished: "Finished", stopped: "Stopped",
  failed: "Failed", interrupted: "Interrupted",
}

function drawStatus(root, stream, data) {
  const status = stream.state.status ?? data.status
  const pill = root.querySelector(".cnnlab-pill")
  pill.dataset.status = status
  set(root, "status", WORDS[status])
  const lines = {
    queued: "Waits until the run before it has ended.",
    running: stream.connected ? stream.phase || "Starting the worker" : "Connecting again ...",
  }
  set(root, "doing", stream.state.error ?? lines[status] ?? stream.state.message ?? data.message)
  set(root, "device", stream.state.device ?? data.device ?? "")
}

function drawNumbers(root, stream, data) {
  const facts = stream.state.facts ?? {}
  const running = !ENDED.has(stream.state.status ?? data.status)
  const total = facts.epochs ?? data.epochs
  const done = facts.epochs ? progressOf(stream, facts) : 0
  const bar = root.querySelector("[role=progressbar]")
  const share = running ? done / total : stream.epochs.length / total
  bar.setAttribute("aria-valuenow", Math.round(100 * share))
  bar.firstElementChild.style.width = `${100 * share}%`
  bar.dataset.waiting = running && !facts.epochs
  const last = stream.epochs.at(-1), step = stream.steps.at(-1), best = bestOf(stream.epochs)
  const now = running && facts.epochs ? Math.min(stream.epochs.length + 1, total) : stream.epochs.length
  set(root, "epoch", `Epoch ${now} of ${total}`)
  set(root, "left", running ? timeLeft(stream, facts, done) : "")
  const speed = (step ?? last)?.images_per_second
  set(root, "speed", speed ? `${Math.round(speed).toLocaleString("en")} images/s` : "")
  const rate = (step ?? last)?.learning_rate
  set(root, "rate", rate ? `learning rate ${digits(rate)}` : "")
  set(root, "validation", percent(last?.val_accuracy))
  set(root, "best", best ? `best ${percent(best.val_accuracy)}, epoch ${best.epoch + 1}` : "")
  set(root, "clean", percent(last?.clean_accuracy))
  set(root, "subset", facts.clean_is_subset
    ? `on ${facts.clean_images.toLocaleString("en")} of the images` : "everything random off")
  set(root, "gap", last ? points(last.clean_accuracy - last.val_accuracy) : "–")
  set(root, "entropy", digits(last?.val_cross_entropy))
}

function timeLeft(stream, facts, done) {
  if (!facts.epochs || done < 0.02) return "time left: measuring"
  if (done >= facts.epochs) return "finishing"
  const step = stream.steps.at(-1)
  const whole = stream.epochs.length ? epochSeconds(stream) : 0
  if (whole) return `${duration(whole * (facts.epochs - done))} left`
  return step ? `${duration((step.seconds / done) * (facts.epochs - done))} left` : ""
}

function epochSeconds(stream) {
  const recent = stream.epochs.slice(-5)
  const sum = (name) => recent.reduce((total, record) => total + record[name], 0)
  return (sum("seconds") + sum("evaluation_seconds")) / recent.length
}

function drawLog(root, stream) {
  const pre = root.querySelector("pre")
  const text = stream.state.log || "The worker has said nothing yet."
  if (pre.textContent === text) return
  const atEnd = pre.scrollTop + pre.clientHeight >= pre.scrollHeight - 8
  pre.textContent = text
  if (atEnd) pre.scrollTop = pre.scrollHeight
}

// ---- curves ------------------------------------------------------------------------------------

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
    ["accuracy", "clean_accuracy", "val_accuracy"], { ticks: ".0%", hover: ".1%" })
  Object.assign(accuracy.traces[2], { fill: "tonexty", fillcolor: colors.gap })
  const loss = panel("Loss (cross-entropy, nats)",
    ["cross_entropy", "clean_cross_entropy", "val_cross_entropy"], { ticks: "~g", hover: ".3~g" })
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
  new ResizeObserver(() => { if (element.data) Plotly.Plots.resize(element) }).observe(element)
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
  panels.forEach(({ title, ticks, hover, traces }, index) => {
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
      yaxis: { ...base.yaxis, tickformat: ticks, hoverformat: hover, rangemode: "tozero" },
    }, PLOTLY_CONFIG)
  })
  root.querySelector(".cnnlab-empty").hidden = Boolean(stream.epochs.length || stream.steps.length)
}

const PARTS = { status: drawStatus, numbers: drawNumbers, chart: drawChart, log: drawLog }

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".cnnlab-live")
  for (const part of root.children) part.hidden = part.dataset.part !== data.part
  const stream = streamOf(data.stream)
  let told = ENDED.has(data.status)
  stream.listen(data.part, () => {
    PARTS[data.part](root, stream, data)
    if (data.part === "status" && !told && ENDED.has(stream.state.status)) {
      told = true
      setTriggerValue("ended", stream.state.status)
    }
  })
}
