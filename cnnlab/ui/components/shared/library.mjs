// The chart library, loaded once for the whole page, and the charts that wait for it. A load that
// fails is forgotten and tried again, and each chart says so in its own place.

import { make, pressable } from "./dom.mjs"

/**
 * @typedef {import("./plotly.d.ts").Plotly} Plotly
 * @typedef {(Plotly: Plotly) => unknown} DrawChart
 */

const RETRY_FIRST_MS = 1000
const RETRY_MOST_MS = 30_000
const EARLY_MS = 3000
const LOADING = "The chart library is on its way ..."
const FAILED = "The chart library could not be loaded. The page goes on trying."
const TRYING = "The chart library is asked for again ..."
const BROKEN = "This chart could not be drawn."

/** The library at one address. */
export class Library {
  /** @type {Plotly | undefined} */
  #plotly
  /** @type {Map<HTMLElement, DrawChart>} what is drawn in which place once the library is there */
  #waiting = new Map()
  #isLoading = false
  #failures = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry

  /**
   * @param {string} address
   * @param {(address: string) => Promise<Plotly>} load
   */
  constructor(address, load) {
    this.address = address
    this.load = load
  }

  /**
   * Draw a chart now, or as soon as the library is there. Of several drawings for one place the
   * last one counts.
   * @param {HTMLElement} place of fixed height
   * @param {DrawChart} draw
   */
  draw(place, draw) {
    if (this.#plotly) {
      drawIn(place, this.#plotly, draw)
      return
    }
    this.#waiting.set(place, draw)
    this.#say(place)
    if (this.#retry === undefined) this.#try()
  }

  async #try() {
    clearTimeout(this.#retry)
    this.#retry = undefined
    if (this.#isLoading) return
    this.#isLoading = true
    for (const place of this.#waiting.keys()) this.#say(place)
    try {
      // Another address each time: what a browser has kept of the last one may be what is broken.
      this.#plotly = await this.load(this.address + (this.#failures ? `?try=${this.#failures}` : ""))
    } catch {
      this.#fail()
      return
    }
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const [place, draw] of waiting) drawIn(place, this.#plotly, draw)
  }

  #fail() {
    const pause = Math.min(RETRY_FIRST_MS * 2 ** this.#failures, RETRY_MOST_MS)
    this.#failures += 1
    this.#isLoading = false
    for (const place of this.#waiting.keys()) {
      if (place.isConnected) this.#say(place)
      else this.#waiting.delete(place)
    }
    if (this.#waiting.size) this.#retry = setTimeout(() => this.#try(), pause)
  }

  /** @param {HTMLElement} place */
  #say(place) {
    if (this.#failures) tell(place, this.#isLoading ? TRYING : FAILED, () => this.#try())
    else tell(place, LOADING)
  }
}

/**
 * @param {HTMLElement} place
 * @param {Plotly} plotly
 * @param {DrawChart} draw
 */
async function drawIn(place, plotly, draw) {
  try {
    await draw(plotly)
    place.querySelector(".cnnlab-told")?.remove()
  } catch (error) {
    console.error(error)
    tell(place, BROKEN, () => drawIn(place, plotly, draw))
  }
}

/**
 * Say in a chart's place why there is no chart.
 * @param {HTMLElement} place
 * @param {string} words
 * @param {() => void} [onAgain] what the button does; without it there is none
 */
function tell(place, words, onAgain) {
  const before = place.querySelector(".cnnlab-told")
  const hadFocus = before?.contains(document.activeElement)
  before?.remove()
  const told = make("div", "cnnlab-told", make("p", "", words))
  told.setAttribute("role", "status")
  place.append(told)
  if (!onAgain) {
    told.dataset.quiet = "true"
    return
  }
  const button = pressable("Try again", onAgain)
  told.append(button)
  if (hadFocus) button.focus()
}

/**
 * Load the library, unless the page has brought it. One that it is about to bring is waited for,
 * but not for long: that it failed may have been said before anybody listened.
 * @param {string} address
 * @returns {Promise<Plotly>}
 */
export async function loadScript(address) {
  const early = document.querySelector("script[data-plotly]")
  if (early && !globalPlotly()) {
    await new Promise((resolve) => {
      for (const end of ["load", "error"]) early.addEventListener(end, resolve, { once: true })
      setTimeout(resolve, EARLY_MS)
    })
  }
  return globalPlotly() ?? addScript(address)
}

const globalPlotly = () => /** @type {{ Plotly?: Plotly }} */ (globalThis).Plotly

/**
 * @param {string} address
 * @returns {Promise<Plotly>}
 */
function addScript(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script")
    const fail = () => {
      script.remove()
      reject(new Error(`${address} can't be loaded.`))
    }
    script.src = address
    script.onload = () => {
      const plotly = globalPlotly()
      if (plotly) resolve(plotly)
      else fail()
    }
    script.onerror = fail
    document.head.append(script)
  })
}

/** @type {Library | undefined} */
let library

/**
 * The page's chart library.
 * @param {string} address
 */
export function libraryAt(address) {
  library ??= new Library(address, loadScript)
  return library
}
