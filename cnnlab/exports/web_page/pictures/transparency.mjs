// What is transparent lies on white, as it did in training: Pillow's AlphaComposite.c.

/**
 * @param {number} value 0..255
 * @param {number} alpha 0..255
 */
export function onWhite(value, alpha) {
  if (alpha === 255) return value
  if (alpha === 0) return 255
  const sum = (value * alpha + 255 * (255 - alpha)) * 128 + (128 << 7)
  return (((sum >> 8) + sum) >> 8) >> 7
}

/**
 * A browser's pixels as a picture without transparency.
 * @param {{ width: number, height: number, data: Uint8ClampedArray | Uint8Array }} pixels RGBA
 * @returns {import("./pillow.mjs").Picture}
 */
export function flattened({ width, height, data }) {
  const colors = new Uint8Array(width * height * 3)
  for (let at = 0, to = 0; at < data.length; at += 4, to += 3) {
    const alpha = data[at + 3]
    colors[to] = onWhite(data[at], alpha)
    colors[to + 1] = onWhite(data[at + 1], alpha)
    colors[to + 2] = onWhite(data[at + 2], alpha)
  }
  return { width, height, channels: 3, data: colors }
}
