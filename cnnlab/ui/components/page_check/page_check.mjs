// The offline page of a run in a frame without any right, asked what it says of validation pictures;
// the server compares that with the model. Only then is the page offered.

import { find } from "../shared/dom.mjs"
import { asking, checked } from "./asking.mjs"

/**
 * @typedef {import("../shared/records.d.ts").PageCheckData} Data
 * @typedef {import("../shared/component.d.ts").Component<Data>} Component
 */

/** @type {WeakMap<HTMLElement, { sha256: string, stop: AbortController }>} */
const underWay = new WeakMap()

/**
 * @param {HTMLElement} root
 * @param {number} done
 * @param {number} images
 */
function showProgress(root, done, images) {
  find(root, "[data-show=words]").textContent =
    `Your browser compares the page with the model: ${done} of ${images} pictures`
  const percent = images ? Math.round((100 * done) / images) : 0
  find(root, "[role=progressbar]").setAttribute("aria-valuenow", String(percent))
  find(root, "[role=progressbar] span").style.width = `${percent}%`
}

/**
 * @param {HTMLElement} root
 * @param {Component} component
 */
async function begin(root, component) {
  const { data } = component
  const stop = new AbortController()
  underWay.set(root, { sha256: data.sha256, stop })
  root.dataset.state = "running"
  const again = /** @type {HTMLButtonElement} */ (find(root, "button"))
  again.hidden = true
  const frame = document.createElement("iframe")
  frame.sandbox.add("allow-scripts")
  frame.title = "The page that is checked"
  frame.tabIndex = -1
  frame.ariaHidden = "true"
  try {
    const ask = asking(frame, data.page, stop.signal)
    root.append(frame)
    const onDone = (/** @type {number} */ done) => showProgress(root, done, data.images)
    const problem = await checked(data, await ask, stop.signal, onDone)
    if (!stop.signal.aborted) component.setTriggerValue("checked", { problem })
    if (problem) throw new Error(problem) // shown where the page is still to be checked
  } catch (error) {
    if (stop.signal.aborted) return
    root.dataset.state = "failed"
    find(root, "[data-show=words]").textContent = error instanceof Error ? error.message : String(error)
    again.hidden = false
    again.onclick = () => begin(root, component)
  } finally {
    frame.remove()
  }
}

/** @type {import("../shared/component.d.ts").Draw<Data>} */
export default function draw(component) {
  const root = find(component.parentElement, ".cnnlab-page-check")
  const known = underWay.get(root)
  if (known?.sha256 !== component.data.sha256) {
    known?.stop.abort()
    begin(root, component)
  }
  return () => {
    underWay.get(root)?.stop.abort()
    underWay.delete(root)
  }
}
