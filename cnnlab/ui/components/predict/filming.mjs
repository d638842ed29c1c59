// The camera, live: as soon as the models have answered a picture, they get the next one.

import { find, make } from "../shared/dom.mjs"
import { cameras, Lens, whyNot } from "../shared/lens.mjs"
import { fixed } from "../shared/numbers.mjs"
import { Rate } from "./said.mjs"

/** @typedef {import("./session.mjs").Session} Session */

const WIDTH_PX = 640
const MOST_PX = 640 // of a picture that is sent
const JPEG_QUALITY = 0.9
const LEAST_MS = 80 // from picture to picture: more than twelve a second show nothing more
const AFTER_PROBLEM_MS = 1000
const RATE_SPAN_MS = 3000
const AGAIN = "press Start again"
const ASKING = "Allow this page to use the camera: the browser asks for it."
const HIDDEN = "The camera was turned off because this tab was out of sight."
const REPLACED = "The camera was turned off for the picture."

/** The camera of one page, as long as it is there. */
export class Filming {
  #turn = 0
  #isShown = false // whether what is shown on the page is this camera's
  #rate = new Rate(RATE_SPAN_MS)

  /**
   * @param {HTMLElement} root
   * @param {Session} session
   */
  constructor(root, session) {
    this.root = find(root, "[data-part=camera]")
    this.session = session
    this.lens = new Lens(/** @type {HTMLVideoElement} */ (find(this.root, "video")),
      (error) => this.#end("failed", whyNot(error, AGAIN)))
    this.button = /** @type {HTMLButtonElement} */ (find(this.root, "[data-do=camera]"))
    this.select = /** @type {HTMLSelectElement} */ (find(this.root, "select"))
    this.mirror = /** @type {HTMLInputElement} */ (find(this.root, "[data-do=mirror]"))
    this.button.onclick = () => (this.root.dataset.state === "closed" || this.isFailed
      ? this.start() : this.stop())
    this.button.disabled = false
    this.select.onchange = () => this.start(this.select.value)
    this.mirror.onchange = () => { this.root.dataset.mirrored = String(this.mirror.checked) }
    document.addEventListener("visibilitychange", this.#onVisibility)
  }

  get isFailed() {
    return this.root.dataset.state === "failed"
  }

  /** Something else is shown: the camera makes way. */
  makeWay() {
    if (this.#isShown && !this.session.picture?.isLive) this.#end("closed", REPLACED)
  }

  leave() {
    this.#end("closed", "")
    document.removeEventListener("visibilitychange", this.#onVisibility)
  }

  stop() {
    this.#end("closed", "")
  }

  /** @param {string} [device] its id */
  async start(device) {
    const turn = this.#turn += 1
    this.#become("opening", ASKING)
    if (!await this.lens.open(WIDTH_PX, device) || turn !== this.#turn) return
    this.#become("open", "")
    this.#rate = new Rate(RATE_SPAN_MS)
    this.#flip()
    this.#offer(await cameras())
    await this.#film(turn)
  }

  /** @param {number} turn */
  async #film(turn) {
    const isOn = () => turn === this.#turn
    const picture = {
      name: "camera.jpg", isLive: true, take: async () => (isOn() ? this.#frame() : null),
    }
    while (isOn()) {
      const since = performance.now()
      const before = this.session.answers
      const shown = this.session.show(picture)
      this.#isShown = true
      await shown
      if (!isOn()) return
      const isAnswered = this.session.answers > before && !this.session.problem
      if (isAnswered) this.#count()
      const pause = isAnswered ? LEAST_MS : AFTER_PROBLEM_MS
      await after(pause - (performance.now() - since))
    }
  }

  /** @returns {Promise<Blob | null>} what the camera sees now, once it sees something */
  async #frame() {
    for (;;) {
      const canvas = this.lens.picture(MOST_PX)
      if (canvas) return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY))
      if (!this.lens.isOpen) return null
      await after(20)
    }
  }

  #count() {
    const rate = this.#rate.count(performance.now())
    find(this.root, "[data-show=rate]").textContent = rate == null ? "" : `${fixed(rate, 1)} pictures a second`
  }

  /** A camera that looks at who sits before it is a mirror for them; what is sent never is. */
  #flip() {
    const track = this.lens.video.srcObject instanceof MediaStream
      ? this.lens.video.srcObject.getVideoTracks()[0] : undefined
    this.mirror.checked = track?.getSettings().facingMode !== "environment"
    this.root.dataset.mirrored = String(this.mirror.checked)
  }

  /** @param {MediaDeviceInfo[]} known */
  #offer(known) {
    this.select.hidden = known.length < 2
    this.select.replaceChildren(...known.map(({ deviceId, label }, index) => {
      const option = make("option", "", label || `Camera ${index + 1}`)
      option.value = deviceId
      option.selected = deviceId === this.lens.device
      return option
    }))
  }

  /**
   * @param {string} state
   * @param {string} words
   */
  #end(state, words) {
    this.#turn += 1
    this.lens.close()
    if (this.#isShown && this.session.picture?.isLive) this.session.stop()
    this.#isShown = false
    this.#become(state, words)
  }

  /**
   * @param {string} state `closed`, `opening`, `open` or `failed`
   * @param {string} words
   */
  #become(state, words) {
    this.root.dataset.state = state
    const isOn = state === "open" || state === "opening"
    this.button.textContent = isOn ? "Stop the camera" : "Start the camera"
    find(this.root, "[data-show=camera]").textContent = words
    find(this.root, ".cnnlab-check").hidden = state !== "open"
    if (state !== "open") {
      this.select.hidden = true
      find(this.root, "[data-show=rate]").textContent = ""
    }
  }

  #onVisibility = () => {
    const { state } = this.root.dataset
    if (document.hidden && (state === "open" || state === "opening")) this.#end("closed", HIDDEN)
  }
}

/** @param {number} milliseconds */
function after(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
