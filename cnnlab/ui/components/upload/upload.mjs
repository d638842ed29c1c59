// The area that takes files or a folder, by a click or dropped on it.

import { find, isTouched } from "../shared/dom.mjs"
import { dataSize } from "../shared/numbers.mjs"
import { chosen, dropped, packed } from "./packing.mjs"
import { asking, Refusal, send } from "./sending.mjs"

/** @typedef {{ address: string, token: string, reset: string, words: string, touched: string }} Data */

/** @typedef {import("./packing.mjs").Entry} Entry */

/** @type {WeakMap<HTMLElement, number>} what an area was given last; others don't count */
const turns = new WeakMap()

/** @type {import("../shared/component.d.ts").Draw<Data>} */
export default function draw({ data, parentElement, setStateValue }) {
  const area = find(parentElement, ".cnnlab-upload")
  const input = /** @type {HTMLInputElement} */ (find(area, "input"))
  const button = /** @type {HTMLButtonElement} */ (find(area, "button"))
  const text = find(area, "[data-show=text]")
  const bar = find(area, ".cnnlab-bar")
  const done = find(bar, "span")

  const show = (/** @type {number | null} */ share, /** @type {string} */ words) => {
    bar.hidden = share == null
    done.style.width = `${100 * (share ?? 0)}%`
    text.textContent = words
  }

  const take = (/** @type {Entry[] | Promise<Entry[]>} */ given) =>
    upload(area, given, data, show, (value) => setStateValue("upload", value))

  const idle = (area.dataset.idle ??= isTouched() ? data.touched : data.words || (text.textContent ?? ""))
  if (data.words) input.setAttribute("aria-label", idle)
  const before = area.dataset.reset
  if (data.reset !== before) {
    area.dataset.reset = data.reset
    area.dataset.state = "idle"
    show(null, idle)
    // The area is on the page a moment before this runs: a file may have been chosen already.
    if (before === undefined) take(chosen(input.files ?? []))
    else input.value = ""
  }
  input.onchange = () => take(chosen(input.files ?? []))
  button.onclick = () => {
    const folder = document.createElement("input") // not on the page: there the area has one input
    folder.type = "file"
    folder.webkitdirectory = true
    folder.onchange = () => take(chosen(folder.files ?? []))
    folder.click()
  }
  button.disabled = false // it is on the page before anything listens to it
  area.ondragover = (event) => { event.preventDefault(); area.dataset.over = "true" }
  area.ondragleave = () => { area.dataset.over = "false" }
  area.ondrop = (event) => {
    event.preventDefault()
    area.dataset.over = "false"
    const entries = Array.from(event.dataTransfer?.items ?? [], (item) => item.webkitGetAsEntry())
    const files = chosen(event.dataTransfer?.files ?? [])
    const found = entries.filter((entry) => entry !== null)
    take(found.length ? dropped(found) : files)
  }
}

/**
 * Send what was chosen, unless something else is chosen meanwhile.
 * @param {HTMLElement} area
 * @param {Entry[] | Promise<Entry[]>} given
 * @param {Data} data
 * @param {(share: number | null, words: string) => void} show
 * @param {(value: { token: string, name: string } | null) => void} tell
 */
async function upload(area, given, data, show, tell) {
  if (Array.isArray(given) && !given.length) return // a dialog was closed
  const turn = (turns.get(area) ?? 0) + 1
  turns.set(area, turn)
  const isCurrent = () => turns.get(area) === turn
  let called = "Folder"
  try {
    const entries = await given
    if (!isCurrent()) return
    if (!entries.length) throw new Refusal("It holds no files.", true)
    const { name, body } = packed(entries)
    const count = entries.length
    called = count === 1 ? entries[0].path : `${count.toLocaleString("en")} files`
    area.dataset.state = "sending"
    show(0, `${called}: starting`)
    const token = await send(name, body, data.address, asking(data.token), isCurrent, (share, words) =>
      show(share, `${called}: ${words}`))
    if (!token) return
    area.dataset.state = "done"
    const are = count === 1 ? "is" : "are"
    show(null, `${called} (${dataSize(body.size)}) ${are} uploaded. Choose another file to replace ${
      count === 1 ? "it" : "them"}.`)
    tell({ token, name })
  } catch (error) {
    if (!isCurrent()) return
    area.dataset.state = "failed"
    const why = error instanceof Error ? error.message : String(error)
    show(null, `${called}: ${why} Choose ${called === "Folder" ? "it" : "the file"} again.`)
    tell(null)
  }
}
