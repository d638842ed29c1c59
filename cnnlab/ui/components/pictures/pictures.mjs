// Judged pictures as tiles: a click opens one large, its box selects it. What is selected is told at
// once, so that a button pressed right after a click has it.

import { find, make, pressable } from "../shared/dom.mjs"
import { fillLarge } from "./large.mjs"
import { headline, sureness } from "./words.mjs"

/**
 * @typedef {import("../shared/records.d.ts").PicturesData} Data
 * @typedef {import("../shared/records.d.ts").Picture} Picture
 * @typedef {import("../shared/component.d.ts").Component<Data>} Component
 * @typedef {{ drawn: string, selected: Set<number>, send: Component["setStateValue"] }} State rows
 *   that are selected of what is drawn, and how to tell
 */

/** @type {WeakMap<HTMLElement, State>} */
const states = new WeakMap()

/**
 * The part of a tile that says what the picture is and what it is taken for.
 * @param {Picture} picture
 */
function said(picture) {
  const first = make("p", "", picture.true)
  const mark = make("span", picture.is_right ? "cnnlab-right" : "cnnlab-wrong",
    picture.is_right ? " ✓" : ` → ${picture.predicted}`)
  first.append(mark)
  const second = make("p", "cnnlab-faint", sureness(picture))
  if (picture.note) second.append(` · ${picture.note}`)
  return [first, second]
}

/**
 * @param {Picture} picture
 * @param {Data} data
 * @param {() => void} open
 * @param {(isChosen: boolean) => void} choose
 */
function tile(picture, data, open, choose) {
  const image = make("img")
  image.src = `${data.address}/${picture.row}?px=${Math.min(512, 2 * data.tile)}`
  image.loading = "lazy"
  image.alt = ""
  const opener = pressable("", open)
  opener.append(image)
  opener.setAttribute("aria-label", `Open large: ${headline(picture)}, ${picture.file}`)
  opener.title = picture.file
  const place = make("div", "cnnlab-picture", opener, ...said(picture))
  place.role = "listitem"
  place.dataset.row = String(picture.row)
  place.append(chooser(`Select ${picture.file}`, choose))
  return place
}

/**
 * A box that selects.
 * @param {string} label
 * @param {(isChosen: boolean) => void} choose
 */
function chooser(label, choose) {
  const box = make("input")
  box.type = "checkbox"
  box.setAttribute("aria-label", label)
  box.addEventListener("change", () => choose(box.checked))
  return make("label", "", box)
}

/** @type {import("../shared/component.d.ts").Draw<Data>} */
export default function draw({ data, parentElement, setStateValue }) {
  const list = find(parentElement, ".cnnlab-pictures")
  const told = find(parentElement, ".cnnlab-pictures-told")
  const dialog = /** @type {HTMLDialogElement} */ (find(parentElement, ".cnnlab-large"))
  const drawn = JSON.stringify([data.version, data.tile, data.pictures])
  const before = states.get(list)
  if (before) before.send = setStateValue
  if (before?.drawn === drawn) return
  /** @type {State} */
  const state = { drawn, selected: new Set(data.selected), send: setStateValue }
  states.set(list, state)
  const { selected } = state

  const mark = () => {
    for (const place of /** @type {Iterable<HTMLElement>} */ (list.children)) {
      const isChosen = selected.has(Number(place.dataset.row))
      place.dataset.chosen = String(isChosen)
      const box = place.querySelector("input")
      if (box) box.checked = isChosen
    }
    tellSelected(told, data, selected, all)
  }
  const tell = () => {
    mark()
    state.send("selected", { version: data.version, rows: [...selected] })
  }
  /** @type {(row: number, isChosen: boolean) => void} */
  const choose = (row, isChosen) => {
    selected[isChosen ? "add" : "delete"](row)
    tell()
  }
  /** @type {(isChosen: boolean) => void} */
  const all = (isChosen) => {
    selected.clear()
    if (isChosen) for (const { row } of data.pictures) selected.add(row)
    tell()
  }
  const openers = data.pictures.map((picture, at) => tile(picture, data,
    () => fillLarge(dialog, data, at, selected, choose), (isChosen) => choose(picture.row, isChosen)))
  list.style.setProperty("--tile", `${data.tile}px`)
  list.setAttribute("aria-label", data.label)
  list.replaceChildren(...openers)
  if (dialog.open) dialog.close()
  mark()
}

/**
 * How many are selected, and the way to all and to none.
 * @param {HTMLElement} told
 * @param {Data} data
 * @param {Set<number>} selected
 * @param {(isChosen: boolean) => void} all
 */
function tellSelected(told, data, selected, all) {
  if (data.pictures.length < 2) return told.replaceChildren()
  const count = data.pictures.length
  if (!told.children.length) {
    told.replaceChildren(make("span"), pressable("All", () => all(true)),
      pressable("None", () => all(false)))
  }
  return find(told, "span").replaceChildren(`${selected.size} of ${count} selected`)
}
