// JPEG files, opened as Pillow opens them: a picture that is to become small is decoded at an
// eighth, a quarter or half of its size, which a browser can't be asked for.

import { text } from "./exif.mjs"
import { codesOf, readScan, ZIGZAG } from "./jpeg_bits.mjs"
import { enlarged, planeOf } from "./jpeg_blocks.mjs"

/**
 * @typedef {import("./jpeg_bits.mjs").Component} Component
 * @typedef {import("./jpeg_bits.mjs").Codes} Codes
 * @typedef {import("./jpeg_blocks.mjs").Plane} Plane
 * @typedef {import("./pillow.mjs").Picture} Picture
 * @typedef {object} File
 * @property {number} width
 * @property {number} height
 * @property {boolean} isProgressive
 * @property {Component[]} components
 * @property {number} mostH
 * @property {number} mostV
 * @property {boolean} isJfif
 * @property {number} adobe how colours are stored, -1 where nothing is said
 * @property {number} restart
 * @property {Uint16Array[]} quantizers
 * @property {Codes[]} dc
 * @property {Codes[]} ac
 */

const SOI_BYTES = 2
const SCALES = [8, 4, 2, 1]

/**
 * @param {Uint8Array} bytes
 * @param {number} atLeast px a side that are needed
 * @param {(size: { width: number, height: number }) => void} allow throws where it is too large
 * @returns {Picture}
 */
export function readJpeg(bytes, atLeast, allow) {
  const file = parsed(bytes, allow)
  const { width, height, components } = file
  if (!components.length) throw new Error("The file has no picture.")
  const fits = Math.min(Math.floor(width / atLeast), Math.floor(height / atLeast))
  const scale = SCALES.find((each) => fits >= each) ?? 1
  const planes = components.map((component) => scaled(file, component, 8 / scale))
  return inColors(file, planes, Math.ceil(width / scale), Math.ceil(height / scale))
}

/**
 * @param {Uint8Array} bytes
 * @param {(size: { width: number, height: number }) => void} allow
 * @returns {File}
 */
function parsed(bytes, allow) {
  /** @type {File} */
  const file = {
    width: 0, height: 0, isProgressive: false, components: [], mostH: 1, mostV: 1, isJfif: false,
    adobe: -1, restart: 0, quantizers: [], dc: [], ac: [],
  }
  let at = SOI_BYTES
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff || bytes[at + 1] === 0xff || bytes[at + 1] === 0) { // between segments
      at += 1
      continue
    }
    const marker = bytes[at + 1]
    if (marker === 0xd9) return file
    if (marker >= 0xd0 && marker <= 0xd7) {
      at += 2
      continue
    }
    const end = at + 2 + 256 * bytes[at + 2] + bytes[at + 3]
    const content = bytes.subarray(at + 4, end)
    at = marker === 0xda ? scan(file, bytes, content, end) : end
    if (marker !== 0xda) take(file, marker, content, allow)
  }
  if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) return file
  throw new Error("The file ends too soon.")
}

/**
 * @param {File} file
 * @param {number} marker
 * @param {Uint8Array} content
 * @param {(size: { width: number, height: number }) => void} allow
 */
function take(file, marker, content, allow) {
  if (marker === 0xdb) quantizers(file, content)
  else if (marker === 0xc4) codes(file, content)
  else if (marker === 0xdd) file.restart = 256 * content[0] + content[1]
  else if (marker === 0xe0) file.isJfif ||= text(content, 0, 4) === "JFIF"
  else if (marker === 0xee && text(content, 0, 5) === "Adobe") file.adobe = content[11]
  else if (marker >= 0xc0 && marker <= 0xc2) frame(file, marker, content, allow)
  else if (marker > 0xc2 && marker <= 0xcf && marker !== 0xc8) throw new Error("A rare kind of JPEG.")
}

/**
 * @param {File} file
 * @param {Uint8Array} content
 */
function quantizers(file, content) {
  for (let at = 0; at < content.length;) {
    const isLong = content[at] >> 4
    const table = new Uint16Array(64)
    for (let k = 0; k < 64; k += 1)
      table[ZIGZAG[k]] = isLong ? 256 * content[at + 1 + 2 * k] + content[at + 2 + 2 * k]
        : content[at + 1 + k]
    file.quantizers[content[at] & 15] = table
    at += isLong ? 129 : 65
  }
}

/**
 * @param {File} file
 * @param {Uint8Array} content
 */
function codes(file, content) {
  for (let at = 0; at < content.length;) {
    const counts = content.subarray(at + 1, at + 17)
    const count = counts.reduce((sum, each) => sum + each, 0)
    const tables = content[at] >> 4 ? file.ac : file.dc
    tables[content[at] & 15] = codesOf(counts, content.subarray(at + 17, at + 17 + count))
    at += 17 + count
  }
}

/**
 * @param {File} file
 * @param {number} marker
 * @param {Uint8Array} content
 * @param {(size: { width: number, height: number }) => void} allow
 */
