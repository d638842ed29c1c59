// Status and log of a run, in words.

import { find } from "../shared/dom.mjs"
import { STATUS_WORDS } from "../shared/words.mjs"
import { isStopping, say, statusOf } from "./part.mjs"

/**
 * @typedef {import("./stream.mjs").RunStream} RunStream
 * @typedef {import("../shared/records.d.ts").Watched} Watched
 */

const WAITS = "Waits until the runs before it have ended."

/**
 * @param {HTMLElement} root
 * @param {RunStream} stream
 * @param {Watched} data
 */
export function drawStatus(root, stream, data) {
  const { state } = stream
  const status = statusOf(stream, data)
  const message = (state.status ? state.message : data.message) ?? ""
  const isEnding = status === "running" && isStopping(stream, data)
  find(root, ".cnnlab-pill").dataset.status = status
  say(root, "status", isEnding ? "Stopping" : STATUS_WORDS[status])
  const phase = state.phase || stream.phase || "Starting the worker"
  /** @type {Record<string, string>} */
  const lines = {
    queued: (state.queue ?? data.queue) || WAITS,
    running: stream.isLost ? "Connecting again ..." : phase,
  }
  say(root, "doing", state.error ?? lines[status] ?? message)
  say(root, "note", lines[status] ? message : "")
  say(root, "device", state.device ?? data.device)
  const isByHand = stream.turns.length > 0 || (state.changed_by_hand ?? data.changed_by_hand)
  find(root, ".cnnlab-hand").hidden = !isByHand
}

/**
 * @param {HTMLElement} root
 * @param {RunStream} stream
 */
export function drawLog(root, stream) {
  const pre = find(root, "pre")
  const text = stream.state.log || "The worker has said nothing yet."
  if (pre.textContent === text) return
  const isAtEnd = pre.scrollTop + pre.clientHeight >= pre.scrollHeight - 8
  pre.textContent = text
  if (isAtEnd) pre.scrollTop = pre.scrollHeight
}
