// A network that was planned in Python (plan.py): from a picture's pixels to probabilities.

import { activate } from "./activations.mjs"
import { convolve, convolveDepthwise, inFours } from "./convolution.mjs"
import { add, concatenate, dense, normalize, pool, poolWhole, rescale, weigh } from "./layers.mjs"

/**
 * @typedef {{ at: number, count: number, bits: number }} Place of an array among the weights
 * @typedef {object} Operation
 * @property {string} layer
 * @property {string} kind
 * @property {number[]} inputs -1 is the picture
 * @property {number[]} shape of the result
 * @property {string} activation
 * @property {Record<string, Place>} arrays
 * @property {number[]} [window]
 * @property {number[]} [strides]
 * @property {string} [padding]
 * @property {number} [epsilon]
 * @property {number} [groups]
 * @property {number[]} [channels] of each input
 * @typedef {Record<string, Float32Array>} Arrays
 * @typedef {object} Step an operation with its weights and a place for its result
 * @property {Operation} operation
 * @property {Arrays} arrays
 * @property {number[]} from shape of its first input
 * @property {Float32Array} result
 */

/** @type {Record<string, (step: Step, inputs: Float32Array[]) => void>} */
const KINDS = {
  scale: ({ arrays, result }, [input]) => rescale(input, arrays.scale, arrays.shift, result),
  conv: (step, [input]) => convolve(
    input, step.arrays.kernel, step.arrays.bias, windowsOf(step), step.result),
  depthwise_conv: (step, [input]) => convolveDepthwise(
    input, step.arrays.kernel, step.arrays.bias, windowsOf(step), step.result),
  dense: ({ arrays, result }, [input]) => dense(input, arrays.kernel, arrays.bias, result),
  max_pool: (step, [input]) => pool(input, windowsOf(step), false, step.result),
  average_pool: (step, [input]) => pool(input, windowsOf(step), true, step.result),
  global_max_pool: ({ result }, [input]) => poolWhole(input, false, result),
  global_average_pool: ({ result }, [input]) => poolWhole(input, true, result),
  flatten: ({ result }, [input]) => result.set(input),
  same: ({ result }, [input]) => result.set(input),
  add: ({ result }, inputs) => add(inputs, result),
  concatenate: ({ operation, result }, inputs) => concatenate(inputs, operation.channels ?? [], result),
  weigh: ({ result }, [input, weights]) => weigh(input, weights, result),
  layer_norm: ({ operation, arrays, result }, [input]) => normalize(
    input, { groups: 1, isWhole: false, epsilon: operation.epsilon ?? 0 },
    arrays.scale, arrays.shift, result),
  group_norm: ({ operation, arrays, result }, [input]) => normalize(
    input, { groups: operation.groups ?? 1, isWhole: true, epsilon: operation.epsilon ?? 0 },
    arrays.scale, arrays.shift, result),
}

/** A network ready to compute; one picture after the other. */
export class Network {
  /**
   * @param {Operation[]} plan
   * @param {ArrayBuffer} weights
   * @param {number[]} pictureShape height, width, channels
   */
  constructor(plan, weights, pictureShape) {
    this.pictureShape = pictureShape
    /** @type {Step[]} */
    this.steps = []
    for (const operation of plan) {
      const [first] = operation.inputs
      const from = first < 0 ? pictureShape : this.steps[first].operation.shape
      const arrays = arraysOf(operation, weights, from)
      this.steps.push({ operation, arrays, from, result: new Float32Array(sizeOf(operation.shape)) })
    }
  }

  /**
   * @param {Uint8Array} pixels of the picture's shape
   * @returns {Float32Array} probabilities of the classes
   */
  probabilities(pixels) {
    const picture = Float32Array.from(pixels)
    for (const step of this.steps) {
      const inputs = step.operation.inputs.map((at) => (at < 0 ? picture : this.steps[at].result))
      KINDS[step.operation.kind](step, inputs)
      activate(step.operation.activation, step.result, step.operation.shape.at(-1) ?? 1)
    }
    return this.steps[this.steps.length - 1].result.slice()
  }
}

/**
 * @param {Operation} operation
 * @param {ArrayBuffer} weights
 * @param {number[]} from
 * @returns {Arrays}
 */
function arraysOf(operation, weights, from) {
  const arrays = Object.fromEntries(Object.entries(operation.arrays)
    .map(([called, place]) => [called, arrayAt(weights, place)]))
  if (operation.kind === "conv") {
    const [high, wide] = operation.window ?? [1, 1]
    const outputs = operation.shape[2]
    arrays.kernel = inFours(arrays.kernel, high * wide * from[2], outputs)
  }
  return arrays
}

/**
 * @param {ArrayBuffer} weights
 * @param {Place} place
 * @returns {Float32Array}
 */
function arrayAt(weights, { at, count, bits }) {
  if (bits === 32) return new Float32Array(weights, at, count)
  return fromHalves(new Uint16Array(weights, at, count))
}

/**
 * float16 as float32: what a browser of today can't read by itself yet.
 * @param {Uint16Array} halves
 */
export function fromHalves(halves) {
  const bits = new Uint32Array(halves.length)
  for (let at = 0; at < halves.length; at += 1) {
    const half = halves[at]
    const sign = (half & 0x8000) << 16
    const rest = half & 0x7fff
    if (rest < 0x0400) bits[at] = sign | bitsOf(rest * 2 ** -24)
    else bits[at] = sign | ((rest << 13) + (rest < 0x7c00 ? 0x38000000 : 0x70000000))
  }
  return new Float32Array(bits.buffer)
}

const one = new Float32Array(1)
const oneBits = new Uint32Array(one.buffer)

/** @param {number} value */
function bitsOf(value) {
  one[0] = value
  return oneBits[0]
}

/** @param {number[]} shape */
function sizeOf(shape) {
  return shape.reduce((size, side) => size * side, 1)
}

/**
 * @param {Step} step
 * @returns {import("./convolution.mjs").Windows}
 */
function windowsOf({ operation, from }) {
  const three = (/** @type {number[]} */ [a, b, c]) => /** @type {[number, number, number]} */ ([a, b, c])
  const two = (/** @type {number[]} */ [a, b]) => /** @type {[number, number]} */ ([a, b])
  return {
    from: three(from),
    to: three(operation.shape),
    window: two(operation.window ?? [1, 1]),
    strides: two(operation.strides ?? [1, 1]),
    padding: operation.padding ?? "valid",
  }
}
