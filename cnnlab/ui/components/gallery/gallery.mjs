// Images as tiles; a click selects, with Shift all between. What is selected is told at once, so
// that a button pressed right after a click has it.

import { find, make, pressed } from "../shared/dom.mjs"

/**
 * @typedef {import("../shared/records.d.ts").Tile} Image
 * @typedef {import("../shared/records.d.ts").GalleryData} Data
 * @typedef {{ drawn: string, selected: Set<number>, last?: number }} Selection rows that are
 *   selected of what is drawn, and the index that was clicked last
 */

/** @type {WeakMap<HTMLElement, Selection>} */
const selections = new WeakMap()

/**
 * @param {HTMLElement} grid
 * @param {Data} data
 */
function drawTiles(grid, data) {
  grid.style.setProperty("--tile", `${data.tile}px`)
  grid.dataset.fixed = String(!data.selectable)
  grid.replaceChildren(...data.images.map((image, index) => {
    const picture = document.createElement("img")
    picture.src = `${data.address}/${image.row}?px=${data.px}`
    picture.loading = "lazy"
    picture.alt = `${image.label}: ${image.file}`
    const tile = make("button", image.starts_group ? "cnnlab-start" : "",
      make("span", "cnnlab-frame", picture), make("span", "cnnlab-name", image.label))
    tile.type = "button"
    tile.role = "option"
    tile.dataset.index = String(index)
    tile.title = `${image.file}\n${image.label}${image.note ? `, ${image.note}` : ""}`
    if (image.note) tile.append(make("span", "cnnlab-name cnnlab-note", image.note))
    return tile
  }))
}

/**
 * @param {HTMLElement} grid
 * @param {Image[]} images
 * @param {Set<number>} selected
 */
function mark(grid, images, selected) {
  for (const [index, tile] of [...grid.children].entries())
    tile.setAttribute("aria-selected", String(selected.has(images[index].row)))
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

/** @type {import("../shared/component.d.ts").Draw<Data>} */
export default function draw({ data, parentElement, setStateValue }) {
  const grid = find(parentElement, ".cnnlab-gallery")
  const drawn = JSON.stringify([data.version, data.images.map((image) => image.row)])
  let selection = selections.get(grid)
  if (selection?.drawn !== drawn) {
    selection = { drawn, selected: new Set(data.selected) }
    selections.set(grid, selection)
    drawTiles(grid, data)
  }
  const current = selection
  mark(grid, data.images, current.selected)
  grid.onclick = (event) => {
    const tile = pressed(event)
    if (!tile || !data.selectable) return
    click(current, data.images, Number(tile.dataset.index), event.shiftKey)
    mark(grid, data.images, current.selected)
    setStateValue("selected", { version: data.version, rows: [...current.selected] })
  }
}
