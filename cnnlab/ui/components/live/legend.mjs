// The names of the curves, one legend for all charts of a run; a press hides a curve.

import { find, make, pressable } from "../shared/dom.mjs"
import { BEST, looks, PARENT } from "./curves.mjs"

/**
 * @typedef {{ color: string, dash?: string, isStar?: boolean, isFaint?: boolean }} Sign
 */

/** @type {WeakMap<HTMLElement, () => void>} what a press in a legend does now */
const listeners = new WeakMap()

/**
 * Draw it anew where its names changed; a press does what was given last: another run may be shown
 * since.
 * @param {HTMLElement} root
 * @param {Pick<import("./live.d.ts").Chart, "colors" | "branch">} data
 * @param {() => void} onPress
 */
export function drawLegend(root, data, onPress) {
  const legend = find(root, ".cnnlab-legend")
  listeners.set(legend, onPress)
  /** @type {Record<string, Sign>} */
  const entries = { ...looks(data.colors), [BEST]: { color: data.colors.validation, isStar: true } }
  if (data.branch != null)
    entries[PARENT] = { color: data.colors.clean, dash: "solid", isFaint: true }
  const names = Object.keys(entries).join()
  if (legend.dataset.names === names) return
  legend.dataset.names = names
  legend.replaceChildren(...Object.entries(entries).map(([name, sign]) =>
    entry(name, sign, () => listeners.get(legend)?.())))
}

/**
 * @param {string} name
 * @param {Sign} sign
 * @param {() => void} onPress
 */
function entry(name, { color, dash, isStar, isFaint }, onPress) {
  const sign = make("span", isStar ? "" : "cnnlab-dash", isStar ? "★" : "")
  sign.style.color = color
  if (isFaint) sign.style.opacity = "0.45"
  if (dash) sign.style.borderTopStyle = dash === "dash" ? "dashed" : "solid"
  const button = pressable("", () => {
    const isShown = button.getAttribute("aria-pressed") === "true"
    button.setAttribute("aria-pressed", String(!isShown))
    onPress()
  })
  button.append(sign, name)
  button.title = "Show or hide"
  button.setAttribute("aria-pressed", "true")
  return button
}

/**
 * Names of the curves that were switched off.
 * @param {HTMLElement} root
 */
export function hiddenSeries(root) {
  const off = root.querySelectorAll('.cnnlab-legend [aria-pressed="false"]')
  return new Set([...off].map((button) => button.lastChild?.textContent))
}
