// Pictures made small exactly as Pillow does, on which the network was trained: a browser's canvas
// does it otherwise, and the answers would be others. Names and steps are those of Pillow's
// Resample.c and Reduce.c, and of cnnlab/datasets/pictures/pixels.py.

/**
 * @typedef {object} Picture
 * @property {number} width
 * @property {number} height
 * @property {number} channels 1 (grey) or 3
 * @property {Uint8Array | Uint8ClampedArray} data (height, width, channels)
 * @typedef {[number, number, number, number]} Box left, top, right, bottom
 * @typedef {{ size: number, color: string, resize: string }} Preparation
 */

const PRECISION_BITS = 22
const GAP = 2 // a picture is first averaged to at least so many times the size that it gets

/**
 * A square as the network sees it.
 * @param {Picture} picture
 * @param {Preparation} preparation
 * @returns {Uint8Array} (size, size, channels)
 */
export function toSquare(picture, { size, color, resize }) {
  const given = withChannels(picture, color === "rgb" ? 3 : 1)
  const { width, height } = given
  /** @type {Box} */
  let box = [0, 0, width, height]
  let shape = [size, size]
  if (resize === "crop") {
    const side = Math.min(width, height)
    const left = (width - side) / 2
    const top = (height - side) / 2
    box = [left, top, left + side, top + side]
  } else if (resize === "pad") {
    const scale = size / Math.max(width, height)
    shape = [Math.max(1, halfToEven(width * scale)), Math.max(1, halfToEven(height * scale))]
  }
  const isAsItIs = width === shape[0] && height === shape[1] && box[0] === 0 && box[1] === 0
  const small = isAsItIs ? given : resized(given, shape[0], shape[1], box)
  return Uint8Array.from((shape[0] === size && shape[1] === size ? small : padded(small, size)).data)
}

/** @param {number} value */
function halfToEven(value) {
  const floor = Math.floor(value)
  if (value - floor !== 0.5) return Math.round(value)
  return floor % 2 ? floor + 1 : floor
}

/**
 * @param {Picture} picture
 * @param {number} size
 * @returns {Picture} in the middle of a black square
 */
function padded({ width, height, channels, data }, size) {
  const square = new Uint8Array(size * size * channels)
  const left = Math.floor((size - width) / 2)
  const top = Math.floor((size - height) / 2)
  for (let y = 0; y < height; y += 1) {
    const row = data.subarray(y * width * channels, (y + 1) * width * channels)
    square.set(row, ((top + y) * size + left) * channels)
  }
  return { width: size, height: size, channels, data: square }
}

/**
 * Grey of colours by ITU-R 601, colours of grey as they are.
 * @param {Picture} picture
 * @param {number} channels
 * @returns {Picture}
 */
export function withChannels(picture, channels) {
  if (picture.channels === channels) return picture
  const { width, height, data } = picture
  const changed = new Uint8Array(width * height * channels)
  for (let at = 0; at < width * height; at += 1) {
    if (channels === 3) changed.fill(data[at], 3 * at, 3 * at + 3)
    else changed[at] = grey(data[3 * at], data[3 * at + 1], data[3 * at + 2])
  }
  return { width, height, channels, data: changed }
}

/**
 * @param {number} red
 * @param {number} green
 * @param {number} blue
 */
export function grey(red, green, blue) {
  return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16
}

/**
 * `Image.resize(shape, BILINEAR, box, reducing_gap=2)`.
 * @param {Picture} picture
 * @param {number} width
 * @param {number} height
 * @param {Box} box
 * @returns {Picture}
 */
export function resized(picture, width, height, box) {
  const scaleX = (box[2] - box[0]) / width
  const scaleY = (box[3] - box[1]) / height
  const factorX = Math.floor(scaleX / GAP) || 1
  const factorY = Math.floor(scaleY / GAP) || 1
  if (factorX === 1 && factorY === 1) return resampled(picture, width, height, box)
  const around = [ // what the triangle reaches beyond the box
    Math.max(0, Math.trunc(box[0] - 0.5 * scaleX)), Math.max(0, Math.trunc(box[1] - 0.5 * scaleY)),
    Math.min(picture.width, Math.ceil(box[2] + 0.5 * scaleX)),
    Math.min(picture.height, Math.ceil(box[3] + 0.5 * scaleY)),
  ]
  const fewer = reduced(picture, factorX, factorY, /** @type {Box} */ (around))
  return resampled(fewer, width, height, [
    (box[0] - around[0]) / factorX, (box[1] - around[1]) / factorY,
    (box[2] - around[0]) / factorX, (box[3] - around[1]) / factorY,
  ])
}

/**
 * `Image.reduce((factorX, factorY), box)`: means of blocks, smaller ones at the far edges.
 * @param {Picture} picture
 * @param {number} factorX
 * @param {number} factorY
 * @param {Box} [box]
 * @returns {Picture}
 */
