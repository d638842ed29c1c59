// Pictures that are there to be tried: a click on one asks what the models take it for.

import { find, make, pressable } from "../shared/dom.mjs"

/**
 * @typedef {import("../shared/records.d.ts").PredictData} Data
 * @typedef {import("../shared/records.d.ts").PredictSample} Sample
 * @typedef {import("./session.mjs").Session} Session
 * @typedef {import("./session.mjs").Picture} Picture
 */

/** The strip of them on one page. */
export class Sampling {
  #shown = ""
  /** @type {Map<HTMLElement, Picture>} of each button */
  #pictures = new Map()

  /**
   * @param {HTMLElement} root
   * @param {Session} session
   */
  constructor(root, session) {
    this.place = find(root, ".cnnlab-samples")
    this.session = session
  }

  /** @param {Data} data */
  draw({ samples }) {
    const shown = samples.map(({ small }) => small).join()
    if (shown === this.#shown) return
    this.#shown = shown
    this.#pictures.clear()
    for (const sample of samples) {
      const picture = pictureOf(sample), image = make("img")
      image.alt = ""
      image.src = sample.small
      const button = pressable("", () => this.session.show(picture))
      button.append(image, make("span", "", sample.label))
      button.title = sample.name
      this.#pictures.set(button, picture)
    }
    this.place.replaceChildren(...this.#pictures.keys())
    this.mark()
  }

  /** Which of them is shown. */
  mark() {
    for (const [button, picture] of this.#pictures) {
      button.setAttribute("aria-pressed", String(this.session.picture === picture))
    }
  }

  leave() {
    this.place.replaceChildren()
  }
}

/**
 * @param {Pick<Sample, "name" | "whole">} sample
 * @returns {Picture}
 */
export function pictureOf({ name, whole }) {
  return { name, isLive: false, take: async () => {
    const answer = await fetch(whole).catch(() => null)
    if (!answer?.ok) throw new Error("This picture can't be read: is its dataset still there?")
    return answer.blob()
  } }
}
