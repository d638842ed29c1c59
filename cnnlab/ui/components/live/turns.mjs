// Turns of the dials: what was changed from what to what, as a list and, with phases, as marks.

import { find, make } from "../shared/dom.mjs"
import { digits, withUnit } from "../shared/numbers.mjs"
import { ENDED } from "../shared/words.mjs"
import { statusOf } from "./part.mjs"

/**
 * @typedef {import("./stream.mjs").RunStream} RunStream
 * @typedef {import("../shared/records.d.ts").TurnRecord} TurnRecord
 * @typedef {import("./live.d.ts").AskedTurn} AskedTurn
 * @typedef {import("./live.d.ts").Turns["dials"]} Dials
 * @typedef {{ x: number, text: string, hover: string[] }} Mark a place on the epoch axis
 */

/**
 * The changes of each turn in words.
 * @template {AskedTurn} Turn
 * @param {Turn[]} turns
 * @param {Dials} dials
 * @returns {{ turn: Turn, words: string[] }[]}
 */
export function toldTurns(turns, dials) {
  const now = Object.fromEntries(Object.entries(dials).map(([name, dial]) => [name, dial.value]))
  return turns.map((turn) => {
    const words = Object.entries(turn.values).map(([name, value]) => {
      const { label, unit } = dials[name] ?? { label: name, unit: "" }
      const before = name in now ? withUnit(digits(now[name]), unit) : ""
      now[name] = value
      return `${label} ${before} → ${withUnit(digits(value), unit)}`
    })
    return { turn, words }
  })
}

/**
 * Where phases of the training begin, but for the first.
 * @param {import("../shared/records.d.ts").PhaseFacts[]} phases
 * @returns {Mark[]}
 */
function phaseMarks(phases) {
  return phases.slice(1).map(({ first_epoch: x, words }, index) => ({
    x, text: `Phase ${index + 2}`, hover: [`${escapeHtml(words)}, from epoch ${x + 1} on`],
  }))
}

// Labels closer than this share of the epoch axis would lie upon each other.
const LABEL_SHARE = 0.045

/**
 * Where the dials were turned, and where a fork and the phases begin, for the charts.
 * @param {RunStream} stream
 * @param {Pick<import("./live.d.ts").Chart, "dials" | "branch">} data
 * @param {import("./axis.mjs").Axis} axis
 * @param {import("../shared/plotly.d.ts").Theme} theme
 */
export function marksOf(stream, data, axis, theme) {
  const steps = stream.state.facts?.steps_per_epoch
  const told = steps ? toldTurns(stream.turns, data.dials) : []
  /** @type {Mark[]} */
  const marks = told.map(({ turn: { number, step }, words }) => ({
    x: step / (steps ?? 1), text: String(number),
    hover: words.map((text) => `${number}: ${escapeHtml(text)}`),
  }))
  if (data.branch != null) {
    const x = data.branch + 1
    marks.unshift({ x, text: "fork", hover: [`Forked at epoch ${x}`] })
  }
  marks.push(...phaseMarks(stream.state.facts?.phases ?? []))
  const groups = labelled(marks, LABEL_SHARE * axis.shown)
  return {
    shapes: marks.map(({ x }) => ({ type: "line", xref: "x", yref: "paper", x0: axis.at(x),
      x1: axis.at(x), y0: 0, y1: 1, layer: "below", opacity: 0.55,
      line: { color: theme.text, width: 1, dash: "dot" } })),
    annotations: groups.map(({ x, text, hover }) => ({ x: axis.at(x), text,
      y: 1, xref: "x", yref: "paper", yanchor: "bottom", showarrow: false, captureevents: true,
      hovertext: hover.join("<br>"), font: { size: 11 }, borderpad: 2, bordercolor: theme.line,
      bgcolor: theme.background })),
  }
}

/**
 * One label for marks that lie close together.
 * @param {Mark[]} marks
 * @param {number} least distance on the epoch axis
 * @returns {Mark[]}
 */
export function labelled(marks, least) {
  /** @type {Mark[][]} */
  const groups = []
  for (const mark of [...marks].sort((one, other) => one.x - other.x)) {
    const last = groups.at(-1)
    const end = last?.at(-1)
    if (last && end && mark.x - end.x < least) last.push(mark)
    else groups.push([mark])
  }
  return groups.map((group) => {
    const texts = group.map(({ text }) => text)
    return {
      x: (group[0].x + group[group.length - 1].x) / 2,
      text: texts.length > 2 ? `${texts[0]}–${texts.at(-1)}` : texts.join(", "),
      hover: group.flatMap(({ hover }) => hover),
    }
  })
}

/**
 * Text as Plotly shows it: it takes HTML for markup.
 * @param {string} text
 */
export function escapeHtml(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
}

/**
 * From when a turn holds.
 * @param {number} step global, 0-based
 * @param {number} stepsPerEpoch
 */
export function sinceWords(step, stepsPerEpoch) {
  return `since epoch ${Math.floor(step / stepsPerEpoch) + 1}, step ${(step % stepsPerEpoch) + 1}`
}

/**
 * @param {HTMLElement} root
 * @param {RunStream} stream
 * @param {import("./live.d.ts").Turns} data
 */
export function drawTurns(root, stream, data) {
  const list = find(root, ".cnnlab-turns")
  const steps = stream.state.facts?.steps_per_epoch ?? 1
  const made = new Map(stream.turns.map((turn) => [turn.number, turn]))
  const asked = data.asked.filter((turn) => !made.has(turn.number))
  const isEnded = ENDED.has(statusOf(stream, data))
  const waits = isEnded ? "not made: the run had ended" : "asked for, holds in a moment ..."
  const lines = toldTurns([...stream.turns, ...asked], data.dials).map(({ turn, words }) => {
    const step = made.get(turn.number)?.step
    const when = step === undefined ? waits : sinceWords(step, steps)
    return { number: turn.number, texts: [String(turn.number), words.join(", "), when],
      isMade: step !== undefined }
  })
  const text = JSON.stringify(lines)
  if (list.dataset.text === text) return
  list.dataset.text = text
  list.replaceChildren(...lines.map(({ number, texts, isMade }) => {
    const line = make("li", "", ...texts.map((part) => make("span", "", part)))
    line.value = number
    line.dataset.made = String(isMade)
    return line
  }))
}
