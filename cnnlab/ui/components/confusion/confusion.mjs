// A confusion matrix as a grid: the arrow keys walk through it, Enter or a click chooses a cell.

import { find, isTouched, make } from "../shared/dom.mjs"
import { fadeEdges } from "../shared/edges.mjs"
import { called, count, fixed, percent } from "../shared/numbers.mjs"
import { Matrix, MOST_CLASSES, moved, short, shortNames } from "./matrix.mjs"
import { parsed, readable, shade } from "./shades.mjs"

/**
 * @typedef {import("../shared/records.d.ts").ConfusionData} Data
 * @typedef {import("./matrix.mjs").Mode} Mode
 * @typedef {import("./matrix.mjs").Place} Place
 * @typedef {import("../shared/component.d.ts").Component<Data>} Component
 * @typedef {{ true: number, predicted: number }} Cell labels
 */

/** @type {[Mode, string][]} */
const MODES = [["counts", "images"], ["true", "% of true"], ["predicted", "% of predicted"]]
const UPRIGHT_CLASSES = 7
const BRIEF = 2
const FEW_CLASSES = 12
const LEGEND = "Blue is right, red is taken for another class; the stronger, the larger the share " +
  "of the"
const HINT = "Choose a cell to see its pictures: click, or arrow keys and Enter; " +
  "once more, or Escape, closes them."
const TOUCHED = "Tap a cell to see its pictures; once more closes them."

/** The grid of one component, with what is looked at and chosen in it. */
class Grid {
  /** @type {Mode} */
  mode = "counts"
  /** @type {number | null} */
  asked = null
  /** @type {Cell | null} */
  chosen = null
  /** @type {Place} the cell that the Tab key leads to */
  at = { row: 0, column: 0 }
  /** @type {number[]} labels of the drawn classes */
  labels = []
  /** @type {HTMLTableCellElement[][]} */
  cells = []

  /**
   * @param {HTMLElement} place
   * @param {Component} component
   */
  constructor(place, component) {
    this.place = place
    this.component = component
    this.matrix = new Matrix(component.data)
    const [label, predicted] = component.data.chosen
    if (label != null && predicted != null) this.chosen = { true: label, predicted }
    this.table = find(place, "table")
    this.build()
    const hint = find(place, ".cnnlab-confusion-more")
    fadeEdges(find(place, ".cnnlab-confusion-frame"), (edges) => { hint.hidden = !edges })
  }

  /** What stands around the cells, and the events. */
  build() {
    const bar = find(this.place, "fieldset"), many = this.matrix.classes.length > MOST_CLASSES
    const group = `cnnlab-cells-${this.component.data.version}`
    bar.replaceChildren(make("legend", "", "Cells show"), ...MODES.map(([mode, words]) => {
      const input = Object.assign(make("input"), { type: "radio", name: group, checked: mode === this.mode })
      input.addEventListener("change", () => { this.mode = mode; this.paint() })
      return make("label", "", input, words)
    }))
    const search = find(this.place, ".cnnlab-confusion-search")
    search.hidden = !many
    const field = /** @type {HTMLInputElement} */ (find(search, "input"))
    field.oninput = () => {
      this.asked = this.matrix.find(field.value)
      this.draw()
      if (field.value.trim() && this.asked == null) this.note("No class has this in its name. ")
    }
    this.table.setAttribute("aria-label",
      "Confusion matrix: a row is a true class, a column what it is taken for")
    this.table.onclick = (event) => this.meet(event)
    this.table.onkeydown = (event) => this.press(event)
    this.draw()
  }

  /** The table for the classes that are shown. */
  draw() {
    this.labels = this.matrix.drawn(this.asked)
    const names = this.labels.map((label) => this.matrix.classes[label])
    this.table.toggleAttribute("data-few", names.length <= FEW_CLASSES)
    const isBrief = names.every((name) => name.length <= BRIEF) // fits above its column as it is
    this.table.toggleAttribute("data-brief", isBrief)
    this.table.dataset.many = String(names.length > UPRIGHT_CLASSES && !isBrief)
    const shorter = shortNames(names)
    const header = (/** @type {number} */ at, /** @type {string} */ scope) => {
      const name = names[at], words = make("span", "", name), head = make("th", "", words)
      if (shorter[at] !== name) words.dataset.short = shorter[at]
      head.scope = scope
      head.title = name
      return head
    }
    const corner = make("th", "", "true ↓", make("br"), "taken for →")
    const top = make("tr", "", corner, ...names.map((_, at) => header(at, "col")))
    this.cells = this.labels.map(() => this.labels.map(() => {
      const cell = make("td")
      cell.setAttribute("role", "gridcell")
      return cell
    }))
    const rows = names.map((_, row) => make("tr", "", header(row, "row"), ...this.cells[row]))
    this.table.replaceChildren(make("thead", "", top), make("tbody", "", ...rows))
    const asked = this.asked == null ? undefined : this.labels.indexOf(this.asked)
    this.at = asked != null ? { row: asked, column: asked } : this.place_of(this.chosen) ?? this.worst()
    this.note()
    this.paint()
    if (asked != null) this.uncover(this.cells[asked][asked])
  }

  /**
   * Scroll the matrix, not the page, so that a cell lies in its middle.
   * @param {HTMLElement} cell
   */
  uncover(cell) {
    const frame = find(this.place, ".cnnlab-confusion-frame")
    frame.scrollTo(cell.offsetLeft - frame.clientWidth / 2, cell.offsetTop - frame.clientHeight / 2)
  }

  /** @param {Cell | null} cell */
  place_of(cell) {
    if (!cell) return undefined
    const row = this.labels.indexOf(cell.true), column = this.labels.indexOf(cell.predicted)
    return row < 0 || column < 0 ? undefined : { row, column }
  }

