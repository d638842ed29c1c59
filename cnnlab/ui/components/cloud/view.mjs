// A plane seen through a window: both axes have one scale, so that distances can be compared.

/**
 * @typedef {{ scale: number, x: number, y: number }} View px for a unit, and where 0, 0 lies, px;
 *   up is up
 * @typedef {{ x: number, y: number }} Point
 */

const PADDING_PX = 16
const FLATTEST = 1e-9

/**
 * The view that shows all points.
 * @param {{ x: number[], y: number[] }} points
 * @param {number} width px
 * @param {number} height px
 * @returns {View}
 */
export function fitted({ x, y }, width, height) {
  const [left, right] = ends(x), [low, high] = ends(y)
  const scale = Math.min((width - 2 * PADDING_PX) / Math.max(right - left, FLATTEST),
    (height - 2 * PADDING_PX) / Math.max(high - low, FLATTEST))
  const usual = Number.isFinite(scale) && right - left + high - low > FLATTEST ? scale : 1
  return { scale: usual, x: width / 2 - usual * (left + right) / 2, y: height / 2 + usual * (low + high) / 2 }
}

/** @param {number[]} values */
function ends(values) {
  let low = Infinity, high = -Infinity
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return values.length ? [low, high] : [0, 0]
}

/**
 * Where a point lies in the window.
 * @param {View} view
 * @param {number} x
 * @param {number} y
 * @returns {Point} px
 */
export function seen(view, x, y) {
  return { x: view.x + view.scale * x, y: view.y - view.scale * y }
}

/**
 * A view of more or less, in which one place of the window stays where it is.
 * @param {View} view
 * @param {number} times above 1 for less, larger
 * @param {Point} at px
 * @returns {View}
 */
export function zoomed(view, times, at) {
  return { scale: view.scale * times, x: at.x + times * (view.x - at.x), y: at.y + times * (view.y - at.y) }
}

/**
 * @param {View} view
 * @param {number} right px
 * @param {number} down px
 * @returns {View}
 */
export function moved(view, right, down) {
  return { ...view, x: view.x + right, y: view.y + down }
}

/**
 * The place of the point that lies nearest to a place of the window, or -1 where none is near.
 * @param {{ x: number[], y: number[] }} points
 * @param {View} view
 * @param {Point} at px
 * @param {number} within px
 */
export function nearest({ x, y }, view, at, within) {
  let found = -1, least = within ** 2
  for (let place = 0; place < x.length; place += 1) {
    const right = view.x + view.scale * x[place] - at.x, down = view.y - view.scale * y[place] - at.y
    const apart = right * right + down * down
    if (apart < least) [found, least] = [place, apart]
  }
  return found
}

/**
 * The places of the points within a drawn line, closed from its end to its begin.
 * @param {{ x: number[], y: number[] }} points
 * @param {View} view
 * @param {Point[]} line px
 * @returns {number[]}
 */
export function enclosed({ x, y }, view, line) {
  const found = []
  for (let place = 0; place < x.length; place += 1) {
    if (isIn(line, seen(view, x[place], y[place]))) found.push(place)
  }
  return found
}

/**
 * Whether a ray from a point crosses the line an odd number of times.
 * @param {Point[]} line
 * @param {Point} point
 */
function isIn(line, point) {
  let is = false
  for (let end = 0, begin = line.length - 1; end < line.length; begin = end, end += 1) {
    const a = line[begin], b = line[end]
    if ((a.y > point.y) !== (b.y > point.y) &&
      point.x < a.x + (point.y - a.y) / (b.y - a.y) * (b.x - a.x)) is = !is
  }
  return is
}
