// What every table of rows does; how they look says `rows.css`.

import { find, make, pressable } from "./dom.mjs"

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
    if (!table) tables.set(place, table = new Table(place, component))
    table.component = component
    table.paint()
  }
}
