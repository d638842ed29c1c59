// An axis that grows with what is drawn along it, and still keeps the zoom of who looks closer.

/** @typedef {{ range: number[], uirevision: string, [other: string]: unknown }} Axis of a chart */

/**
 * The range to give to a chart that may be zoomed. Plotly keeps a zoom as long as nothing else moves
 * the axis, so until it is taken back the axis doesn't grow.
 * @param {{ first: number[], given: number[] } | undefined} before what the chart was given at first
 *   and last; undefined for a new one
 * @param {unknown[] | undefined} seen what it shows
 * @param {number[]} wanted
 */
export function keptRange(before, seen, wanted) {
  if (!before || !seen) return { first: wanted, given: wanted }
  const isZoomed = [before.given, before.first].every((range) => String(range) !== String(seen))
  return { first: before.first, given: isZoomed ? before.given : wanted }
}

/** @type {WeakMap<HTMLElement, { of: string, first: number[], given: number[] }>} of the charts */
const ranges = new WeakMap()

/**
 * The axis to draw a chart with: as it is wanted, or, zoomed, as it was.
 * @param {HTMLElement} place in which Plotly draws it
 * @param {Axis} axis what it is to show; under another `uirevision` it begins anew
 * @returns {Axis}
 */
export function zoomable(place, axis) {
  const before = ranges.get(place)
  const isSame = before?.of === axis.uirevision && "layout" in place
  const drawn = /** @type {import("./plotly.d.ts").Drawn} */ (place)
  const shown = isSame ? /** @type {{ range?: unknown[] }} */ (drawn.layout.xaxis) : undefined
  const range = keptRange(isSame ? before : undefined, shown?.range, axis.range)
  ranges.set(place, { of: axis.uirevision, ...range })
  return { ...axis, range: [...range.given] } // Plotly writes a zoom into what it was given
}
