// Turns of the dials: what was changed from what to what, as a list and as marks on the charts.

function withUnit(value, unit) {
  const gap = unit && unit !== "°" ? " " : ""
  return value === undefined ? "" : `${digits(value)}${gap}${unit}`
}

// Each turn with its place on the epoch axis and its changes in words.
function toldTurns(turns, data, stepsPerEpoch) {
  const now = Object.fromEntries(Object.entries(data.dials).map(([name, dial]) => [name, dial.value]))
  return turns.map(({ number, step, values }) => {
    const words = Object.entries(values).map(([name, value]) => {
      const { label, unit } = data.dials[name] ?? { label: name, unit: "" }
      const before = withUnit(now[name], unit)
      now[name] = value
      return `${label} ${before} → ${withUnit(value, unit)}`
    })
    return { number, step, words, x: step / stepsPerEpoch }
  })
}

// Labels closer than this share of the epoch axis would lie upon each other.
const LABEL_SHARE = 0.045

function marksOf(stream, data, total, theme) {
  const steps = stream.state.facts?.steps_per_epoch
  const marks = (steps ? toldTurns(stream.turns, data, steps) : []).map(({ number, words, x }) =>
    ({ x, text: String(number), hover: words.map((text) => `${number}: ${escapeHtml(text)}`) }))
  if (data.branch != null) {
    const x = data.branch + 1
    marks.unshift({ x, text: "fork", hover: [`Forked at epoch ${x}`] })
  }
  return {
    shapes: marks.map(({ x }) => ({ type: "line", xref: "x", yref: "paper", x0: x, x1: x, y0: 0,
      y1: 1, layer: "below", opacity: 0.55, line: { color: theme.text, width: 1, dash: "dot" } })),
    annotations: labelled(marks, LABEL_SHARE * total).map(({ x, text, hover }) => ({ x, text,
      y: 1, xref: "x", yref: "paper", yanchor: "bottom", showarrow: false, captureevents: true,
      hovertext: hover.join("<br>"), font: { size: 11 }, borderpad: 2, bordercolor: theme.line,
      bgcolor: theme.background })),
  }
}

// One label for marks that lie close together.
function labelled(marks, least) {
  const labels = []
  for (const { x, text, hover } of [...marks].sort((one, other) => one.x - other.x)) {
    const last = labels.at(-1)
    if (last && x - last.end < least) {
      last.hover.push(...hover)
      Object.assign(last, { end: x, x: (last.start + x) / 2, texts: [...last.texts, text] })
    } else labels.push({ x, start: x, end: x, texts: [text], hover: [...hover] })
  }
  return labels.map(({ texts, ...label }) => (
    { ...label, text: texts.length > 2 ? `${texts[0]}–${texts.at(-1)}` : texts.join(", ") }))
}

// Plotly takes HTML for markup.
function escapeHtml(text) {
  return text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign])
}

function drawTurns(root, stream, data) {
  const list = root.querySelector(".cnnlab-turns")
  const steps = stream.state.facts?.steps_per_epoch
  const made = new Set(stream.turns.map((turn) => turn.number))
  const asked = data.asked.filter((turn) => !made.has(turn.number))
  const told = toldTurns([...stream.turns, ...asked], data, steps)
  const ended = ENDED.has(stream.state.status ?? data.status)
  const lines = told.map(({ number, step, words }) => {
    const since = `since epoch ${Math.floor(step / steps) + 1}, step ${(step % steps) + 1}`
    const waits = ended ? "not made: the run had ended" : "asked for, holds in a moment ..."
    return [number, words.join(", "), made.has(number) ? since : waits, made.has(number)]
  })
  const text = JSON.stringify(lines)
  if (list.dataset.text === text) return
  list.dataset.text = text
  list.replaceChildren(...lines.map(([number, words, when, isMade]) => {
    const line = document.createElement("li")
    line.value = number
    line.dataset.made = isMade
    for (const part of [String(number), words, when]) {
      line.append(Object.assign(document.createElement("span"), { textContent: part }))
    }
    return line
  }))
}