  /** The cell with the most mistakes: where a user most probably wants to begin. */
  worst() {
    let worst = { row: 0, column: 0 }, most = 0
    for (const [row, label] of this.labels.entries()) {
      for (const [column, predicted] of this.labels.entries()) {
        const images = label === predicted ? 0 : this.matrix.count(label, predicted)
        if (images > most) [worst, most] = [{ row, column }, images]
      }
    }
    return worst
  }

  /** @param {string} before what is said first */
  note(before = "") {
    const all = this.matrix.classes.length, note = find(this.place, ".cnnlab-confusion-note")
    const around = this.asked == null ? "those that are confused most"
      : `${called(this.matrix.classes[this.asked])} and what it is confused with`
    note.textContent = all > this.labels.length
      ? `${before}${this.labels.length} of ${all} classes are shown: ${around}.` : ""
  }

  /** Numbers, colours and what is chosen. */
  paint() {
    const page = parsed(getComputedStyle(document.querySelector("[data-testid=stApp]") ?? document.body)
      .backgroundColor)
    for (const [row, label] of this.labels.entries()) {
      for (const [column, predicted] of this.labels.entries()) {
        const cell = this.cells[row][column]
        const share = this.matrix.share(label, predicted, this.mode)
        const background = shade(share, row === column, page)
        cell.style.backgroundColor = share ? `rgb(${background.join(",")})` : ""
        cell.style.color = share ? `rgb(${readable(background).join(",")})` : ""
        cell.textContent = this.text(label, predicted)
        cell.dataset.short = this.mode === "counts" ? short(this.matrix.count(label, predicted)) : ""
        cell.setAttribute("aria-label", this.words(label, predicted))
        cell.title = this.words(label, predicted)
      }
    }
    const whole = this.mode === "predicted" ? "predicted class" : "true class"
    find(this.place, ".cnnlab-confusion-legend").textContent = `${LEGEND} ${whole}. ` +
      (isTouched() ? TOUCHED : HINT)
    this.mark()
  }

  /**
   * What is written in a cell; nothing where nothing was confused, so that the rest stands out.
   * @param {number} label
   * @param {number} predicted
   */
  text(label, predicted) {
    const images = this.matrix.count(label, predicted)
    if (!images) return ""
    if (this.mode === "counts") return count(images)
    return fixed(100 * this.matrix.share(label, predicted, this.mode), 0)
  }

  /**
   * A cell in words.
   * @param {number} label
   * @param {number} predicted
   */
  words(label, predicted) {
    const images = this.matrix.count(label, predicted)
    const [what, said] = [label, predicted].map((one) => called(this.matrix.classes[one]))
    const share = percent(this.matrix.share(label, predicted, this.mode))
    const whole = this.mode === "predicted" ? `all taken for ${said}` : `all ${what}`
    const taken = label === predicted ? `${what} recognized`
      : `${what} taken for ${said}`
    return `${taken}: ${count(images)} ${images === 1 ? "image" : "images"}, ${share} of ${whole}`
  }

  /** Which cell the Tab key leads to and which is chosen. */
  mark() {
    const chosen = this.place_of(this.chosen)
    for (const [row, cells] of this.cells.entries()) {
      for (const [column, cell] of cells.entries()) {
        cell.tabIndex = row === this.at.row && column === this.at.column ? 0 : -1
        cell.setAttribute("aria-selected", String(row === chosen?.row && column === chosen?.column))
      }
    }
    const heads = this.table.querySelectorAll("thead th"), sides = this.table.querySelectorAll("tbody th")
    for (const [index, label] of this.labels.entries()) {
      const isAsked = label === this.asked
      heads[index + 1].toggleAttribute("data-on", isAsked || label === this.chosen?.predicted)
      sides[index].toggleAttribute("data-on", isAsked || label === this.chosen?.true)
    }
  }

  /** @param {Event} event */
  meet(event) {
    const cell = event.target instanceof Element ? event.target.closest("td") : null
    const row = this.cells.findIndex((cells) => cell && cells.includes(cell))
    if (!cell || row < 0) return
    this.at = { row, column: this.cells[row].indexOf(cell) }
    this.choose()
  }

  /** Choose the cell that the Tab key leads to; one that is chosen already isn't any more. */
  choose() {
    const { row, column } = this.at, chosen = this.place_of(this.chosen)
    if (chosen?.row === row && chosen.column === column) return this.close()
    this.chosen = { true: this.labels[this.at.row], predicted: this.labels[this.at.column] }
    this.mark()
    const { data, setStateValue } = this.component
    setStateValue("cell", { version: data.version, ...this.chosen })
  }

  /** No cell is chosen any more. */
  close() {
    this.chosen = null
    this.mark()
    this.component.setStateValue("cell", null)
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const leads = moved(event, this.at, this.labels.length)
    if (leads) {
      this.at = leads
      this.mark()
      this.cells[leads.row][leads.column].focus()
    } else if (event.key === "Enter" || event.key === " ") {
      this.choose()
    } else if (event.key === "Escape" && this.chosen) {
      this.close()
    } else {
      return
    }
    event.preventDefault()
  }
}

/** @type {WeakMap<HTMLElement, Grid>} */
const grids = new WeakMap()

/** @type {import("../shared/component.d.ts").Draw<Data>} */
export default function draw(component) {
  const place = find(component.parentElement, ".cnnlab-confusion")
  const grid = grids.get(place)
  if (grid?.component.data.version !== component.data.version) {
    grids.set(place, new Grid(place, component))
  } else {
    grid.component = component
    grid.paint() // the theme may be another one
  }
}
