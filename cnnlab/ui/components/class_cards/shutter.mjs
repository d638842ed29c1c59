// A camera that takes pictures for as long as its button is held.

import { make } from "../shared/dom.mjs"
import { Lens, whyNot } from "../shared/lens.mjs"

const EVERY_MS = 160
const MOST_PX = 960
const JPEG_QUALITY = 0.9
const AGAIN = "press Camera again"
const KEYS = new Set([" ", "Enter"])

export class Shutter {
  #held = 0 // the timer's id while the button is held
  #number = 0
  isOn = false

  /** @param {(file: { name: string, file: Blob }) => void} onPicture */
  constructor(onPicture) {
    this.onPicture = onPicture
    this.video = make("video")
    Object.assign(this.video, { autoplay: true, muted: true, playsInline: true })
    this.video.setAttribute("aria-label", "What the camera sees")
    this.said = make("p", "", "Allow this page to use the camera: the browser asks for it.")
    this.said.setAttribute("role", "status")
    this.hold = make("button", "cnnlab-hold", "Hold to record")
    this.hold.type = "button"
    this.root = make("div", "cnnlab-shutter", this.video, this.said, this.hold)
    this.root.hidden = true
    this.lens = new Lens(this.video, (error) => this.#say(whyNot(error, AGAIN)))
    this.#listen()
  }

  #listen() {
    const { hold } = this
    hold.onpointerdown = (event) => {
      hold.setPointerCapture(event.pointerId)
      this.#begin()
    }
    hold.onpointerup = hold.onpointercancel = hold.onlostpointercapture = hold.onblur = () => this.#end()
    hold.onkeydown = (event) => {
      if (!KEYS.has(event.key)) return
      event.preventDefault()
      if (!event.repeat) this.#begin()
    }
    hold.onkeyup = (event) => { if (KEYS.has(event.key)) this.#end() }
    hold.oncontextmenu = (event) => event.preventDefault() // a long touch would open a menu
  }

  async on() {
    this.isOn = true
    this.root.hidden = false
    this.#say("Allow this page to use the camera: the browser asks for it.")
    if (await this.lens.open(MOST_PX)) this.#say("")
  }

  off() {
    this.isOn = false
    this.#end()
    this.lens.close()
    this.root.hidden = true
  }

  #begin() {
    if (this.#held || !this.lens.isOpen) return
    this.hold.dataset.held = "true"
    this.#take()
    this.#held = window.setInterval(() => this.#take(), EVERY_MS)
  }

  #end() {
    clearInterval(this.#held)
    this.#held = 0
    this.hold.dataset.held = "false"
  }

  #take() {
    const number = this.#number += 1
    this.lens.picture(MOST_PX)?.toBlob((file) => {
      if (file) this.onPicture({ name: `camera-${String(number).padStart(4, "0")}.jpg`, file })
    }, "image/jpeg", JPEG_QUALITY)
  }

  /** @param {string} words */
  #say(words) {
    this.said.textContent = words
    // Not `disabled`, which would take the focus of those who press the space bar.
    this.hold.setAttribute("aria-disabled", String(words !== ""))
  }
}
