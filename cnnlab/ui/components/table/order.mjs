// In which order the rows of a table stand once a head was clicked.

/**
 * @typedef {import("../shared/records.d.ts").TableRow} Row
 * @typedef {{ label: string }} Column
 * @typedef {{ column: string, way: "ascending" | "descending" } | null} Order
 */

/**
 * A second click on a head turns its order round; numbers begin with the greatest.
 * @param {Order} order
 * @param {string} column its label: its place changes with the columns before it
 * @param {string} kind
 * @returns {Order}
 */
export function turned(order, column, kind) {
  const first = kind === "text" ? "ascending" : "descending"
  if (order?.column !== column) return { column, way: first }
  return { column, way: order.way === "ascending" ? "descending" : "ascending" }
}

/**
 * The rows in an order; what isn't known is always last. Without its column they stand as given.
 * @param {Row[]} rows
 * @param {Column[]} columns
 * @param {Order} order
 */
export function inOrder(rows, columns, order) {
  const column = columns.findIndex(({ label }) => label === order?.column)
  if (!order || column < 0) return rows
  const sign = order.way === "ascending" ? 1 : -1
  const isNumber = rows.some(({ cells }) => cells[column].value !== null)
  return [...rows].sort((one, other) => {
    const a = one.cells[column], b = other.cells[column]
    if (!isNumber) return sign * a.text.localeCompare(b.text, undefined, { numeric: true })
    if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null)
    return sign * (a.value - b.value)
  })
}
