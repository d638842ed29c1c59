// Colours of the cells: the larger a share, the stronger; what is written in them stays readable.

/** @typedef {[number, number, number]} Rgb each 0..255 */

/** @type {Rgb} */
export const RIGHT = [32, 86, 178]
/** @type {Rgb} */
export const WRONG = [196, 80, 47]
const LEAST = 0.1

/**
 * A colour as the browser tells it, `rgb(1, 2, 3)`; white if it can't be read.
 * @param {string} text
 * @returns {Rgb}
 */
export function parsed(text) {
  const numbers = text.match(/[\d.]+/g)?.map(Number) ?? []
  return numbers.length >= 3 ? [numbers[0], numbers[1], numbers[2]] : [255, 255, 255]
}

/**
 * The background of a cell: of nothing that of the page, of all the hue itself. Mistakes are small
 * shares, which would all look alike on an even scale.
 * @param {number} share 0..1
 * @param {boolean} isRight
 * @param {Rgb} page
 * @returns {Rgb}
 */
export function shade(share, isRight, page) {
  const hue = isRight ? RIGHT : WRONG
  const strength = share > 0 ? LEAST + (1 - LEAST) * (isRight ? share : Math.sqrt(share)) : 0
  const mixed = page.map((value, at) => Math.round(value + strength * (hue[at] - value)))
  return [mixed[0], mixed[1], mixed[2]]
}

/**
 * Relative luminance by WCAG 2.
 * @param {Rgb} color
 */
function luminance(color) {
  const [red, green, blue] = color.map((value) => {
    const part = value / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/**
 * Contrast of two colours by WCAG 2, 1..21.
 * @param {Rgb} one
 * @param {Rgb} other
 */
export function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}

/**
 * Black or white, whichever is better to read on a colour.
 * @param {Rgb} background
 * @returns {Rgb}
 */
export function readable(background) {
  /** @type {Rgb} */
  const black = [0, 0, 0]
  /** @type {Rgb} */
  const white = [255, 255, 255]
  return contrast(background, black) >= contrast(background, white) ? black : white
}
