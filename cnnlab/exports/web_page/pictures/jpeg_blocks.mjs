// Blocks of a JPEG as samples, at their size or an eighth, quarter or half of it: the whole-number
// arithmetic of libjpeg-turbo (jidctint.c, jidctred.c), with which Pillow opened what was trained on.

/** @typedef {import("./jpeg_bits.mjs").Component} Component */

/** @typedef {{ width: number, height: number, stride: number, data: Uint8Array }} Plane */

const work = new Int32Array(64)
const given = new Int32Array(64)

/**
 * @param {Component} component
 * @param {number} side px of a block: 8, 4, 2 or 1
 * @param {number} width of the samples that count
 * @param {number} height
 * @returns {Plane}
 */
export function planeOf(component, side, width, height) {
  const { coefficients, quantizers, stride } = component
  const wide = stride * side
  const lines = coefficients.length / 64 / stride
  const data = new Uint8Array(wide * lines * side)
  const transform = TRANSFORMS[side]
  for (let block = 0; block < stride * lines; block += 1) {
    const row = Math.floor(block / stride)
    for (let k = 0; k < 64; k += 1) given[k] = coefficients[64 * block + k] * quantizers[k]
    transform(data, row * side * wide + (block - row * stride) * side, wide)
  }
  return { width, height, stride: wide, data }
}

/** @type {Record<number, (data: Uint8Array, at: number, wide: number) => void>} */
const TRANSFORMS = { 8: whole, 4: half, 2: quarter, 1: eighth }

/** @param {number} value */
function clamped(value) {
  return value < -128 ? 0 : value > 127 ? 255 : value + 128
}

/**
 * @param {Uint8Array} data
 * @param {number} at
 * @param {number} wide
 */
function whole(data, at, wide) {
  for (let column = 0; column < 8; column += 1) eight(given, column, 8, 11)
  for (let row = 0; row < 8; row += 1) {
    eight(work, 8 * row, 1, 18)
    for (let x = 0; x < 8; x += 1) data[at + row * wide + x] = clamped(work[8 * row + x])
  }
}

/**
 * Eight values by Loeffler's, Ligtenberg's and Moschytz' way, into the same places of `work`.
 * @param {Int32Array} from
 * @param {number} at
 * @param {number} step
 * @param {number} shift
 */
function eight(from, at, step, shift) {
  const round = 1 << (shift - 1)
  const a = from[at + 2 * step]
  const b = from[at + 6 * step]
  const mid = (a + b) * 4433
  const even2 = mid - b * 15137
  const even3 = mid + a * 6270
  const even0 = (from[at] + from[at + 4 * step]) * 8192
  const even1 = (from[at] - from[at + 4 * step]) * 8192
  const t7 = from[at + 7 * step]
  const t5 = from[at + 5 * step]
  const t3 = from[at + 3 * step]
  const t1 = from[at + step]
  const z5 = (t7 + t3 + t5 + t1) * 9633
  const z1 = (t7 + t1) * -7373
  const z2 = (t5 + t3) * -20995
  const z3 = (t7 + t3) * -16069 + z5
  const z4 = (t5 + t1) * -3196 + z5
  const odd0 = t7 * 2446 + z1 + z3
  const odd1 = t5 * 16819 + z2 + z4
  const odd2 = t3 * 25172 + z2 + z3
  const odd3 = t1 * 12299 + z1 + z4
  work[at] = (even0 + even3 + odd3 + round) >> shift
  work[at + 7 * step] = (even0 + even3 - odd3 + round) >> shift
  work[at + step] = (even1 + even2 + odd2 + round) >> shift
  work[at + 6 * step] = (even1 + even2 - odd2 + round) >> shift
  work[at + 2 * step] = (even1 - even2 + odd1 + round) >> shift
  work[at + 5 * step] = (even1 - even2 - odd1 + round) >> shift
  work[at + 3 * step] = (even0 - even3 + odd0 + round) >> shift
  work[at + 4 * step] = (even0 - even3 - odd0 + round) >> shift
}

/**
 * @param {Uint8Array} data
 * @param {number} at
 * @param {number} wide
 */
function half(data, at, wide) {
  for (let column = 0; column < 8; column += 1) if (column !== 4) four(given, column, 8, 12)
  for (let row = 0; row < 4; row += 1) {
    four(work, 8 * row, 1, 19)
    for (let x = 0; x < 4; x += 1) data[at + row * wide + x] = clamped(work[8 * row + x])
  }
}

/**
 * @param {Int32Array} from
 * @param {number} at
 * @param {number} step
 * @param {number} shift
 */
