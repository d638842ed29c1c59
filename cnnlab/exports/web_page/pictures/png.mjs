// PNG files, read as Pillow reads them: with 16 bits and with transparency a browser's canvas rounds
// otherwise, or throws away what the network was trained on.

import { orientationIn, text } from "./exif.mjs"
import { onWhite } from "./transparency.mjs"

/** @typedef {import("./pillow.mjs").Picture} Picture */

const SAMPLES = /** @type {Record<number, number>} */ ({ 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }) // by type of colours
const PALETTE = 3
const PASSES = [ // of Adam7: first column and row, steps
  [0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2],
]

/**
 * @typedef {object} Head
 * @property {number} width
 * @property {number} height
 * @property {number} bits of a sample
 * @property {number} kind type of colours
 * @property {boolean} isInterlaced
 * @property {Uint8Array} palette
 * @property {Uint8Array | null} transparent
 * @property {number} orientation
 */

/**
 * Width and height, before anything is unpacked.
 * @param {Uint8Array} bytes
 */
export function pngSize(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return { width: view.getUint32(16), height: view.getUint32(20) }
}

/**
 * @param {Uint8Array} bytes
 * @param {number[] | null} range which values of 16 bits are black and white
 * @returns {Promise<{ picture: Picture, orientation: number }>}
 */
export async function readPng(bytes, range) {
  const { head, packed } = chunksOf(bytes)
  const raw = await inflated(packed)
  const samples = unfiltered(head, raw)
  return { picture: asPicture(head, samples, range), orientation: head.orientation }
}

/** @param {Uint8Array} bytes */
function chunksOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const { width, height } = pngSize(bytes)
  /** @type {Head} */
  const head = {
    width, height, bits: bytes[24], kind: bytes[25], isInterlaced: bytes[28] === 1,
    palette: new Uint8Array(0), transparent: null, orientation: 1,
  }
  const packed = []
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at)
    const content = bytes.subarray(at + 8, at + 8 + length)
    const kind = text(bytes, at + 4, 4)
    if (kind === "IDAT") packed.push(content)
    if (kind === "PLTE") head.palette = content
    if (kind === "tRNS") head.transparent = content
    if (kind === "eXIf") head.orientation = orientationIn(content, 0).orientation
    if (kind === "IEND") break
    at += 12 + length
  }
  return { head, packed: new Blob(/** @type {BlobPart[]} */ (packed)) }
}

/** @param {Blob} packed */
async function inflated(packed) {
  const stream = packed.stream().pipeThrough(new DecompressionStream("deflate"))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

/**
 * @param {Head} head
 * @param {Uint8Array} raw lines with their filters
 * @returns {Uint16Array} (height, width, samples)
 */
function unfiltered(head, raw) {
  const { width, height, isInterlaced } = head
  const per = SAMPLES[head.kind]
  const samples = new Uint16Array(width * height * per)
  let at = 0
  for (const [left, top, stepX, stepY] of isInterlaced ? PASSES : [[0, 0, 1, 1]]) {
    const columns = Math.ceil((width - left) / stepX)
    const rows = Math.ceil((height - top) / stepY)
    if (columns < 1 || rows < 1) continue
    const length = Math.ceil((columns * per * head.bits) / 8)
    let before = /** @type {Uint8Array} */ (new Uint8Array(length))
    for (let row = 0; row < rows; row += 1, at += length + 1) {
      const line = raw.subarray(at + 1, at + 1 + length)
      if (line.length < length) throw new Error("The file ends too soon.")
      unfilter(raw[at], line, before, Math.max(1, (per * head.bits) / 8))
      for (let column = 0; column < columns; column += 1) {
        const to = ((top + row * stepY) * width + left + column * stepX) * per
        for (let c = 0; c < per; c += 1) samples[to + c] = sampleAt(line, column * per + c, head.bits)
      }
      before = line
    }
  }
  return samples
}

/**
 * @param {number} filter
 * @param {Uint8Array} line changed
 * @param {Uint8Array} before the line above
 * @param {number} step bytes of a pixel
 */
function unfilter(filter, line, before, step) {
  for (let at = 0; at < line.length; at += 1) {
    const left = at >= step ? line[at - step] : 0
    const up = before[at]
    if (filter === 1) line[at] += left
    else if (filter === 2) line[at] += up
    else if (filter === 3) line[at] += (left + up) >> 1
    else if (filter === 4) line[at] += paeth(left, up, at >= step ? before[at - step] : 0)
  }
}

/**
 * @param {number} left
 * @param {number} up
 * @param {number} corner
 */
function paeth(left, up, corner) {
  const guess = left + up - corner
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)]
  if (a <= b && a <= c) return left
  return b <= c ? up : corner
}

