// Images as tiles: a click opens one large, its box selects it, with Shift all between. What is selected
// is told at once, so that a button pressed right after a click has it.

import { find, make, pressable } from "../shared/dom.mjs"
import { openViewer } from "../shared/viewer.mjs"

const LARGE_PX = 1600

/**
 * @typedef {import("../shared/records.d.ts").Tile} Image
 * @typedef {import("../shared/records.d.ts").GalleryData} Data
 * @typedef {{ drawn: string, selected: Set<number>, last?: number }} Selection rows that are
 *   selected of what is drawn, and the index that was clicked last
 * @typedef {import("../shared/component.d.ts").Component<Data>["setStateValue"]} Send
 */

/** @type {WeakMap<HTMLElement, Selection & { send: Send }>} `send` is that of the last call */
const selections = new WeakMap()

/**
 * @param {Image} image
 * @param {Data} data
 * @param {() => void} open
 */
function tileOf(image, data, open) {
  const picture = make("img")
  picture.src = `${data.address}/${image.row}?px=${data.px}`
  picture.loading = "lazy"
  picture.alt = ""
  const opener = pressable("", open)
  opener.append(picture)
  opener.title = `${image.file}\n${told(image)}`
  opener.setAttribute("aria-label", `Open large: ${told(image)}, ${image.file}`)
  const tile = make("div", image.starts_group ? "cnnlab-tile cnnlab-start" : "cnnlab-tile", opener,
    make("span", "cnnlab-name", image.label))
  tile.role = "listitem"
  if (image.note) tile.append(make("span", "cnnlab-name cnnlab-note", image.note))
  return tile
}

/** @param {Image} image */
function told({ label, note }) {
  return note ? `${label}, ${note}` : label
}

/**
 * A box that selects.
 * @param {string} label
 * @param {(isRange: boolean) => void} choose
 */
function chooser(label, choose) {
  const box = make("input")
  box.type = "checkbox"
  box.setAttribute("aria-label", label)
  let isRange = false
  box.addEventListener("click", (event) => { isRange = event.shiftKey })
  box.addEventListener("change", () => choose(isRange))
  return make("label", "cnnlab-choose", box)
}

/**
 * @param {HTMLElement} grid
 * @param {Image[]} images
 * @param {Set<number>} selected
 */
function mark(grid, images, selected) {
  let index = 0
  for (const tile of /** @type {Iterable<HTMLElement>} */ (grid.children)) {
    const isChosen = selected.has(images[index].row)
    index += 1
    tile.dataset.chosen = String(isChosen)
    const box = tile.querySelector("input")
    if (box) box.checked = isChosen
  }
}

/**
 * Select what a click means, or take it back: what the clicked image becomes, all between become.
 * @param {Selection} selection
 * @param {Image[]} images
 * @param {number} index of the clicked one
 * @param {boolean} isRange from the one that was clicked last
 */
export function click(selection, images, index, isRange) {
  const { selected, last } = selection
  const from = isRange ? last ?? index : index
  const adds = !selected.has(images[index].row)
  for (let at = Math.min(from, index); at <= Math.max(from, index); at += 1)
    selected[adds ? "add" : "delete"](images[at].row)
  selection.last = index
}

/**
 * Show an image large, with the way to the others, and where images are selected with a box for it.
 * @param {HTMLDialogElement} viewer
 * @param {Data} data
 * @param {number} index
 * @param {(index: number, isRange: boolean) => void} choose
 * @param {Set<number>} selected
 */
function enlarge(viewer, data, index, choose, selected) {
  const { images } = data
  openViewer(viewer, index, {
    count: () => images.length,
    shown: (at) => ({ source: `${data.address}/${images[at].row}?px=${LARGE_PX}`,
      title: told(images[at]), note: images[at].file }),
    actions: (at) => {
      if (!data.selectable) return []
      const box = chooser("Selected", () => choose(at, false))
      const [input] = box.querySelectorAll("input")
      input.checked = selected.has(images[at].row)
      box.append(" Selected")
      return [box]
    },
  })
}

/** @type {import("../shared/component.d.ts").Draw<Data>} */
export default function draw({ data, parentElement, setStateValue }) {
  const grid = find(parentElement, ".cnnlab-gallery")
  const viewer = /** @type {HTMLDialogElement} */ (find(parentElement, ".cnnlab-viewer"))
  const drawn = JSON.stringify([data.version, data.selectable, data.images.map((image) => image.row)])
  let selection = selections.get(grid)
  const isNew = selection?.drawn !== drawn
  if (!selection || isNew) {
    selection = { drawn, selected: new Set(data.selected), send: setStateValue }
    selections.set(grid, selection)
  }
  const current = selection
  current.send = setStateValue
  const choose = (/** @type {number} */ index, /** @type {boolean} */ isRange) => {
    click(current, data.images, index, isRange)
    mark(grid, data.images, current.selected)
    current.send("selected", { version: data.version, rows: [...current.selected] })
  }
  if (isNew) {
    grid.style.setProperty("--tile", `${data.tile}px`)
    grid.replaceChildren(...data.images.map((image, index) => {
      const tile = tileOf(image, data, () => enlarge(viewer, data, index, choose, current.selected))
      if (data.selectable)
        tile.append(chooser(`Select ${image.file}`, (isRange) => choose(index, isRange)))
      return tile
    }))
  }
  mark(grid, data.images, current.selected)
}
