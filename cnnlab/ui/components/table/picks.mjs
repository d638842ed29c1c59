// The boxes before the rows of a table, which select them.

import { make } from "../shared/dom.mjs"
import { Ticks } from "../run_table/ticks.mjs"

/** @typedef {import("../shared/records.d.ts").TableRow} Row */

/** The boxes of one table. */
export class Picks {
  ticks = new Ticks()
  all = box("Select all that are shown")
  /** @type {Row[]} in the order in which they are shown */
  rows = []
  /** @type {HTMLInputElement[]} of the rows */
  boxes = []

  /** @param {(ids: string[]) => void} tell what is selected, whenever that changes */
  constructor(tell) {
    this.tell = () => {
      this.#mark()
      tell(this.ticks.told(this.rows).ticked)
    }
    this.all.onchange = () => {
      this.ticks.setAll(this.rows, this.all.checked)
      this.tell()
    }
  }

  head() {
    const cell = make("th", "cnnlab-rows-tick", make("label", "", this.all))
    cell.scope = "col"
    return cell
  }

  /** @param {number} at place of the row */
  cell(at) {
    const own = box("")
    let isRange = false
    own.onclick = (event) => { isRange = event.shiftKey }
    own.onchange = () => {
      this.ticks.set(this.rows, this.rows[at].id, own.checked, isRange)
      this.tell()
    }
    this.boxes[at] = own
    return make("td", "cnnlab-rows-tick", make("label", "", own))
  }

  /**
   * @param {Row[]} rows in the order in which they are shown
   * @param {string[]} held ids that the page holds as selected: where the table is new, they are
   */
  paint(rows, held) {
    this.rows = rows
    this.ticks.follow("held", rows.map(({ id }) => ({ id, ticked: held.includes(id) })))
    rows.forEach(({ cells }, at) => this.boxes[at].setAttribute("aria-label", `Select ${cells[0].text}`))
    this.#mark()
  }

  #mark() {
    this.rows.forEach(({ id }, at) => {
      this.boxes[at].checked = this.ticks.ids.has(id)
      this.boxes[at].closest("tr")?.toggleAttribute("data-chosen", this.boxes[at].checked)
    })
    const count = this.ticks.told(this.rows).ticked.length
    this.all.checked = count > 0 && count === this.rows.length
    this.all.indeterminate = count > 0 && count < this.rows.length
  }
}

/** @param {string} label */
function box(label) {
  const input = make("input")
  input.type = "checkbox"
  input.setAttribute("aria-label", label)
  return input
}