/**
 * @param {Uint8Array} line
 * @param {number} index
 * @param {number} bits
 */
function sampleAt(line, index, bits) {
  if (bits === 16) return line[2 * index] * 256 + line[2 * index + 1]
  if (bits === 8) return line[index]
  const place = index * bits
  return (line[place >> 3] >> (8 - bits - (place & 7))) & ((1 << bits) - 1)
}

/**
 * @param {Head} head
 * @param {Uint16Array} samples
 * @param {number[] | null} range
 * @returns {Picture}
 */
function asPicture(head, samples, range) {
  const { width, height, kind } = head
  const isGrey = kind === 0 || kind === 4
  const colors = isGrey ? 1 : 3
  const data = new Uint8Array(width * height * colors)
  const one = pixelReader(head, range)
  const per = SAMPLES[kind]
  const pixel = [0, 0, 0, 255]
  for (let at = 0; at < width * height; at += 1) {
    one(samples, at * per, pixel)
    for (let c = 0; c < colors; c += 1) data[at * colors + c] = onWhite(pixel[c], pixel[3])
  }
  return { width, height, channels: colors, data }
}

/**
 * What fills in a pixel, with its transparency.
 * @param {Head} head
 * @param {number[] | null} range
 * @returns {(samples: Uint16Array, at: number, pixel: number[]) => void}
 */
function pixelReader({ kind, bits, palette, transparent }, range) {
  if (kind === PALETTE) {
    return (samples, at, pixel) => {
      for (let c = 0; c < 3; c += 1) pixel[c] = palette[3 * samples[at] + c] ?? 0
      pixel[3] = transparent?.[samples[at]] ?? 255
    }
  }
  const isDeep = bits === 16
  const colors = kind === 2 || kind === 6 ? 3 : 1
  const most = 2 ** bits - 1
  const value = isDeep ? deep(range, kind) : (/** @type {number} */ sample) => sample * (255 / most)
  const hidden = transparent && !isDeep ? [1, 3, 5].map((at) => transparent[at]) : null
  return (samples, at, pixel) => {
    let isHidden = hidden !== null
    for (let c = 0; c < colors; c += 1) {
      pixel[c] = value(samples[at + c])
      isHidden &&= bits === 1 ? samples[at + c] === hidden?.[c] : pixel[c] === hidden?.[c]
    }
    if (kind === 4 || kind === 6) pixel[3] = isDeep ? samples[at + colors] >> 8 : samples[at + colors]
    else pixel[3] = isHidden ? 0 : 255
  }
}

/**
 * 16 bits as 8: of a known range; else grey from 0 to 65535, of colours the upper 8.
 * @param {number[] | null} range
 * @param {number} kind
 * @returns {(sample: number) => number}
 */
function deep(range, kind) {
  if (!range && kind !== 0) return (sample) => sample >> 8
  const [low, high] = range ?? [0, 65535]
  return (sample) => Math.max(0, Math.min(255, halfToEven((sample - low) * (255 / (high - low)))))
}

/** @param {number} value */
function halfToEven(value) {
  const floor = Math.floor(value)
  return value - floor === 0.5 ? floor + (floor % 2) : Math.round(value)
}
