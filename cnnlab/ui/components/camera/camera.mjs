// The camera: its image stays alive while pictures are taken, one after the other. Streamlit's own
// shows each picture in its place; to get back it asks for the camera anew, and for the front one.

import { find, pressed } from "../shared/dom.mjs"
import { cameras, Lens, whyNot } from "../shared/lens.mjs"

const JPEG_QUALITY = 0.92
const WIDTH_PX = 1280
const PATIENCE = 10_000 // ms for a picture to be kept; a broken line mustn't block the next for good
const AGAIN = "turn it off and on here"

class Camera {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #keeping // runs out while a picture is on its way

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    const video = /** @type {HTMLVideoElement} */ (find(root, "video"))
    this.lens = new Lens(video, (error) => this.#fail(whyNot(error, AGAIN)))
  }

  /** @param {string} [device] its id; without one the back camera, where there is one */
  async open(device) {
    if (!await this.lens.open(WIDTH_PX, device)) return
    this.root.dataset.state = "open"
    find(this.root, "[data-do=switch]").hidden = (await cameras()).length < 2
  }

  close() {
    this.lens.close()
  }

  async switch() {
    if (!this.lens.isOpen) return
    const known = (await cameras()).map(({ deviceId }) => deviceId)
    const { device } = this.lens
    this.open(known[(known.findIndex((id) => id === device) + 1) % known.length])
  }

  /** The picture as a data URL, or nothing while there is none or the last one is on its way. */
  take() {
    const picture = this.#keeping === undefined && this.lens.picture()
    if (!picture) return null
    this.#keeping = setTimeout(() => this.kept(), PATIENCE)
    this.#mark()
    this.lens.video.animate([{ opacity: 0.4 }, { opacity: 1 }], 200)
    return picture.toDataURL("image/jpeg", JPEG_QUALITY)
  }

  kept() {
    clearTimeout(this.#keeping)
    this.#keeping = undefined
    this.#mark()
  }

  // Not `disabled`, which would take the focus of those who press the space bar.
  #mark() {
    const shutter = find(this.root, "[data-do=take]")
    shutter.setAttribute("aria-disabled", String(this.#keeping !== undefined))
  }

  /** @param {string} words */
  #fail(words) {
    this.root.dataset.state = "failed"
    find(this.root, "[role=status]").textContent = words
  }
}

/** @type {WeakMap<HTMLElement, Camera>} */
const open = new WeakMap()

/** @type {import("../shared/component.d.ts").Draw<{ turn: number }>} */
export default function draw({ data, parentElement, setTriggerValue }) {
  const root = find(parentElement, ".cnnlab-camera")
  const camera = open.get(root) ?? new Camera(root)
  if (!open.has(root)) {
    open.set(root, camera)
    camera.open()
  }
  if (root.dataset.turn !== String(data.turn)) camera.kept()
  root.dataset.turn = String(data.turn)
  root.onclick = (event) => {
    const action = pressed(event)?.dataset.do
    if (action === "switch") camera.switch()
    const picture = action === "take" && camera.take()
    if (picture) setTriggerValue("picture", picture)
  }
  return () => {
    camera.close()
    open.delete(root)
  }
}
