// The activations that the config of a network allows, with Keras' usual arguments, in place.

/** @type {Record<string, (value: number) => number>} */
const EACH = {
  relu: (x) => (x > 0 ? x : 0),
  leaky_relu: (x) => (x > 0 ? x : 0.2 * x),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  gelu: (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)),
  silu: (x) => x / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  relu6: (x) => Math.min(Math.max(x, 0), 6),
  hard_sigmoid: (x) => Math.min(Math.max(x + 3, 0), 6) / 6,
  hard_silu: (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
}

/**
 * @param {string} name of Keras'
 * @param {Float32Array} values changed
 * @param {number} channels of the last axis, over which a softmax goes
 */
export function activate(name, values, channels) {
  if (name === "linear") return
  if (name === "softmax") {
    for (let at = 0; at < values.length; at += channels) softmax(values.subarray(at, at + channels))
    return
  }
  if (name === "relu") { // by far the most usual, and the only one that costs less than its call
    for (let at = 0; at < values.length; at += 1) if (!(values[at] > 0)) values[at] = 0
    return
  }
  const one = EACH[name]
  for (let at = 0; at < values.length; at += 1) values[at] = one(values[at])
}

/** @param {Float32Array} values */
function softmax(values) {
  let most = -Infinity
  for (const value of values) most = Math.max(most, value)
  const powers = Array.from(values, (value) => Math.exp(value - most))
  const sum = powers.reduce((whole, power) => whole + power, 0)
  for (let at = 0; at < values.length; at += 1) values[at] = powers[at] / sum
}

/** Abramowitz and Stegun's series 7.1.6 where it converges soon, else a continued fraction; to 1e-9. */
const FAR = 3

/** @param {number} x */
export function erf(x) {
  const size = Math.abs(x)
  if (size > 6) return Math.sign(x)
  return Math.sign(x) * (size < FAR ? near(size) : 1 - far(size))
}

/** @param {number} x */
function near(x) {
  let term = x
  let sum = x
  for (let n = 1; Math.abs(term) > 1e-12; n += 1) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

/** @param {number} x */
function far(x) {
  let fraction = 0
  for (let n = 30; n > 0; n -= 1) fraction = (n / 2) / (x + fraction)
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + fraction))
}
