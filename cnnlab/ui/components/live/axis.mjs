// What the charts of a run are drawn over: epochs, steps or the time that training took.

import { ENDED } from "../shared/words.mjs"
import { epochSeconds } from "./history.mjs"

/**
 * @typedef {import("./stream.mjs").RunStream} RunStream
 * @typedef {import("./live.d.ts").Chart} Chart
 * @typedef {"epoch" | "step" | "time"} By
 * @typedef {{ by: By, at: (epochs: number) => number, known: number, from: number, shown: number,
 *   total: number, title: string }} Axis
 *   `at`: from epochs that are done, a fraction too, to a place on it; `known`: as many epochs as it
 *   is known for; `from`: epochs that are done where it begins; `shown`: epochs that it has room for;
 *   `total`: as many as there will be
 */

const ROOMS = [3, 5, 8, 12, 16, 20, 25, 30, 40, 50, 60, 80]
const MOST_FILLED = 0.92 // of the room, before it grows
const NEARLY_ALL = 0.75 // of all epochs: then the room is for all
const EDGE = 0.02 // room beside the curves, as a share of what they fill
const UNITS = /** @type {const} */ ([["hours", 3600, 2], ["minutes", 60, 2], ["seconds", 1, 0]])

/**
 * How many epochs the axis has room for while a run goes on: it grows in steps, so that the curves
 * fill it and seldom move.
 * @param {number} done
 * @param {number} total
 */
export function roomFor(done, total) {
  let room = ROOMS.find((each) => done <= MOST_FILLED * each)
  for (let next = 100; !room; next *= 1.5) if (done <= MOST_FILLED * next) room = Math.round(next)
  return room >= NEARLY_ALL * total ? total : room
}

/**
 * Where the axis begins: curves do at the end of the first epoch, and before that the axis would be
 * empty; but until it has ended its steps lie there, and afterwards where a dial was turned in it.
 * @param {Pick<RunStream, "epochs" | "turns">} stream
 * @param {Pick<Chart, "parent">} data
 * @param {number} steps of an epoch
 */
function beginOf({ epochs, turns }, { parent }, steps) {
  if (!epochs.length && !parent.length) return 0
  return Math.min(1, ...turns.map(({ step }) => step / steps))
}

/**
 * What is seen of an axis.
 * @param {Axis} axis
 */
export function rangeOf({ at, from, shown }) {
  const edge = shown > from ? EDGE * (at(shown) - at(from)) : at(from) / 2
  return [at(from) - edge, at(shown) + edge]
}

/**
 * @param {Pick<RunStream, "state" | "epochs" | "steps" | "turns">} stream
 * @param {Pick<Chart, "status" | "epochs" | "parent">} data
 * @param {By} by
 * @returns {Axis}
 */
export function axisOf(stream, data, by) {
  const { facts } = stream.state
  const isEnded = ENDED.has(stream.state.status ?? data.status)
  const steps = facts?.steps_per_epoch ?? 1
  const last = stream.steps.at(-1)
  const done = stream.epochs.length + (last ? (last.step + 1) / steps : 0)
  const planned = facts?.epochs ?? data.epochs
  const parent = 1 + (data.parent.at(-1)?.epoch ?? -1)
  const isOver = isEnded && stream.epochs.length > 0
  const total = isOver ? stream.epochs.length : planned
  const own = isOver ? total : roomFor(done, planned)
  const shown = Math.max(own, by === "time" ? 0 : parent, 1)
  const from = beginOf(stream, data, steps)
  const planning = own < total ? ` (to epoch ${total})` : ""
  if (by === "step")
    return { by, at: (epochs) => epochs * steps, known: Infinity, from, shown, total,
      title: `step${planning}` }
  if (by === "time") return timeAxis(stream, { from, shown, total, planning })
  return { by, at: (epochs) => epochs, known: Infinity, from, shown, total, title: `epoch${planning}` }
}

/**
 * Seconds of training and measuring since the first step, in the unit that suits the whole.
 * @param {Pick<RunStream, "epochs">} stream
 * @param {{ from: number, shown: number, total: number, planning: string }} room
 * @returns {Axis}
 */
function timeAxis({ epochs }, { from, shown, total, planning }) {
  const ends = [0]
  for (const { seconds, evaluation_seconds: judging } of epochs)
    ends.push(ends[ends.length - 1] + seconds + (judging ?? 0))
  const mean = epochSeconds(epochs) || 1
  /** @param {number} done epochs */
  const secondsAt = (done) => {
    const whole = Math.min(Math.floor(done), ends.length - 1)
    const next = ends[whole + 1] ?? ends[whole] + mean
    return ends[whole] + (done - whole) * (next - ends[whole])
  }
  const all = secondsAt(shown)
  const [unit, seconds] = UNITS.find(([, size, least]) => all >= least * size) ?? UNITS[2]
  return { by: "time", at: (done) => secondsAt(done) / seconds, known: epochs.length + 1,
    from, shown, total, title: `${unit} of training and measuring${planning}` }
}
