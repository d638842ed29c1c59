// What networks have beside convolutions: pools, norms, sums. All values are float32, channels last.

import { padBefore } from "./convolution.mjs"

/** @typedef {import("./convolution.mjs").Windows} Windows */

/**
 * The largest value, or the mean, of each window; what lies beside the picture doesn't count.
 * @param {Float32Array} input
 * @param {Windows} windows
 * @param {boolean} isMean
 * @param {Float32Array} output
 */
export function pool(input, { from, to, window, strides, padding }, isMean, output) {
  const [height, width, channels] = from
  const top = padBefore(height, to[0], window[0], strides[0], padding)
  const left = padBefore(width, to[1], window[1], strides[1], padding)
  for (let row = 0; row < to[0]; row += 1) {
    const rows = within(row * strides[0] - top, window[0], height)
    for (let column = 0; column < to[1]; column += 1) {
      const columns = within(column * strides[1] - left, window[1], width)
      const at = (row * to[1] + column) * channels
      const values = output.subarray(at, at + channels).fill(isMean ? 0 : -Infinity)
      for (let y = rows[0]; y < rows[1]; y += 1) {
        for (let x = columns[0]; x < columns[1]; x += 1)
          take(input, (y * width + x) * channels, isMean, values)
      }
      if (isMean) divide(values, (rows[1] - rows[0]) * (columns[1] - columns[0]))
    }
  }
}

/**
 * @param {number} begin
 * @param {number} length
 * @param {number} size
 * @returns {[number, number]} the part of a window that lies within
 */
function within(begin, length, size) {
  return [Math.max(0, begin), Math.min(size, begin + length)]
}

/**
 * @param {Float32Array} input
 * @param {number} at
 * @param {boolean} isSum
 * @param {Float32Array} values
 */
function take(input, at, isSum, values) {
  for (let c = 0; c < values.length; c += 1) {
    const value = input[at + c]
    if (isSum) values[c] += value
    else if (value > values[c]) values[c] = value
  }
}

/**
 * @param {Float32Array} values
 * @param {number} by
 */
function divide(values, by) {
  for (let c = 0; c < values.length; c += 1) values[c] /= by
}

/**
 * One value of each channel: the mean over the picture, or the largest.
 * @param {Float32Array} input
 * @param {boolean} isMean
 * @param {Float32Array} output (channels,)
 */
export function poolWhole(input, isMean, output) {
  const sums = new Float64Array(output.length).fill(isMean ? 0 : -Infinity)
  for (let at = 0; at < input.length; at += output.length) {
    for (let c = 0; c < output.length; c += 1) {
      const value = input[at + c]
      sums[c] = isMean ? sums[c] + value : Math.max(sums[c], value)
    }
  }
  const pixels = isMean ? input.length / output.length : 1
  for (let c = 0; c < output.length; c += 1) output[c] = sums[c] / pixels
}

/**
 * Each channel times its scale, plus its shift.
 * @param {Float32Array} input
 * @param {Float32Array} scale
 * @param {Float32Array} shift
 * @param {Float32Array} output
 */
export function rescale(input, scale, shift, output) {
  const channels = scale.length
  for (let at = 0; at < input.length; at += channels) {
    for (let c = 0; c < channels; c += 1) output[at + c] = input[at + c] * scale[c] + shift[c]
  }
}

/**
 * Mean 0 and variance 1 over groups of the channels: of each pixel by itself, or of all pixels.
 * @param {Float32Array} input
 * @param {{ groups: number, isWhole: boolean, epsilon: number }} rule
 * @param {Float32Array} scale of each channel
 * @param {Float32Array} shift of each channel
 * @param {Float32Array} output
 */
export function normalize(input, { groups, isWhole, epsilon }, scale, shift, output) {
  const channels = scale.length
  const wide = channels / groups
  const pixels = isWhole ? input.length / channels : 1
  for (let start = 0; start < input.length; start += pixels * channels) {
    const end = start + pixels * channels
    for (let first = 0; first < channels; first += wide) {
      const { mean, over } = moments(input, start, end, channels, first, wide, epsilon)
      for (let at = start; at < end; at += channels) {
        for (let c = first; c < first + wide; c += 1)
          output[at + c] = (input[at + c] - mean) * over * scale[c] + shift[c]
      }
    }
  }
}

/**
 * @param {Float32Array} input
 * @param {number} start
 * @param {number} end
 * @param {number} channels
 * @param {number} first of the group's channels
 * @param {number} wide how many
 * @param {number} epsilon
 */
function moments(input, start, end, channels, first, wide, epsilon) {
  let sum = 0
  let squares = 0
  const count = (wide * (end - start)) / channels
  for (let at = start + first; at < end; at += channels)
    for (let c = at; c < at + wide; c += 1) sum += input[c]
  const mean = sum / count
  for (let at = start + first; at < end; at += channels)
    for (let c = at; c < at + wide; c += 1) squares += (input[c] - mean) ** 2
  return { mean, over: 1 / Math.sqrt(squares / count + epsilon) }
}

/**
 * @param {Float32Array[]} inputs
 * @param {Float32Array} output
 */
export function add(inputs, output) {
  output.set(inputs[0])
  for (const input of inputs.slice(1)) {
    for (let at = 0; at < output.length; at += 1) output[at] += input[at]
  }
}

/**
 * The channels of several pictures side by side.
 * @param {Float32Array[]} inputs
 * @param {number[]} channels of each
 * @param {Float32Array} output
 */
export function concatenate(inputs, channels, output) {
  const whole = channels.reduce((sum, wide) => sum + wide, 0)
  let first = 0
  inputs.forEach((input, which) => {
    const wide = channels[which]
    for (let at = 0, to = first; at < input.length; at += wide, to += whole)
      for (let c = 0; c < wide; c += 1) output[to + c] = input[at + c]
    first += wide
  })
}

/**
 * Each channel times its weight.
 * @param {Float32Array} input
 * @param {Float32Array} weights (channels,)
 * @param {Float32Array} output
 */
export function weigh(input, weights, output) {
  const channels = weights.length
  for (let at = 0; at < input.length; at += channels)
    for (let c = 0; c < channels; c += 1) output[at + c] = input[at + c] * weights[c]
}

/**
 * @param {Float32Array} input
 * @param {Float32Array} kernel (values, units)
 * @param {Float32Array} bias
 * @param {Float32Array} output
 */
export function dense(input, kernel, bias, output) {
  const units = output.length
  const sums = Float64Array.from(bias)
  for (let k = 0, at = 0; k < input.length; k += 1, at += units) {
    const value = input[k]
    if (value === 0) continue // half of what a ReLU leaves
    for (let unit = 0; unit < units; unit += 1) sums[unit] += value * kernel[at + unit]
  }
  output.set(sums)
}
