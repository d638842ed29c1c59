// What all parts of the live view do.

import { find } from "../shared/dom.mjs"

/**
 * Say something in its place.
 * @param {ParentNode} root
 * @param {string} name of the place
 * @param {string} text
 */
export function say(root, name, text) {
  const element = find(root, `[data-show="${name}"]`)
  if (element.textContent !== text) element.textContent = text
}

/**
 * Where the run stands: what the stream has told is newer than what the page was drawn with.
 * @param {import("./stream.mjs").RunStream} stream
 * @param {import("../shared/records.d.ts").Watched} data
 */
export function statusOf(stream, data) {
  return stream.state.status ?? data.status
}

/**
 * Likewise whether it was asked to stop.
 * @param {import("./stream.mjs").RunStream} stream
 * @param {import("../shared/records.d.ts").Watched} data
 */
export function isStopping(stream, data) {
  return stream.state.stopping ?? data.stopping
}
