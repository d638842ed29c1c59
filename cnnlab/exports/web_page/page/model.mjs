// What the file holds, unpacked: the network with what is known of it.

import { Network } from "../network/network.mjs"
import { toSquare } from "../pictures/pillow.mjs"
import { openPicture } from "../pictures/pictures.mjs"

/**
 * @typedef {import("../pictures/pillow.mjs").Picture} Picture
 * @typedef {object} About as document.py writes it
 * @property {string[]} classes
 * @property {{ size: number, color: string, resize: string, value_range: number[] | null }} preparation
 * @property {number | null} threshold
 * @property {import("../network/network.mjs").Operation[]} plan
 * @typedef {object} Said
 * @property {Float32Array} probabilities of the classes
 * @property {Uint8Array} seen the square that the network saw
 * @property {number} milliseconds that the network took
 */

/** A model that answers pictures. */
export class Model {
  /**
   * @param {About} about
   * @param {ArrayBuffer} weights
   */
  constructor(about, weights) {
    const { size, color } = about.preparation
    this.about = about
    this.network = new Network(about.plan, weights, [size, size, color === "rgb" ? 3 : 1])
  }

  /**
   * @param {Uint8Array} bytes of a file
   * @returns {Promise<Said>}
   * @throws {import("../pictures/pictures.mjs").Unreadable}
   */
  async ofFile(bytes) {
    return this.ofPicture(await openPicture(bytes, this.about.preparation))
  }

  /**
   * @param {Picture} picture
   * @returns {Said}
   */
  ofPicture(picture) {
    const seen = toSquare(picture, this.about.preparation)
    const since = performance.now()
    const probabilities = this.network.probabilities(seen)
    return { probabilities, seen, milliseconds: performance.now() - since }
  }
}

/**
 * The model in a document.
 * @param {Document} page
 */
export async function modelIn(page) {
  const about = JSON.parse(page.getElementById("about")?.textContent ?? "")
  const packed = page.getElementById("weights")
  const weights = await unpacked(packed?.textContent ?? "")
  packed?.remove() // a text of megabytes that nobody reads again
  const model = new Model(about, weights)
  const { size, color } = about.preparation
  const channels = color === "rgb" ? 3 : 1
  model.ofPicture({ width: size, height: size, channels, data: new Uint8Array(size * size * channels) })
  return model
}

/**
 * @param {string} text gzip in base64
 * @returns {Promise<ArrayBuffer>}
 */
async function unpacked(text) {
  const letters = atob(text.trim())
  const bytes = new Uint8Array(letters.length)
  for (let at = 0; at < letters.length; at += 1) bytes[at] = letters.charCodeAt(at)
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))
  return new Response(stream).arrayBuffer()
}
