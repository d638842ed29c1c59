// Ten thousand points on a canvas: each sign is drawn once for each colour, and copied. Plotly's
// points by WebGL make programs of texts, which our content security policy forbids.

import { seen } from "./view.mjs"

/**
 * @typedef {import("../shared/records.d.ts").CloudData} Data
 * @typedef {import("./points.mjs").Sign} Sign
 * @typedef {import("./view.mjs").View} View
 * @typedef {import("./view.mjs").Point} Point
 */

const MANY = 3000
const SIGN_PX = 15
const FAINT = 0.13

/**
 * A sign on a canvas of its own.
 * @param {Sign} sign
 * @param {string} color
 * @param {number} radius px
 * @param {number} ratio device px for a px
 */
function stamp(sign, color, radius, ratio) {
  const canvas = document.createElement("canvas"), middle = SIGN_PX / 2
  canvas.width = canvas.height = SIGN_PX * ratio
  const pen = canvas.getContext("2d")
  if (!pen) return canvas
  pen.scale(ratio, ratio)
  pen.strokeStyle = pen.fillStyle = color
  pen.beginPath()
  if (sign === "dot" || sign === "ring") pen.arc(middle, middle, radius, 0, 2 * Math.PI)
  else {
    const arm = radius + 1
    for (const way of [1, -1]) {
      pen.moveTo(middle - arm, middle - way * arm)
      pen.lineTo(middle + arm, middle + way * arm)
    }
  }
  pen.lineWidth = sign === "cross" ? 2.4 : 1.2
  if (sign === "dot") pen.fill()
  else pen.stroke()
  return canvas
}

/** Draws points; what it has drawn once it copies. */
export class Painter {
  /** @type {Map<string, HTMLCanvasElement>} */
  #stamps = new Map()

  /**
   * @param {Data} data
   * @param {Sign[]} signs of the points
   * @param {number[]} order in which they are drawn
   */
  constructor(data, signs, order) {
    this.data = data
    this.signs = signs
    this.order = order
    this.radius = order.length > MANY ? 2.2 : 3.4
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {View} view
   * @param {Set<number>} selected places; where there are some the others are faint
   * @param {Point[]} line that is being drawn, px
   * @param {string} color of the line
   */
  paint(canvas, view, selected, line, color) {
    const pen = canvas.getContext("2d"), ratio = devicePixelRatio || 1
    if (!pen) return
    const width = canvas.clientWidth, height = canvas.clientHeight
    if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio)
    if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio)
    pen.setTransform(ratio, 0, 0, ratio, 0, 0)
    pen.clearRect(0, 0, width, height)
    const { x, y, group } = this.data.points, half = SIGN_PX / 2
    for (const at of this.order) {
      const place = seen(view, x[at], y[at])
      if (place.x < -half || place.y < -half || place.x > width + half || place.y > height + half) continue
      pen.globalAlpha = selected.size && !selected.has(at) ? FAINT : 0.85
      const sign = this.#stamp(group[at], this.signs[at], ratio)
      pen.drawImage(sign, place.x - half, place.y - half, SIGN_PX, SIGN_PX)
    }
    pen.globalAlpha = 1
    if (line.length < 2) return
    pen.strokeStyle = color
    pen.lineWidth = 1.5
    pen.beginPath()
    for (const { x: right, y: down } of line) pen.lineTo(right, down)
    pen.closePath()
    pen.stroke()
  }

  /**
   * @param {number} group
   * @param {Sign} sign
   * @param {number} ratio
   */
  #stamp(group, sign, ratio) {
    const name = `${group} ${sign} ${ratio}`
    let found = this.#stamps.get(name)
    if (!found) {
      found = stamp(sign, this.data.groups[group].color, this.radius, ratio)
      this.#stamps.set(name, found)
    }
    return found
  }
}
