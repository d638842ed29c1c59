// A block's output drawn to scale: the height is the picture's side, the thickness grows with the
// channels; flat values are a bar.

const MOST_SIDE = 62
const LEAST_SIDE = 4
const MOST_THICK = 44
const SLANT = 0.34
const RISE = 0.2
const SHEET = 4
const SPACE = "http://www.w3.org/2000/svg"
const SHEETS = new Set(["normalization", "regularizer", "function"])

export const WIDTH = 84
export const HEIGHT = 92
const MIDDLE = HEIGHT / 2

/**
 * @typedef {{ thick: number, side: number, slant: number, rise: number, left: number, top: number,
 *   isFlat: boolean }} Box in px of the drawing
 */

/**
 * Where a block's output is drawn.
 * @param {number[]} shape of a picture (height, width, channels) or of flat values
 * @param {number} imageSide px of the picture that the network is given
 * @param {string} role sheets of what changes no shape are thin
 * @returns {Box}
 */
export function boxOf(shape, imageSide, role) {
  const isFlat = shape.length === 1, channels = Math.max(shape.at(-1) ?? 1, 1)
  const scale = Math.min(shape[0] / Math.max(imageSide, 1), 1)
  const side = isFlat ? 8 + 5.2 * Math.log2(channels) : Math.max(LEAST_SIDE, MOST_SIDE * scale)
  const grown = Math.min(2 + 2.5 * Math.log2(channels + 1), MOST_THICK)
  const thick = isFlat ? 9 : SHEETS.has(role) ? SHEET : grown
  const height = Math.min(side, MOST_SIDE + 14)
  const slant = isFlat ? 0 : height * SLANT, rise = isFlat ? 0 : height * RISE
  return {
    thick,
    side: height,
    slant,
    rise,
    left: (WIDTH - thick - slant) / 2,
    top: (HEIGHT - height - rise) / 2,
    isFlat,
  }
}

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 */
function part(name, attributes) {
  const element = document.createElementNS(SPACE, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
  return element
}

/**
 * @param {string} className
 * @param {[number, number][]} points
 */
function face(className, points) {
  const places = points.map((point) => point.map(round).join()).join(" ")
  return part("polygon", { class: className, points: places })
}

/** @param {number} value */
const round = (value) => Math.round(value * 10) / 10

/** Front, top and side of what comes out.
 * @param {Box} box
 */
function body(box) {
  const { left, top, thick, side, slant, rise, isFlat } = box
  const right = left + thick, low = top + rise
  if (isFlat) return [part("rect", { class: "front", x: left, y: top, width: thick, height: side, rx: 3 })]
  return [
    face("side", [[right, low], [right + slant, top], [right + slant, top + side], [right, low + side]]),
    face("top", [[left, low], [left + slant, top], [right + slant, top], [right, low]]),
    face("front", [[left, low], [right, low], [right, low + side], [left, low + side]]),
  ]
}

/** The way around the block, from what comes in to what is added.
 * @param {Box} box
 */
function shortcut({ left, top, thick, slant }) {
  const high = Math.max(top - 12, 3), end = left + thick + slant + 8
  const arc = `M ${left - 9} ${HEIGHT / 2} V ${high + 6} Q ${left - 9} ${high} ${left - 3} ${high}` +
    ` H ${end - 6} Q ${end} ${high} ${end} ${high + 6} V ${HEIGHT / 2 - 4}`
  return [part("path", { class: "way", d: arc }),
    face("tip", [[end - 3.5, HEIGHT / 2 - 6], [end + 3.5, HEIGHT / 2 - 6], [end, HEIGHT / 2]])]
}

/** Lines that divide the front: what a block of several layers is made of.
 * @param {Box} box
 * @param {number[]} shares
 */
function seams({ left, top, thick, side, rise }, shares) {
  return shares.map((share) => {
    const x = left + thick * share, low = top + rise
    return part("line", { class: "seam", x1: x, x2: x, y1: low, y2: low + side })
  })
}

/** The paths of a branch block, one below the other, with a dot for each layer.
 * @param {string[][]} paths roles of the layers
 */
function lanes(paths) {
  const gap = Math.min(16, (HEIGHT - 24) / Math.max(paths.length - 1, 1))
  const first = HEIGHT / 2 - gap * (paths.length - 1) / 2
  return paths.flatMap((path, number) => {
    const y = first + gap * number, step = 50 / (path.length + 1)
    const way = `M 2 ${MIDDLE} C 8 ${MIDDLE} 8 ${y} 16 ${y} H 58 C 66 ${y} 66 ${MIDDLE} 72 ${MIDDLE}`
    const dots = path.map((role, at) => part("rect", {
      class: "dot", "data-role": role, x: round(8 + step * (at + 1)), y: y - 5, width: 8, height: 10, rx: 2,
    }))
    return [part("path", { class: "way", d: way }), ...dots]
  })
}

/**
 * @typedef {import("../shared/records.d.ts").DrawnBlock} DrawnBlock
 */

/**
 * The picture of a block.
 * @param {DrawnBlock} block
 * @param {number[]} shape the output's, or the last one known where it isn't
 * @param {number} imageSide px
 */
export function picture(block, shape, imageSide) {
  const isBranch = block.paths.length > 0
  const svg = part("svg", { "aria-hidden": "true", viewBox: `0 0 ${isBranch ? WIDTH + 62 : WIDTH} ${HEIGHT}` })
  svg.dataset.wide = String(isBranch)
  const box = boxOf(shape, imageSide, block.role)
  const group = part("g", isBranch ? { transform: "translate(62 0)" } : {})
  group.append(...body(box))
  if (block.kind === "residual_block") group.append(...seams(box, [0.5]))
  if (block.kind === "inverted_residual_block") group.append(...seams(box, [0.25, 0.75]))
  if (block.has_shortcut) group.append(...shortcut(box))
  if (isBranch) svg.append(...lanes(block.paths.map((path) => path.map((layer) => layer.role))))
  svg.append(group)
  return svg
}
