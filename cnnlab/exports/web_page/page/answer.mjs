// What the model says, on the page: the likeliest class, bars, and what the network saw.

/**
 * @typedef {import("./model.mjs").About} About
 * @typedef {import("./model.mjs").Said} Said
 */

const SHOWN = 5 // classes; more on wish

/**
 * A share as on the rest of the screen: what isn't all or nothing is never rounded to it.
 * @param {number} share 0..1
 */
export function percent(share) {
  const shown = (100 * share).toFixed(1)
  if (share > 0 && Number(shown) === 0) return "< 0.1\u00a0%"
  if (share < 1 && Number(shown) === 100) return "> 99.9\u00a0%"
  return `${shown}\u00a0%`
}

/**
 * The classes by how likely they are.
 * @param {ArrayLike<number>} probabilities
 * @returns {number[]} labels, the likeliest first
 */
export function ranked(probabilities) {
  return Array.from(probabilities, (_, label) => label)
    .sort((one, other) => probabilities[other] - probabilities[one] || one - other)
}

/**
 * What is said above the bars.
 * @param {About} about
 * @param {ArrayLike<number>} probabilities
 * @returns {{ headline: string, words: string, isUnsure: boolean }}
 */
export function said({ classes, threshold }, probabilities) {
  const [label] = ranked(probabilities)
  const share = probabilities[label]
  if (threshold == null || share >= threshold)
    return { headline: classes[label], words: percent(share), isUnsure: false }
  const words = `Likeliest is ${classes[label]} with ${percent(share)}: below ${percent(threshold)} ` +
    "it wasn't right often enough on its validation pictures."
  return { headline: "Not sure", words, isUnsure: true }
}

/** The part of the page that shows answers. */
export class Answer {
  /**
   * @param {HTMLElement} root
   * @param {About} about
   */
  constructor(root, about) {
    this.root = root
    this.about = about
    this.isWhole = false
    this.rows = /** @type {HTMLElement[]} */ ([])
    /** @type {Said | null} */
    this.last = null
    const more = /** @type {HTMLButtonElement} */ (this.#find("[data-do=more]"))
    more.hidden = about.classes.length <= SHOWN
    more.onclick = () => {
      this.isWhole = !this.isWhole
      more.textContent = this.isWhole ? "Show fewer" : `Show all ${about.classes.length} classes`
      more.setAttribute("aria-expanded", String(this.isWhole))
      if (this.last) this.#bars(this.last.probabilities)
    }
    more.textContent = `Show all ${about.classes.length} classes`
    more.setAttribute("aria-expanded", "false")
  }

  /** @param {string} selector */
  #find(selector) {
    return /** @type {HTMLElement} */ (this.root.querySelector(selector))
  }

  /**
   * @param {Said} answer
   * @param {boolean} isLive whether many come in a row: those aren't read out
   */
  show(answer, isLive) {
    this.last = answer
    const { headline, words, isUnsure } = said(this.about, answer.probabilities)
    this.root.dataset.state = isUnsure ? "unsure" : "sure"
    this.#find("[data-show=headline]").textContent = headline
    this.#find("[data-show=words]").textContent = words
    this.#find("[data-show=heard]").textContent = isLive ? "" : `${headline}. ${words}`
    this.#find("[data-show=took]").textContent =
      `${answer.milliseconds < 1 ? "< 1" : answer.milliseconds.toFixed(0)} ms on this device`
    this.#bars(answer.probabilities)
    this.#seen(answer.seen)
  }

  /** @param {string} words */
  refuse(words) {
    this.last = null
    this.root.dataset.state = "refused"
    this.#find("[data-show=problem]").textContent = words
    this.#find("[data-show=heard]").textContent = words
  }

  clear() {
    this.last = null
    this.root.dataset.state = "empty"
    this.#find("[data-show=heard]").textContent = ""
  }

  /** @param {Float32Array} probabilities */
  #bars(probabilities) {
    const list = this.#find("[data-show=bars]")
    const shown = ranked(probabilities).slice(0, this.isWhole ? undefined : SHOWN)
    while (this.rows.length < shown.length) this.rows.push(row())
    list.replaceChildren(...shown.map((label, at) => {
      const [called, track, share] = /** @type {HTMLElement[]} */ ([...this.rows[at].children])
      called.textContent = this.about.classes[label]
      called.title = this.about.classes[label]
      share.textContent = percent(probabilities[label])
      ;/** @type {HTMLElement} */ (track.firstChild).style.width = `${100 * probabilities[label]}%`
      return this.rows[at]
    }))
  }

  /** @param {Uint8Array} seen */
  #seen(seen) {
    const canvas = /** @type {HTMLCanvasElement} */ (this.#find("canvas"))
    const { size, color } = this.about.preparation
    Object.assign(canvas, { width: size, height: size })
    const pixels = new ImageData(size, size)
    const step = color === "rgb" ? 3 : 1
    for (let at = 0; at < size * size; at += 1) {
      for (let c = 0; c < 3; c += 1) pixels.data[4 * at + c] = seen[step * at + (c % step)]
      pixels.data[4 * at + 3] = 255
    }
    canvas.getContext("2d")?.putImageData(pixels, 0, 0)
  }
}

function row() {
  const item = document.createElement("li")
  const [called, track, share] = ["b", "i", "span"].map((tag) => document.createElement(tag))
  track.append(document.createElement("s"))
  item.append(called, track, share)
  return item
}
