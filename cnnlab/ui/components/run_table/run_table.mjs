// Runs as a table: real rows, links and boxes, so that keys, readers and other tabs work with them.

import { find, goesElsewhere, make, pressable, tell } from "../shared/dom.mjs"
import { columnHead, drawnBy } from "../shared/rows.mjs"
import { curveBox, drawCurve } from "../shared/sparkline.mjs"
import { Ticks } from "./ticks.mjs"

/**
 * @typedef {import("../shared/records.d.ts").RunTableData} Data
 * @typedef {import("../shared/records.d.ts").RunColumn} RunColumn
 * @typedef {import("../shared/records.d.ts").RunLine} RunLine
 * @typedef {import("../shared/component.d.ts").Component<Data>} Component
 * @typedef {{ row: HTMLTableRowElement, box: HTMLInputElement, star: HTMLButtonElement,
 *   name: HTMLAnchorElement, cells: HTMLElement[] }} Line
 */

/** The table of one component. */
class Table {
  ticks = new Ticks()
  /** @type {Map<string, Line>} */
  lines = new Map()
  columns = ""
  all = make("input")

  /**
   * @param {HTMLElement} place
   * @param {Component} component
   */
  constructor(place, component) {
    this.place = place
    this.component = component
    this.body = find(place, "tbody")
    this.all.type = "checkbox"
    this.all.setAttribute("aria-label", "Choose all runs of this page")
    this.all.onchange = () => {
      this.ticks.setAll(this.component.data.rows, this.all.checked)
      this.tellTicks()
    }
  }

  /**
   * @param {string} action
   * @param {string} of
   */
  ask(action, of) {
    this.component.setTriggerValue("asked", { action, of })
  }

  tellTicks() {
    const { rows } = this.component.data
    this.paintTicks()
    this.component.setStateValue("ticked", { ...this.ticks.told(rows), at: Date.now() })
  }

  /** The head; new columns make all rows anew. */
  build() {
    const { columns } = this.component.data
    const shape = JSON.stringify(columns.map(({ name, label, kind }) => [name, label, kind]))
    if (shape === this.columns) return
    this.columns = shape
    this.lines.clear()
    this.body.replaceChildren()
    const star = make("th", "cnnlab-runs-star"), title = this.head("name", "Run", "", "text")
    star.setAttribute("aria-label", "Star")
    title.classList.add("cnnlab-rows-name")
    const cells = [
      make("th", "cnnlab-runs-tick", make("label", "", this.all)), star, title,
      ...columns.map(({ name, label, help, kind }) => this.head(name, label, help, kind)),
    ]
    for (const cell of cells) cell.scope = "col"
    find(this.place, "thead tr").replaceChildren(...cells)
  }

  /**
   * @param {string} name
   * @param {string} label
   * @param {string} help
   * @param {string} kind
   */
  head(name, label, help, kind) {
    const cell = columnHead(label, help, kind, () => this.ask("sort", name))
    cell.dataset.field = name
    return cell
  }

  /**
   * @param {string} id
   * @returns {Line}
   */
  line(id) {
    const { columns, page } = this.component.data
    const name = make("a")
    name.href = `${page}${encodeURIComponent(id)}`
    name.onclick = (event) => {
      if (goesElsewhere(event)) return
      event.preventDefault()
      this.ask("open", id)
    }
    const title = make("th", "cnnlab-rows-name", name)
    title.scope = "row"
    const cells = columns.map(({ kind, label, name: field }) => {
      const cell = make("td", `cnnlab-rows-${kind}`)
      cell.dataset.label = label
      cell.dataset.field = field
      if (kind === "curve") cell.append(curveBox())
      return cell
    })
    const row = make("tr", "", title, ...cells)
    row.onclick = (event) => {
      const target = /** @type {Element} */ (event.target)
      if (!target.closest("a, button, label") && !getSelection()?.toString()) this.ask("open", id)
    }
    return { row, name, cells, ...this.marks(row, id) }
  }

  /**
   * The box and the star before a row's name.
   * @param {HTMLTableRowElement} row
   * @param {string} id
   */
  marks(row, id) {
    const box = make("input")
    box.type = "checkbox"
    let isRange = false
    box.onclick = (event) => { isRange = event.shiftKey }
    box.onchange = () => {
      this.ticks.set(this.component.data.rows, id, box.checked, isRange)
      this.tellTicks()
    }
    const star = pressable("☆", () => this.ask("star", id))
    row.prepend(make("td", "cnnlab-runs-tick", make("label", "", box)), make("td", "cnnlab-runs-star", star))
    return { box, star }
  }

  paint() {
    const { above, rows, columns, version, sorted } = this.component.data
    tell(find(this.place, ".cnnlab-rows-above"), above)
    this.ticks.follow(version, rows)
    this.build()
    for (const cell of this.place.querySelectorAll("thead [data-field]")) {
      const field = /** @type {HTMLElement} */ (cell).dataset.field
      const way = field === "name" ? sorted : columns.find(({ name }) => name === field)?.sorted
      if (way) cell.setAttribute("aria-sort", way)
      else cell.removeAttribute("aria-sort")
    }
    const shown = new Set(rows.map(({ id }) => id))
    for (const [id, line] of this.lines) {
      if (shown.has(id)) continue
      line.row.remove()
      this.lines.delete(id)
    }
    rows.forEach((row, at) => this.paintRow(row, at))
    this.paintTicks()
  }

  /**
   * A row stays the same element while what it says changes: so a key's focus stays in it.
   * @param {RunLine} row
   * @param {number} at
   */
  paintRow(row, at) {
    let line = this.lines.get(row.id)
    if (!line) this.lines.set(row.id, line = this.line(row.id))
    if (this.body.children[at] !== line.row) this.body.insertBefore(line.row, this.body.children[at] ?? null)
    tell(line.name, row.name)
    line.row.dataset.status = row.status
    line.box.setAttribute("aria-label", `Choose ${row.name}`)
    tell(line.star, row.starred ? "★" : "☆")
    line.star.setAttribute("aria-pressed", String(row.starred))
    line.star.setAttribute("aria-label", `Star ${row.name}`)
    line.star.disabled = Boolean(this.component.data.locked)
    line.star.title = this.component.data.locked
    line.cells.forEach((cell, place) => {
      cell.dataset.card = this.component.data.columns[place].card
      if (this.component.data.columns[place].kind === "curve") {
        drawCurve(cell, row.curve)
        return
      }
      tell(cell, row.cells[place])
      cell.title = row.cells[place]
    })
  }

  paintTicks() {
    const { rows } = this.component.data
    for (const { id } of rows) {
      const line = this.lines.get(id)
      if (!line) continue
      line.box.checked = this.ticks.ids.has(id)
      line.row.toggleAttribute("data-ticked", line.box.checked)
    }
    const ticked = rows.filter(({ id }) => this.ticks.ids.has(id)).length
    this.all.checked = ticked > 0 && ticked === rows.length
    this.all.indeterminate = ticked > 0 && ticked < rows.length
  }
}

export default drawnBy(".cnnlab-runs", Table)