function four(from, at, step, shift) {
  const round = 1 << (shift - 1)
  const whole0 = from[at] * 16384
  const even = from[at + 2 * step] * 15137 - from[at + 6 * step] * 6270
  const t7 = from[at + 7 * step]
  const t5 = from[at + 5 * step]
  const t3 = from[at + 3 * step]
  const t1 = from[at + step]
  const inner = t7 * -1730 + t5 * 11893 - t3 * 17799 + t1 * 8697
  const outer = t7 * -4176 - t5 * 4926 + t3 * 7373 + t1 * 20995
  work[at] = (whole0 + even + outer + round) >> shift
  work[at + 3 * step] = (whole0 + even - outer + round) >> shift
  work[at + step] = (whole0 - even + inner + round) >> shift
  work[at + 2 * step] = (whole0 - even - inner + round) >> shift
}

/**
 * @param {Uint8Array} data
 * @param {number} at
 * @param {number} wide
 */
function quarter(data, at, wide) {
  for (const column of [0, 1, 3, 5, 7]) two(given, column, 8, 13)
  for (let row = 0; row < 2; row += 1) {
    two(work, 8 * row, 1, 20)
    for (let x = 0; x < 2; x += 1) data[at + row * wide + x] = clamped(work[8 * row + x])
  }
}

/**
 * @param {Int32Array} from
 * @param {number} at
 * @param {number} step
 * @param {number} shift
 */
function two(from, at, step, shift) {
  const round = 1 << (shift - 1)
  const mean = from[at] * 32768
  const odd = from[at + 7 * step] * -5906 + from[at + 5 * step] * 6967 -
    from[at + 3 * step] * 10426 + from[at + step] * 29692
  work[at] = (mean + odd + round) >> shift
  work[at + step] = (mean - odd + round) >> shift
}

/**
 * @param {Uint8Array} data
 * @param {number} at
 */
function eighth(data, at) {
  data[at] = clamped((given[0] + 4) >> 3)
}

/**
 * Samples of a component at the size of the picture.
 * @param {Plane} plane
 * @param {number} across how many times as wide it becomes
 * @param {number} down how many times as high
 * @param {boolean} isSmooth whether twice is done by a triangle, else by repeating
 * @returns {Plane}
 */
export function enlarged(plane, across, down, isSmooth) {
  if (across === 1 && down === 1) return plane
  if (isSmooth && across === 1 && down === 2) return smooth(plane, 1, 2)
  if (isSmooth && across === 2 && down <= 2 && plane.width > 2) return smooth(plane, 2, down)
  const { width, height, stride, data } = plane
  const wide = width * across
  const result = new Uint8Array(wide * height * down)
  for (let y = 0; y < height * down; y += 1) {
    const line = Math.floor(y / down) * stride
    for (let x = 0; x < wide; x += 1) result[y * wide + x] = data[line + Math.floor(x / across)]
  }
  return { width: wide, height: height * down, stride: wide, data: result }
}

/**
 * Three quarters of the nearer sample, one of the further, in each direction.
 * @param {Plane} plane
 * @param {number} across 1 or 2
 * @param {number} down 1 or 2
 * @returns {Plane}
 */
function smooth({ width, height, stride, data }, across, down) {
  const wide = width * across
  const result = new Uint8Array(wide * height * down)
  const sums = new Int32Array(width) // of a line and its nearer neighbour
  for (let y = 0; y < height * down; y += 1) {
    const row = Math.floor(y / down)
    const other = Math.min(height - 1, Math.max(0, y % 2 ? row + 1 : row - 1))
    for (let x = 0; x < width; x += 1) {
      const near = data[row * stride + x]
      sums[x] = down === 2 ? 3 * near + data[other * stride + x] : near
    }
    const line = result.subarray(y * wide, (y + 1) * wide)
    if (across === 1) for (let x = 0; x < width; x += 1) line[x] = (sums[x] + (y % 2 ? 2 : 1)) >> 2
    else widened(sums, line, down === 2)
  }
  return { width: wide, height: height * down, stride: wide, data: result }
}

/**
 * @param {Int32Array} sums
 * @param {Uint8Array} line twice as long
 * @param {boolean} isWeighed whether the sums are of four samples each
 */
function widened(sums, line, isWeighed) {
  const [left, right, shift] = isWeighed ? [8, 7, 4] : [1, 2, 2]
  const last = sums.length - 1
  for (let x = 0; x <= last; x += 1) {
    const mid = 3 * sums[x]
    line[2 * x] = (mid + sums[Math.max(0, x - 1)] + left) >> shift
    line[2 * x + 1] = (mid + sums[Math.min(last, x + 1)] + right) >> shift
  }
}
