// Files and camera pictures as pixels, as Python opened them for training.

import { held, orientationOf, text } from "./exif.mjs"
import { readJpeg } from "./jpeg.mjs"
import { upright } from "./pillow.mjs"
import { pngSize, readPng } from "./png.mjs"
import { flattened } from "./transparency.mjs"

/** @typedef {import("./pillow.mjs").Picture} Picture */

export const MOST_BYTES = 20 * 2 ** 20 // of a file, as many as cnnlab itself opens
const MOST_PIXELS = 40e6 // as many as cnnlab itself opens
const OTHER_KIND = "This kind of file can't be opened here: save it as JPEG or PNG."
const BROKEN = "The picture can't be opened: the file is damaged or cut off. Save it anew as JPEG or PNG."

/** Something that is said to who gave the picture. */
export class Unreadable extends Error {}

/**
 * @param {Uint8Array} bytes of a file
 * @param {{ size: number, value_range: number[] | null }} preparation
 * @returns {Promise<Picture>}
 * @throws {Unreadable}
 */
export async function openPicture(bytes, { size, value_range: range }) {
  if (!bytes.length) throw new Unreadable("The file is empty: choose another picture.")
  if (bytes.length > MOST_BYTES) throw new Unreadable("The file has more than 20 MiB: make it smaller.")
  const kind = kindOf(bytes)
  if (kind === "other") throw new Unreadable(OTHER_KIND)
  try {
    if (kind === "png") return await fromPng(bytes, range)
    if (kind === "jpeg") return upright(readJpeg(bytes, size, requireSize), orientationOf(bytes).orientation)
    return await byBrowser(bytes, kind)
  } catch (error) {
    if (error instanceof Unreadable) throw error
    throw new Unreadable(BROKEN)
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {number[] | null} range
 */
async function fromPng(bytes, range) {
  requireSize(pngSize(bytes))
  const { picture, orientation } = await readPng(bytes, range)
  return upright(picture, orientation)
}

/**
 * What a file is by its first bytes; its name may lie.
 * @param {Uint8Array} bytes
 */
export function kindOf(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return "jpeg"
  if (text(bytes, 1, 3) === "PNG") return "png"
  if (text(bytes, 0, 4) === "RIFF" && text(bytes, 8, 4) === "WEBP") return "webp"
  if (text(bytes, 0, 3) === "GIF") return "gif"
  return text(bytes, 0, 2) === "BM" ? "bmp" : "other"
}

/** @param {{ width: number, height: number }} picture */
function requireSize({ width, height }) {
  if (width * height > MOST_PIXELS) {
    const words = `The picture has ${width} x ${height} pixels, more than 40 million: make it smaller.`
    throw new Unreadable(words)
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {string} kind
 */
async function byBrowser(bytes, kind) {
  const { orientation, at } = kind === "webp" ? orientationOf(bytes) : { orientation: 1, at: [] }
  const content = /** @type {BlobPart} */ (at.length ? held(bytes, at) : bytes)
  const blob = new Blob([content], { type: `image/${kind}` })
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" })
  requireSize(bitmap)
  const picture = pixelsOf(bitmap, bitmap.width, bitmap.height)
  bitmap.close()
  return upright(picture, orientation)
}

/**
 * @param {CanvasImageSource} source
 * @param {number} width
 * @param {number} height
 * @returns {Picture}
 */
export function pixelsOf(source, width, height) {
  const canvas = document.createElement("canvas")
  Object.assign(canvas, { width, height })
  const context = canvas.getContext("2d", { willReadFrequently: true })
  if (!context) throw new Unreadable("This browser doesn't let the page look at pictures: try another one.")
  context.drawImage(source, 0, 0)
  return flattened(context.getImageData(0, 0, width, height))
}
