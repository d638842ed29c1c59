// A small curve in a row.

const BOX = { width: 96, height: 24 }
const SVG = "http://www.w3.org/2000/svg"

/**
 * The points of a curve in a box, as an SVG polyline wants them.
 * @param {number[]} values 0..1
 * @param {number} width
 * @param {number} height
 */
export function polyline(values, width, height) {
  const step = values.length > 1 ? width / (values.length - 1) : 0
  const clipped = values.map((value) => Math.min(1, Math.max(0, value)))
  return clipped.map((value, at) => `${(at * step).toFixed(1)},${(height * (1 - value)).toFixed(1)}`).join(" ")
}

/** A place for a curve, without one. */
export function curveBox() {
  const box = document.createElementNS(SVG, "svg")
  box.setAttribute("viewBox", `-1 -1 ${BOX.width + 2} ${BOX.height + 2}`)
  box.setAttribute("aria-hidden", "true")
  box.append(document.createElementNS(SVG, "polyline"))
  return box
}

/**
 * Draw a curve into its place.
 * @param {Element} place with a `curveBox` in it
 * @param {number[]} values 0..1
 */
export function drawCurve(place, values) {
  place.querySelector("polyline")?.setAttribute("points", polyline(values, BOX.width, BOX.height))
}