export function reduced(picture, factorX, factorY, box = [0, 0, picture.width, picture.height]) {
  const { channels, data } = picture
  const width = Math.ceil((box[2] - box[0]) / factorX)
  const height = Math.ceil((box[3] - box[1]) / factorY)
  const result = new Uint8Array(width * height * channels)
  const sums = new Float64Array(channels)
  for (let y = 0; y < height; y += 1) {
    const top = box[1] + y * factorY
    const bottom = Math.min(top + factorY, box[3])
    for (let x = 0; x < width; x += 1) {
      const left = box[0] + x * factorX
      const right = Math.min(left + factorX, box[2])
      sums.fill(0)
      for (let row = top; row < bottom; row += 1) {
        let at = (row * picture.width + left) * channels
        for (let column = left; column < right; column += 1, at += channels)
          for (let c = 0; c < channels; c += 1) sums[c] += data[at + c]
      }
      const pixels = (bottom - top) * (right - left)
      const factor = Math.floor(2 ** 32 / (256 * pixels)) // Pillow divides by multiplying
      for (let c = 0; c < channels; c += 1) {
        const sum = sums[c] + Math.floor(pixels / 2)
        result[(y * width + x) * channels + c] = Math.floor((sum * factor) / 2 ** 24)
      }
    }
  }
  return { width, height, channels, data: result }
}

/**
 * Resample.c with its triangle filter: in width and in height, rounded after each.
 * @param {Picture} picture
 * @param {number} width
 * @param {number} height
 * @param {Box} given with the digits that C's float has
 * @returns {Picture}
 */
function resampled(picture, width, height, given) {
  const box = /** @type {Box} */ (given.map(Math.fround))
  const isAcross = width !== picture.width || box[0] !== 0 || box[2] !== width
  const isDown = height !== picture.height || box[1] !== 0 || box[3] !== height
  const across = (/** @type {Picture} */ one) =>
    (isAcross ? inWidth(one, taps(one.width, box[0], box[2], width)) : one)
  const down = (/** @type {Picture} */ one) =>
    (isDown ? inHeight(one, taps(one.height, box[1], box[3], height)) : one)
  return isHeightFirst(picture, width, height) ? across(down(picture)) : down(across(picture))
}

/**
 * Whether Pillow 13 begins with the height: where that leaves clearly less to do.
 * @param {Picture} picture
 * @param {number} width
 * @param {number} height
 */
function isHeightFirst(picture, width, height) {
  const lost = picture.height - height
  return lost > 0 && lost > 2 * (picture.width - width)
}

/** @typedef {{ first: number, weights: Int32Array }} Tap what one pixel is made of */

/**
 * @param {number} size of the input
 * @param {number} begin of the box
 * @param {number} end of the box
 * @param {number} result how many pixels
 * @returns {Tap[]}
 */
function taps(size, begin, end, result) {
  const scale = Math.fround(end - begin) / result
  const support = Math.max(scale, 1)
  return Array.from({ length: result }, (_, at) => {
    const center = begin + (at + 0.5) * scale
    const first = Math.max(0, Math.trunc(center - support + 0.5))
    const last = Math.min(size, Math.trunc(center + support + 0.5))
    const heights = Array.from({ length: last - first }, (__, index) =>
      Math.max(0, 1 - Math.abs((index + first - center + 0.5) * (1 / support))))
    const sum = heights.reduce((whole, height) => whole + height, 0)
    const whole = heights.map((height) => Math.trunc(0.5 + (height / sum) * 2 ** PRECISION_BITS))
    return { first, weights: Int32Array.from(whole) }
  })
}

/**
 * @param {Picture} picture
 * @param {Tap[]} each
 * @returns {Picture}
 */
function inWidth({ width, height, channels, data }, each) {
  const result = new Uint8Array(each.length * height * channels)
  for (let y = 0, to = 0; y < height; y += 1) {
    for (const { first, weights } of each) {
      for (let c = 0; c < channels; c += 1, to += 1)
        result[to] = weighed(data, (y * width + first) * channels + c, channels, weights)
    }
  }
  return { width: each.length, height, channels, data: result }
}

/**
 * @param {Picture} picture
 * @param {Tap[]} each
 * @returns {Picture}
 */
function inHeight({ width, channels, data }, each) {
  const run = width * channels
  const result = new Uint8Array(each.length * run)
  each.forEach(({ first, weights }, y) => {
    for (let at = 0; at < run; at += 1) result[y * run + at] = weighed(data, first * run + at, run, weights)
  })
  return { width, height: each.length, channels, data: result }
}

/**
 * @param {Uint8Array | Uint8ClampedArray} data
 * @param {number} at
 * @param {number} step
 * @param {Int32Array} weights
 */
function weighed(data, at, step, weights) {
  let sum = 2 ** (PRECISION_BITS - 1)
  for (let tap = 0; tap < weights.length; tap += 1) sum += data[at + tap * step] * weights[tap]
  return Math.max(0, Math.min(255, sum >> PRECISION_BITS))
}

/**
 * As EXIF says that a picture is to be held.
 * @param {Picture} picture
 * @param {number} orientation 1..8
 * @returns {Picture}
 */
export function upright(picture, orientation) {
  if (!(orientation >= 2 && orientation <= 8)) return picture
  const { width, height, channels, data } = picture
  const isTurned = orientation > 4
  const wide = isTurned ? height : width
  const high = isTurned ? width : height
  const result = new Uint8Array(data.length)
  for (let y = 0, to = 0; y < high; y += 1) {
    for (let x = 0; x < wide; x += 1) {
      const [a, b] = isTurned ? [y, x] : [x, y]
      const column = [2, 3, 7, 8].includes(orientation) ? width - 1 - a : a
      const row = [3, 4, 6, 7].includes(orientation) ? height - 1 - b : b
      for (let c = 0; c < channels; c += 1, to += 1) result[to] = data[(row * width + column) * channels + c]
    }
  }
  return { width: wide, height: high, channels, data: result }
}