function frame(file, marker, content, allow) {
  if (content[0] !== 8) throw new Error("More than 8 bits a sample.")
  file.height = 256 * content[1] + content[2]
  file.width = 256 * content[3] + content[4]
  allow(file)
  file.isProgressive = marker === 0xc2
  const heads = Array.from({ length: content[5] }, (_, at) => content.subarray(6 + 3 * at, 9 + 3 * at))
  const factors = heads.map((head) => [head[1] >> 4, head[1] & 15])
  file.mostH = Math.max(...factors.map(([h]) => h))
  file.mostV = Math.max(...factors.map(([, v]) => v))
  file.components = heads.map((head, index) => {
    const [h, v] = factors[index]
    const stride = Math.ceil(file.width / (8 * file.mostH)) * h
    const lines = Math.ceil(file.height / (8 * file.mostV)) * v
    return {
      id: head[0], h, v, stride, quantizers: new Uint16Array(64), previous: 0,
      blocksWide: Math.ceil(Math.ceil((file.width * h) / file.mostH) / 8),
      blocksHigh: Math.ceil(Math.ceil((file.height * v) / file.mostV) / 8),
      coefficients: new Int16Array(stride * lines * 64), table: head[2],
    }
  })
}

/**
 * @param {File} file
 * @param {Uint8Array} bytes
 * @param {Uint8Array} head of the scan
 * @param {number} at where its bits begin
 * @returns {number} where they end
 */
function scan(file, bytes, head, at) {
  const components = Array.from({ length: head[0] }, (_, index) => {
    const component = file.components.find(({ id }) => id === head[1 + 2 * index])
    if (!component) throw new Error("A part of the picture is missing.")
    component.dc = file.dc[head[2 + 2 * index] >> 4]
    component.ac = file.ac[head[2 + 2 * index] & 15]
    component.quantizers = file.quantizers[component.table] ?? component.quantizers
    return component
  })
  const [first, last, bits] = head.subarray(1 + 2 * head[0])
  return readScan(bytes, at, {
    components, first, last, high: bits >> 4, low: bits & 15, restart: file.restart,
    unitsWide: Math.ceil(file.width / (8 * file.mostH)),
    unitsHigh: Math.ceil(file.height / (8 * file.mostV)),
  }, file.isProgressive)
}

/**
 * A component at the size of the scaled picture: one with fewer samples is scaled less, where that
 * spares enlarging it.
 * @param {File} file
 * @param {Component} component
 * @param {number} least px of a block of the component with most samples
 * @returns {Plane}
 */
function scaled({ width, height, mostH, mostV }, component, least) {
  const { h, v } = component
  let side = least
  while (side < 8 && (mostH * least) % (2 * h * side) === 0 && (mostV * least) % (2 * v * side) === 0)
    side *= 2
  const wide = Math.ceil((width * h * side) / (mostH * 8))
  const high = Math.ceil((height * v * side) / (mostV * 8))
  const plane = planeOf(component, side, wide, high)
  return enlarged(plane, (mostH * least) / (h * side), (mostV * least) / (v * side), least > 1)
}

/**
 * @param {File} file
 * @param {Plane[]} planes
 * @param {number} width
 * @param {number} height
 * @returns {Picture}
 */
function inColors(file, planes, width, height) {
  const isGrey = planes.length === 1
  const channels = isGrey ? 1 : 3
  const data = new Uint8ClampedArray(width * height * channels)
  const fill = isGrey ? fillGrey : planes.length === 4 ? fillInk : fillColors
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1)
      fill(planes, y, x, data, (y * width + x) * channels, isLuma(file))
  }
  return { width, height, channels, data }
}

/**
 * Whether colours are stored as brightness and two differences.
 * @param {File} file
 */
function isLuma({ isJfif, adobe, components }) {
  if (components.length === 4) return adobe === 2
  if (isJfif || adobe > 0) return true
  return adobe < 0 && String.fromCharCode(...components.map(({ id }) => id)) !== "RGB"
}

/**
 * @param {Plane[]} planes
 * @param {number} y
 * @param {number} x
 * @param {Uint8ClampedArray} data
 * @param {number} to
 */
function fillGrey([grey], y, x, data, to) {
  data[to] = grey.data[y * grey.stride + x]
}

/**
 * @param {Plane[]} planes
 * @param {number} y
 * @param {number} x
 * @param {Uint8ClampedArray} data
 * @param {number} to
 * @param {boolean} isFromLuma
 */
function fillColors([first, second, third], y, x, data, to, isFromLuma) {
  const a = first.data[y * first.stride + x]
  const b = second.data[y * second.stride + x]
  const c = third.data[y * third.stride + x]
  if (!isFromLuma) {
    data[to] = a
    data[to + 1] = b
    data[to + 2] = c
    return
  }
  const blue = b - 128
  const red = c - 128
  data[to] = a + ((91881 * red + 32768) >> 16)
  data[to + 1] = a + ((-22554 * blue - 46802 * red + 32768) >> 16)
  data[to + 2] = a + ((116130 * blue + 32768) >> 16)
}

const ink = new Uint8ClampedArray(3)

/**
 * Printing colours, stored as what is left of the paper.
 * @param {Plane[]} planes
 * @param {number} y
 * @param {number} x
 * @param {Uint8ClampedArray} data
 * @param {number} to
 * @param {boolean} isFromLuma
 */
function fillInk(planes, y, x, data, to, isFromLuma) {
  fillColors(planes, y, x, ink, 0, isFromLuma)
  const light = planes[3].data[y * planes[3].stride + x]
  for (let c = 0; c < 3; c += 1) {
    const color = isFromLuma ? ink[c] : 255 - ink[c]
    const product = color * light + 128
    data[to + c] = light - (((product >> 8) + product) >> 8)
  }
}
