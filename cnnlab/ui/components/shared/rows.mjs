// What every table of rows does; how they look says `rows.css`.

import { find, make, pressable, tell } from "./dom.mjs"

/**
 * The head of a column.
 * @param {string} label
 * @param {string} help what it means; empty where the label says it
 * @param {string} kind
 * @param {(() => void) | null} sort what a press does; null where it isn't sorted by it
 */
export function columnHead(label, help, kind, sort) {
  const cell = make("th", `cnnlab-rows-${kind}`, sort ? pressable(label, sort) : label)
  cell.scope = "col"
  if (help) cell.title = help
  return cell
}

/**
 * Where a table that is too high ends, so that no row is cut.
 * @param {number[]} bottoms of its rows, px from its top
 * @param {number} room for them, px; all of them have it where it is enough
 * @returns {{ end: number, left: number }} px, and how many rows are below; one is always shown
 */
export function wholeRows(bottoms, room) {
  const fitting = bottoms.filter((bottom) => bottom <= room).length
  const shown = Math.min(Math.max(1, fitting), bottoms.length)
  return { end: bottoms[shown - 1] ?? 0, left: bottoms.length - shown }
}

/**
 * Have a table end at a whole row, and say how many more there are; a press shows them all. What it
 * may have at most, and how many cards a phone shows at first, says `rows.css`.
 * @param {HTMLElement} place
 */
function endAtWholeRow(place) {
  const table = find(place, "table")
  const more = pressable("", () => {
    place.dataset.whole = ""
    fit()
  })
  more.className = "cnnlab-rows-more"
  place.append(more)
  function fit() {
    const rows = /** @type {HTMLElement[]} */ ([...place.querySelectorAll("tbody tr")])
    const told = (/** @type {number} */ left) => tell(more, `${left} more: show all ${rows.length}`)
    place.style.maxHeight = ""
    more.hidden = true
    told(0) // as high as with any other number
    let left = rows.filter((row) => !row.offsetHeight).length // cards that a phone leaves out
    if (!left && place.scrollHeight > place.clientHeight + 1) {
      more.hidden = false
      const frame = place.offsetHeight - place.clientHeight
      const bottoms = rows.map((row) => row.offsetTop + row.offsetHeight)
      const fitting = wholeRows(bottoms, place.clientHeight - more.offsetHeight)
      left = fitting.left
      place.style.maxHeight = `${fitting.end + more.offsetHeight + frame}px`
    }
    more.hidden = !left || !table.offsetHeight // nothing can be said of what isn't in sight
    told(left)
  }
  new ResizeObserver(fit).observe(table)
}

/**
 * @template Data
 * @typedef {import("./component.d.ts").Component<Data>} Component
 */

/**
 * @template Data
 * @typedef {{ component: Component<Data>, paint(): void }} Painted
 */

/**
 * How a component is drawn by a table that stays with its place.
 * @template Data
 * @param {string} selector of the place
 * @param {new (place: HTMLElement, component: Component<Data>) => Painted<Data>} Table
 * @returns {import("./component.d.ts").Draw<Data>}
 */
export function drawnBy(selector, Table) {
  /** @type {WeakMap<HTMLElement, Painted<Data>>} */
  const tables = new WeakMap()
  return (component) => {
    const place = find(component.parentElement, selector)
    let table = tables.get(place)
    if (!table) {
      tables.set(place, table = new Table(place, component))
      endAtWholeRow(place)
    }
    table.component = component
    table.paint()
  }
}
