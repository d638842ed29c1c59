// Convolutions and dense layers: windows laid out as rows, then a product of matrices in blocks that
// stay in the processor's nearest memory. Four rows by four outputs are summed at a time.

const BAND_VALUES = 2 ** 15 // of windows laid out at once: 128 KiB

/**
 * Kernels as the product reads them: outputs in fours, what a four needs one after the other.
 * @param {Float32Array} kernel (depth, outputs)
 * @param {number} depth values of a window
 * @param {number} outputs
 * @returns {Float32Array} (fours, depth, 4), zeros behind the last output
 */
export function inFours(kernel, depth, outputs) {
  const fours = Math.ceil(outputs / 4)
  const packed = new Float32Array(fours * depth * 4)
  for (let four = 0; four < fours; four += 1) {
    const wide = Math.min(4, outputs - 4 * four)
    for (let k = 0; k < depth; k += 1) {
      for (let lane = 0; lane < wide; lane += 1)
        packed[(four * depth + k) * 4 + lane] = kernel[k * outputs + 4 * four + lane]
    }
  }
  return packed
}

/**
 * Where windows begin before the picture, as TensorFlow pads.
 * @param {number} size of the input
 * @param {number} result of the output
 * @param {number} window
 * @param {number} step
 * @param {string} padding `same` or `valid`
 */
export function padBefore(size, result, window, step, padding) {
  if (padding === "valid") return 0
  return Math.floor(Math.max((result - 1) * step + window - size, 0) / 2)
}

/**
 * @typedef {object} Windows
 * @property {[number, number, number]} from height, width, channels
 * @property {[number, number, number]} to likewise
 * @property {[number, number]} window
 * @property {[number, number]} strides
 * @property {string} padding
 */

/**
 * @param {Float32Array} input
 * @param {Float32Array} packed made by `inFours`
 * @param {Float32Array} bias
 * @param {Windows} windows
 * @param {Float32Array} output
 */
export function convolve(input, packed, bias, windows, output) {
  const { from, to, window, strides } = windows
  const [rows, columns, outputs] = to
  const depth = window[0] * window[1] * from[2]
  const pixels = rows * columns
  if (depth === from[2] && strides[0] === 1 && strides[1] === 1) {
    multiply(input, pixels, depth, packed, bias, output, 0, outputs)
    return
  }
  const band = Math.min(pixels, Math.max(4, Math.floor(BAND_VALUES / depth / 4) * 4))
  const laid = new Float32Array(band * depth)
  for (let first = 0; first < pixels; first += band) {
    const count = Math.min(band, pixels - first)
    layOut(input, windows, first, count, laid)
    multiply(laid, count, depth, packed, bias, output, first * outputs, outputs)
  }
}

/**
 * The windows of some output pixels as rows.
 * @param {Float32Array} input
 * @param {Windows} windows
 * @param {number} first output pixel
 * @param {number} count
 * @param {Float32Array} laid (count, depth)
 */
function layOut(input, { from, to, window, strides, padding }, first, count, laid) {
  const [height, width, channels] = from
  const [high, wide] = window
  const top = padBefore(height, to[0], high, strides[0], padding)
  const left = padBefore(width, to[1], wide, strides[1], padding)
  const run = wide * channels
  let at = 0
  for (let pixel = first; pixel < first + count; pixel += 1) {
    const row = Math.floor(pixel / to[1])
    const y0 = row * strides[0] - top
    const x0 = (pixel - row * to[1]) * strides[1] - left
    const begin = Math.max(0, -x0)
    const end = Math.min(wide, width - x0)
    for (let y = y0; y < y0 + high; y += 1, at += run) {
      if (y < 0 || y >= height || end <= begin) {
        laid.fill(0, at, at + run)
        continue
      }
      if (begin) laid.fill(0, at, at + begin * channels)
      if (end < wide) laid.fill(0, at + end * channels, at + run)
      let source = (y * width + x0 + begin) * channels
      for (let target = at + begin * channels; target < at + end * channels; target += 1, source += 1)
        laid[target] = input[source]
    }
  }
}

/**
 * output = rows x packed + bias
 * @param {Float32Array} rows (count, depth)
 * @param {number} count
 * @param {number} depth
 * @param {Float32Array} packed made by `inFours`
 * @param {Float32Array} bias
 * @param {Float32Array} output from `start` on (count, outputs)
 * @param {number} start
 * @param {number} outputs
 */
export function multiply(rows, count, depth, packed, bias, output, start, outputs) {
  const sums = new Float32Array(8)
  for (let four = 0; 4 * four < outputs; four += 1) {
    const wide = Math.min(4, outputs - 4 * four)
    const kernel = packed.subarray(four * depth * 4, (four + 1) * depth * 4)
    for (let row = 0; row < count; row += 2) {
      const second = Math.min(row + 1, count - 1)
      twoByFour(rows, row * depth, second * depth, depth, kernel, sums)
      const to = start + row * outputs + 4 * four
      for (let lane = 0; lane < wide; lane += 1) output[to + lane] = sums[lane] + bias[4 * four + lane]
      if (second === row) continue
      for (let lane = 0; lane < wide; lane += 1)
        output[to + outputs + lane] = sums[4 + lane] + bias[4 * four + lane]
    }
  }
}

/**
 * @param {Float32Array} rows
 * @param {number} a where one row begins
 * @param {number} b where another does
 * @param {number} depth
 * @param {Float32Array} kernel (depth, 4)
 * @param {Float32Array} sums of both rows
 */
function twoByFour(rows, a, b, depth, kernel, sums) {
  let a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0
  for (let k = 0, w = 0; k < depth; k += 1, w += 4) {
    const x = rows[a + k]
    const y = rows[b + k]
    const k0 = kernel[w]
    const k1 = kernel[w + 1]
    const k2 = kernel[w + 2]
    const k3 = kernel[w + 3]
    a0 += x * k0
    a1 += x * k1
    a2 += x * k2
    a3 += x * k3
    b0 += y * k0
    b1 += y * k1
    b2 += y * k2
    b3 += y * k3
  }
  sums[0] = a0
  sums[1] = a1
  sums[2] = a2
  sums[3] = a3
  sums[4] = b0
  sums[5] = b1
  sums[6] = b2
  sums[7] = b3
}

/**
 * A filter of its own for each channel.
 * @param {Float32Array} input
 * @param {Float32Array} kernel (window height, window width, channels)
 * @param {Float32Array} bias
 * @param {Windows} windows
 * @param {Float32Array} output
 */
export function convolveDepthwise(input, kernel, bias, { from, to, window, strides, padding }, output) {
  const [height, width, channels] = from
  const top = padBefore(height, to[0], window[0], strides[0], padding)
  const left = padBefore(width, to[1], window[1], strides[1], padding)
  for (let row = 0; row < to[0]; row += 1) {
    for (let column = 0; column < to[1]; column += 1) {
      const at = (row * to[1] + column) * channels
      output.set(bias, at)
      for (let i = 0; i < window[0]; i += 1) {
        const y = row * strides[0] - top + i
        if (y < 0 || y >= height) continue
        for (let j = 0; j < window[1]; j += 1) {
          const x = column * strides[1] - left + j
          if (x < 0 || x >= width) continue
          const source = (y * width + x) * channels
          const weight = (i * window[1] + j) * channels
          for (let c = 0; c < channels; c += 1) output[at + c] += input[source + c] * kernel[weight + c]
        }
      }
    }
  }
}
