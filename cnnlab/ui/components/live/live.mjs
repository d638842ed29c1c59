// One part of a run's live view. Streamlit calls this again whenever the part's data or the theme
// changes, and the function that it returns when the part leaves the page.

import { find } from "../shared/dom.mjs"
import { drawChart } from "./chart.mjs"
import { drawNumbers } from "./numbers.mjs"
import { drawLog, drawStatus } from "./status.mjs"
import { streamOf } from "./stream.mjs"
import { drawTurns } from "./turns.mjs"

/**
 * @typedef {import("./stream.mjs").RunStream} RunStream
 * @typedef {import("./live.d.ts").Chart & import("./live.d.ts").Turns} Data what a part isn't
 *   given, it doesn't read
 */

/** @type {Record<string, (root: HTMLElement, stream: RunStream, data: Data) => unknown>} */
const PARTS = {
  status: drawStatus, numbers: drawNumbers, chart: drawChart, turns: drawTurns, log: drawLog,
}

/** @type {WeakMap<HTMLElement, RunStream>} the stream that a part shows */
const shown = new WeakMap()

/**
 * What a user can do depends on the status: the page is run again when it has changed.
 * @param {RunStream} stream
 * @param {Data} data
 * @param {(name: string, value: string) => void} tell
 */
function tellStatus(stream, data, tell) {
  const { status } = stream.state
  if (!status || status === stream.told) return
  stream.told = status
  if (status !== data.status) tell("status", status)
}

/** @type {import("../shared/component.d.ts").Draw<Data>} */
export default function draw({ data, parentElement, setTriggerValue }) {
  const root = find(parentElement, ".cnnlab-live")
  const stream = streamOf(data.stream)
  const before = shown.get(root)
  if (before !== stream) before?.leave(data.part)
  shown.set(root, stream)
  if (data.known) stream.know(data.known)
  stream.goOn(data)
  stream.listen(data.part, () => {
    if (!stream.isKnown) return // its place has the right height: nothing is said before it is so
    PARTS[data.part](root, stream, data)
    if (data.part === "status") tellStatus(stream, data, setTriggerValue)
  })
  return () => stream.leave(data.part)
}
