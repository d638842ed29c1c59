// A table of real rows, heads and links, so that keys, readers and other tabs work with it.

import { find, goesElsewhere, make, tell } from "../shared/dom.mjs"
import { UNKNOWN } from "../shared/numbers.mjs"
import { columnHead, drawnBy } from "../shared/rows.mjs"
import { curveBox, drawCurve } from "../shared/sparkline.mjs"
import { inOrder, turned } from "./order.mjs"
import { Picks } from "./picks.mjs"

/**
 * @typedef {import("../shared/records.d.ts").TableData} Data
 * @typedef {import("../shared/records.d.ts").TableRow} Row
 * @typedef {import("../shared/component.d.ts").Component<Data>} Component
 * @typedef {{ row: HTMLTableRowElement, name: HTMLElement, cells: HTMLElement[] }} Line
 */

const UNSORTED = new Set(["curve", "picture"])

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

/** The place of a picture, which its row's name tells: it is fetched once it comes into sight. */
function pictureBox() {
  const image = make("img")
  image.alt = ""
  image.loading = "lazy"
  return image
}

/** The place of a drawing before the name of a row. */
function markBox() {
  const mark = make("img", "cnnlab-table-mark")
  mark.alt = ""
  return mark
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
    this.picks = new Picks((ids) => this.component.setStateValue("ticked", ids))
  }

  /** @param {Row} row */
  open(row) {
    this.component.setTriggerValue("opened", row.id)
  }

  /** Head and rows; they stay the same elements while only what they say changes. */
  build() {
    const { columns, rows, page, ticked } = this.component.data
    const shape = JSON.stringify([columns, rows.map(({ id }) => id), page, this.order])
    if (shape === this.shape) return
    this.shape = shape
    const heads = columns.map(({ label, help, kind }) => {
      const cell = columnHead(label, help, kind, UNSORTED.has(kind) ? null : () => this.sort(label, kind))
      if (this.order?.column === label) cell.setAttribute("aria-sort", this.order.way)
      return cell
    })
    if (ticked) heads.unshift(this.picks.head())
    find(this.place, "thead tr").replaceChildren(...heads)
    this.lines = rows.map(() => this.line())
    if (ticked) this.lines.forEach(({ row }, at) => row.prepend(this.picks.cell(at)))
    find(this.place, "tbody").replaceChildren(...this.lines.map(({ row }) => row))
  }

  /** @returns {Line} */
  line() {
    const { columns, page, rows, ticked } = this.component.data
    const opens = !ticked && rows.some(({ id }) => id)
    const name = make(opens ? (page ? "a" : "button") : "span")
    const cells = columns.map(({ kind, label, card }, place) => {
      const cell = make(place ? "td" : "th", place ? `cnnlab-rows-${kind}` : "cnnlab-rows-name")
      cell.dataset.label = label
      cell.dataset.card = card
      if (kind === "curve") cell.append(curveBox())
      else if (kind === "picture") cell.append(pictureBox())
      else if (place) cell.append(...(kind === "bar" ? [make("i"), make("span")] : [make("span")]))
      else cell.append(...rows.some(({ mark }) => mark) ? [markBox(), name] : [name])
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
    const { above, columns, name, rows, ticked } = this.component.data
    tell(find(this.place, ".cnnlab-rows-above"), above)
    this.place.setAttribute("aria-label", name)
    this.build()
    const shown = inOrder(rows, columns, this.order)
    shown.forEach((row, at) => this.paintRow(row, this.lines[at]))
    if (ticked) this.picks.paint(shown, ticked)
  }

  /**
   * @param {Row} row
   * @param {Line} line
   */
  paintRow(row, line) {
    const { columns, page, chosen, ticked } = this.component.data
    const opens = !ticked && Boolean(row.id)
    line.row.toggleAttribute("data-opens", opens)
    line.row.toggleAttribute("data-chosen", opens && row.id === chosen)
    line.row.onclick = (event) => {
      const target = /** @type {Element} */ (event.target)
      if (!opens || (goesElsewhere(event) && target.closest("a")) || getSelection()?.toString()) return
      event.preventDefault()
      this.open(row)
    }
    lead(line.name, page, row.id)
    if (row.mark) line.cells[0].querySelector("img")?.setAttribute("src", row.mark)
    row.cells.forEach(({ text, value, curve }, place) => {
      const cell = line.cells[place], { kind } = columns[place]
      if (kind === "curve") {
        drawCurve(cell, curve)
        return
      }
      if (kind === "picture") {
        const image = /** @type {HTMLImageElement} */ (find(cell, "img"))
        image.hidden = !text
        if (text && image.getAttribute("src") !== text) image.src = text
        return
      }
      cell.toggleAttribute("data-empty", !text || text === UNKNOWN)
      tell(place ? find(cell, "span") : line.name, text)
      if (kind === "bar" && place) find(cell, "i").style.setProperty("--share", String(value ?? 0))
    })
  }
}

export default drawnBy(".cnnlab-table", Table)
