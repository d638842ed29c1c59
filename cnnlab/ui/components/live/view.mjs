// How the curves are looked at: over what, how smooth, on which scale. The tools below the charts
// hold it, so that it outlives every update.

import { find } from "../shared/dom.mjs"
import { PERCENT } from "../shared/numbers.mjs"

/**
 * @typedef {{ by: import("./axis.mjs").By, smoothing: number, isLog: boolean }} View
 */

/** @type {View} how they are seen at first */
export const PLAIN = { by: "epoch", smoothing: 0, isLog: false }

/**
 * @typedef {Record<"change" | "csv" | "png", () => void>} Reactions to another view and to the buttons
 */

/** @type {WeakMap<HTMLElement, Reactions>} what tools that are listened to do now */
const reactions = new WeakMap()

/**
 * @param {HTMLElement} root
 * @param {string} name
 * @returns {HTMLInputElement}
 */
const input = (root, name) => /** @type {HTMLInputElement} */ (find(root, `[name=${name}]`))

/**
 * What the tools say.
 * @param {HTMLElement} root
 * @returns {View}
 */
export function viewOf(root) {
  const by = /** @type {View["by"]} */ (input(root, "by").value)
  return { by, smoothing: Number(input(root, "smoothing").value), isLog: input(root, "log").checked }
}

/**
 * Listen to the tools, once; they do what they were given last: another run may be shown since.
 * @param {HTMLElement} root
 * @param {Reactions} latest
 */
export function listenToTools(root, latest) {
  const tools = find(root, ".cnnlab-tools"), isNew = !reactions.has(tools)
  reactions.set(tools, latest)
  if (!isNew) return
  tools.addEventListener("input", () => reactions.get(tools)?.change())
  tools.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null
    const name = /** @type {"csv" | "png" | undefined} */ (button?.dataset.take)
    if (name) reactions.get(tools)?.[name]()
  })
}

/**
 * What is said of smoothed curves; nothing where they are as they were measured.
 * @param {View} view
 */
export function smoothWords({ smoothing }) {
  return smoothing
    ? `Smoothed: each point counts ${Math.round(100 * smoothing)}${PERCENT} what came before it. The faint ` +
      "lines are what was measured; the star stands where it was measured."
    : ""
}
