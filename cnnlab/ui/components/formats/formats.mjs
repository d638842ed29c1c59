// The formats of a model as a table: ticking costs nothing, a press tells the page what is wanted.

import { find, make, pressable, tell } from "../shared/dom.mjs"
import { dataSize, UNKNOWN } from "../shared/numbers.mjs"
import { isTickable, possible } from "./ticked.mjs"

/**
 * @typedef {import("../shared/records.d.ts").FormatsData} Data
 * @typedef {import("../shared/records.d.ts").FormatRow} FormatRow
 * @typedef {import("../shared/component.d.ts").Component<Data>} Component
 * @typedef {{ row: HTMLTableRowElement, box: HTMLInputElement, name: HTMLButtonElement,
 *   cells: Record<string, HTMLElement> }} Line
 */

/** Class of a cell, and what it says. @type {[string, string, (row: FormatRow) => string][]} */
const CELLS = [
  ["state", "State", (row) => row.words],
  ["size", "Size", (row) => (row.bytes ? dataSize(row.bytes) : UNKNOWN)],
  ["agreement", "Same as the model?", (row) => row.agreement || UNKNOWN],
  ["accuracy", "Accuracy", (row) => row.accuracy || UNKNOWN],
  ["time", "An image", (row) => row.milliseconds || UNKNOWN],
  ["memory", "Memory", (row) => row.memory || UNKNOWN],
  ["needs", "Runs in", (row) => row.needs],
]

/** The table of one component, with what is ticked in it. */
class Table {
  /** @type {Set<string>} */
  ticked = new Set()
  /** @type {Map<string, Line>} */
  lines = new Map()

  /**
   * @param {HTMLElement} place
   * @param {Component} component
   */
  constructor(place, component) {
    this.place = place
    this.component = component
    const all = this.all = /** @type {HTMLInputElement} */ (find(place, "[data-all]"))
    all.onchange = () => {
      for (const row of this.rows().filter(isTickable)) this.ticked[all.checked ? "add" : "delete"](row.name)
      this.paint()
    }
    for (const action of ["prepare", "cancel"]) {
      find(place, `button[data-do=${action}]`).onclick = () => {
        this.ask(action, action === "prepare" ? this.can().prepare : this.can().cancel)
      }
    }
    this.build()
  }

  rows() {
    return this.component.data.rows
  }

  can() {
    return possible(this.rows(), this.ticked)
  }

  /**
   * @param {string} action
   * @param {string[]} names
   */
  ask(action, names) {
    if (names.length) this.component.setTriggerValue("asked", { action, names })
  }

  /** A body for each group, a line for each format. */
  build() {
    for (const body of this.place.querySelectorAll("tbody")) body.remove()
    this.lines.clear()
    const bodies = new Map()
    for (const row of this.rows()) {
      if (!bodies.has(row.group)) {
        const head = make("th", "", row.group)
        head.scope = "rowgroup"
        bodies.set(row.group, make("tbody", "", make("tr", "cnnlab-formats-group", head)))
      }
      const line = this.line(row)
      this.lines.set(row.name, line)
      bodies.get(row.group).append(line.row)
    }
    find(this.place, "table").append(...bodies.values())
  }

  /**
   * @param {FormatRow} row
   * @returns {Line}
   */
  line(row) {
    const box = make("input")
    box.type = "checkbox"
    box.setAttribute("aria-label", `Choose ${row.title}`)
    box.onchange = () => {
      this.ticked[box.checked ? "add" : "delete"](row.name)
      this.paint()
    }
    const name = pressable(row.title, () => {
      this.component.data.chosen = row.name // seen at once; the page follows
      this.paint()
      this.ask("show", [row.name])
    })
    const head = make("th", "", name, make("small", "", row.purpose))
    head.scope = "row"
    /** @type {Record<string, HTMLElement>} */
    const cells = {}
    for (const [key, label] of CELLS) {
      cells[key] = make("td", `cnnlab-formats-${key}`)
      cells[key].dataset.label = label
    }
    return { row: make("tr", "", make("td", "", box), head, ...Object.values(cells)), box, name, cells }
  }

  /** What stands in the lines and below them. */
  paint() {
    const { chosen, address, rest } = this.component.data
    for (const row of this.rows()) {
      const line = this.lines.get(row.name)
      if (!line) continue
      if (!isTickable(row)) this.ticked.delete(row.name)
      line.box.disabled = !isTickable(row)
      line.box.checked = this.ticked.has(row.name)
      line.row.dataset.stage = row.stage
      line.row.toggleAttribute("data-chosen", row.name === chosen)
      line.name.setAttribute("aria-pressed", String(row.name === chosen))
      for (const [key, , said] of CELLS) tell(line.cells[key], said(row))
    }
    this.paintColumns()
    const can = this.can(), tickable = this.rows().filter(isTickable)
    this.all.checked = tickable.length > 0 && tickable.every((row) => this.ticked.has(row.name))
    this.all.indeterminate = !this.all.checked && tickable.some((row) => this.ticked.has(row.name))
    tell(find(this.place, "[role=status]"), can.words)
    find(this.place, "button[data-do=prepare]").hidden = !can.prepare.length
    find(this.place, "button[data-do=cancel]").hidden = !can.cancel.length
    const link = /** @type {HTMLAnchorElement} */ (find(this.place, "a[data-do=download]"))
    link.hidden = !can.download.length
    link.href = `${address}${can.download.join(",")}${rest}`
  }

  /** A column that nothing is known of yet isn't there. */
  paintColumns() {
    const heads = this.place.querySelectorAll("thead th"), before = heads.length - CELLS.length
    const empty = CELLS.map(([, , said]) => this.rows().every((row) => said(row) === UNKNOWN))
    CELLS.forEach(([key], at) => {
      for (const cell of [heads[before + at], ...[...this.lines.values()].map((line) => line.cells[key])]) {
        /** @type {HTMLElement} */ (cell).hidden = empty[at]
      }
    })
    const columns = heads.length - empty.filter(Boolean).length
    for (const head of this.place.querySelectorAll(".cnnlab-formats-group th")) {
      head.setAttribute("colspan", String(columns))
    }
  }
}

/** @type {WeakMap<HTMLElement, Table>} */
const tables = new WeakMap()

/** @type {import("../shared/component.d.ts").Draw<Data>} */
export default function draw(component) {
  const place = find(component.parentElement, ".cnnlab-formats")
  let table = tables.get(place)
  const names = component.data.rows.map((row) => row.name).join()
  const is = `${component.data.version} ${names}`
  if (!table || place.dataset.is !== is) {
    table = new Table(place, component)
    tables.set(place, table)
    place.dataset.is = is
  }
  table.component = component
  table.paint()
}
