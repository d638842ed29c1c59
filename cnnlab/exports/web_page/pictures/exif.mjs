// How a picture is to be held, as EXIF says it. It is read here and hidden from the browser: not all
// browsers turn pictures by themselves, and none says whether it has.

const ORIENTATION = 0x0112
const SHORT = 3

/**
 * Where a JPEG or WebP says how it is held.
 * @param {Uint8Array} bytes of the file
 * @returns {{ orientation: number, at: number[] }} 1 where nothing is said; the bytes that say it
 */
export function orientationOf(bytes) {
  const start = tiffStart(bytes)
  return start < 0 ? { orientation: 1, at: [] } : orientationIn(bytes, start)
}

/**
 * A copy that says that it is upright.
 * @param {Uint8Array} bytes
 * @param {number[]} at as found by `orientationOf`
 */
export function held(bytes, at) {
  const copy = bytes.slice()
  at.forEach((place) => { copy[place] = copy[place] ? 1 : 0 })
  return copy
}

/** @param {Uint8Array} bytes of a JPEG or WebP @returns {number} where its EXIF's TIFF begins, or -1 */
function tiffStart(bytes) {
  if (bytes[0] === 0xff) return inJpeg(bytes)
  for (let at = 12; at + 8 <= bytes.length;) {
    const length = bytes[at + 4] + 256 * (bytes[at + 5] + 256 * (bytes[at + 6] + 256 * bytes[at + 7]))
    if (text(bytes, at, 4) === "EXIF") return text(bytes, at + 8, 4) === "Exif" ? at + 14 : at + 8
    at += 8 + length + (length % 2)
  }
  return -1
}

/** @param {Uint8Array} bytes */
function inJpeg(bytes) {
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda;) {
    if (bytes[at + 1] === 0xe1 && text(bytes, at + 4, 4) === "Exif") return at + 10
    at += 2 + 256 * bytes[at + 2] + bytes[at + 3]
  }
  return -1
}

/**
 * @param {Uint8Array} bytes
 * @param {number} start of the TIFF
 */
export function orientationIn(bytes, start) {
  const upright = { orientation: 1, at: /** @type {number[]} */ ([]) }
  const order = text(bytes, start, 2)
  if (order !== "II" && order !== "MM") return upright
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, bytes.length - start)
  const isLittle = order === "II"
  if (view.byteLength < 8) return upright
  const directory = view.getUint32(4, isLittle)
  if (directory + 2 > view.byteLength) return upright
  const entries = view.getUint16(directory, isLittle)
  for (let entry = 0; entry < entries; entry += 1) {
    const at = directory + 2 + 12 * entry
    if (at + 12 > view.byteLength) return upright
    if (view.getUint16(at, isLittle) !== ORIENTATION) continue
    if (view.getUint16(at + 2, isLittle) !== SHORT) return upright
    return { orientation: view.getUint16(at + 8, isLittle), at: [start + at + 8, start + at + 9] }
  }
  return upright
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} length
 */
export function text(bytes, at, length) {
  return String.fromCharCode(...bytes.subarray(at, at + length))
}
