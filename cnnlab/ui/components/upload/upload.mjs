// The area that takes a file, by a click or dropped on it.

import { find } from "../shared/dom.mjs"
import { dataSize } from "../shared/numbers.mjs"
import { asking, send } from "./sending.mjs"

/** @typedef {{ address: string, token: string, reset: string }} Data */

/** @type {WeakMap<HTMLElement, number>} which file an area was given last; others don't count */
const turns = new WeakMap()

/** @type {import("../shared/component.d.ts").Draw<Data>} */
export default function draw({ data, parentElement, setStateValue }) {
  const area = find(parentElement, ".cnnlab-upload")
  const input = /** @type {HTMLInputElement} */ (find(area, "input"))
  const text = find(area, "[data-show=text]")
  const bar = find(area, ".cnnlab-bar")
  const done = find(bar, "span")

  const show = (/** @type {number | null} */ share, /** @type {string} */ words) => {
    bar.hidden = share == null
    done.style.width = `${100 * (share ?? 0)}%`
    text.textContent = words
  }

  /** @param {File | undefined} file */
  async function take(file) {
    if (!file) return
    const turn = (turns.get(area) ?? 0) + 1
    turns.set(area, turn)
    const isCurrent = () => turns.get(area) === turn
    area.dataset.state = "sending"
    show(0, `${file.name}: starting`)
    try {
      const token = await send(file, data.address, asking(data.token), isCurrent, (share, words) =>
        show(share, `${file.name}: ${words}`))
      if (!token) return
      area.dataset.state = "done"
      show(null, `${file.name} (${dataSize(file.size)}) is uploaded. Choose another file to replace it.`)
      setStateValue("upload", { token, name: file.name })
    } catch (error) {
      if (!isCurrent()) return
      area.dataset.state = "failed"
      const why = error instanceof Error ? error.message : String(error)
      show(null, `${file.name}: ${why} Choose the file again.`)
      setStateValue("upload", null)
    }
  }

  const idle = (area.dataset.idle ??= text.textContent ?? "")
  const before = area.dataset.reset
  if (data.reset !== before) {
    area.dataset.reset = data.reset
    area.dataset.state = "idle"
    show(null, idle)
    // The area is on the page a moment before this runs: a file may have been chosen already.
    if (before === undefined) take(input.files?.[0])
    else input.value = ""
  }
  input.onchange = () => take(input.files?.[0])
  area.ondragover = (event) => { event.preventDefault(); area.dataset.over = "true" }
  area.ondragleave = () => { area.dataset.over = "false" }
  area.ondrop = (event) => {
    event.preventDefault()
    area.dataset.over = "false"
    take(event.dataTransfer?.files[0])
  }
}
