// A table of real rows, heads and links, so that keys, readers and other tabs work with it.

import { find, goesElsewhere, make, tell } from "../shared/dom.mjs"
import { UNKNOWN } from "../shared/numbers.mjs"
import { columnHead, drawnBy } from "../shared/rows.mjs"
import { curveBox, drawCurve } from "../shared/sparkline.mjs"
import { inOrder, turned } from "./order.mjs"

/**
 * @typedef {import("../shared/records.d.ts").TableData} Data
 * @typedef {import("../shared/records.d.ts").TableRow} Row
 * @typedef {import("../shared/component.d.ts").Component<Data>} Component
 * @typedef {{ row: HTMLTableRowElement, name: HTMLElement, cells: HTMLElement[] }} Line
 */

/**
 * Have the name of a row lead to its page; one that opens nothing is no link, not even by keys.
 * @param {Pick<HTMLElement, "setAttribute" | "removeAttribute">} name
 * @param {string} page
 * @param {string} id
 */
export function lead(name, page, id) {
  if (page && id) name.setAttribute("href", `${page}${encodeURIComponent(id)}`)
  else name.removeAttribute("href")
}

/** The table of one component. */
class Table {
  shape = ""
  /** @type {Line[]} */
  lines = []
  /** @type {import("./order.mjs").Order} */
  order = null

  /**
   * @param {HTMLElement} place
   * @param {Component} component
   */
  constructor(place, component) {
    this.place = place
    this.component = component
  }

  /** @param {Row} row */
  open(row) {
    this.component.setTriggerValue("opened", row.id)
  }

  /** Head and rows; they stay the same elements while only what they say changes. */
  build() {
    const { columns, rows, page } = this.component.data
    const shape = JSON.stringify([columns, rows.map(({ id }) => id), page, this.order])
    if (shape === this.shape) return
    this.shape = shape
    const heads = columns.map(({ label, help, kind }) => {
      const cell = columnHead(label, help, kind, kind === "curve" ? null : () => this.sort(label, kind))
      if (this.order?.column === label) cell.setAttribute("aria-sort", this.order.way)
      return cell
    })
    find(this.place, "thead tr").replaceChildren(...heads)
    this.lines = rows.map(() => this.line())
    find(this.place, "tbody").replaceChildren(...this.lines.map(({ row }) => row))
  }

  /** @returns {Line} */
  line() {
    const { columns, page, rows } = this.component.data
    const opens = rows.some(({ id }) => id)
    const name = make(opens ? (page ? "a" : "button") : "span")
    const cells = columns.map(({ kind, label }, place) => {
      const cell = make(place ? "td" : "th", place ? `cnnlab-rows-${kind}` : "cnnlab-rows-name")
      cell.dataset.label = label
      if (kind === "curve") cell.append(curveBox())
      else if (place) cell.append(...(kind === "bar" ? [make("i"), make("span")] : [make("span")]))
      else cell.append(name)
      if (!place) cell.setAttribute("scope", "row")
      return cell
    })
    return { row: make("tr", "", ...cells), name, cells }
  }

  /**
   * @param {string} column
   * @param {string} kind
   */
  sort(column, kind) {
    this.order = turned(this.order, column, kind)
    this.paint()
  }

  paint() {
    const { columns, name, rows } = this.component.data
    this.place.setAttribute("aria-label", name)
    this.build()
    inOrder(rows, columns, this.order).forEach((row, at) => this.paintRow(row, this.lines[at]))
  }

  /**
   * @param {Row} row
   * @param {Line} line
   */
  paintRow(row, line) {
    const { columns, page, chosen } = this.component.data
    line.row.toggleAttribute("data-opens", Boolean(row.id))
    line.row.toggleAttribute("data-chosen", Boolean(row.id) && row.id === chosen)
    line.row.onclick = (event) => {
      const target = /** @type {Element} */ (event.target)
      if (!row.id || (goesElsewhere(event) && target.closest("a")) || getSelection()?.toString()) return
      event.preventDefault()
      this.open(row)
    }
    lead(line.name, page, row.id)
    row.cells.forEach(({ text, value, curve }, place) => {
      const cell = line.cells[place], { kind } = columns[place]
      if (kind === "curve") {
        drawCurve(cell, curve)
        return
      }
      cell.toggleAttribute("data-empty", !text || text === UNKNOWN)
      tell(place ? find(cell, "span") : line.name, text)
      if (kind === "bar" && place) find(cell, "i").style.setProperty("--share", String(value ?? 0))
    })
  }
}

export default drawnBy(".cnnlab-table", Table)
