// The camera: its image stays alive while pictures are taken, one after the other. Streamlit's own
// shows each picture in its place; to get back it asks for the camera anew, and for the front one.

import { find, pressed } from "../shared/dom.mjs"

const JPEG_QUALITY = 0.92
const PATIENCE = 10_000 // ms for a picture to be kept; a broken line mustn't block the next for good
const REFUSED = "The camera can't be used: allow it for this page in the browser, or close the " +
  "program that uses it, then turn it off and on here."
const INSECURE = "Browsers lend the camera only to pages with https, or on this machine itself."

class Camera {
  #turn = 0 // of opening: an older answer is of no use any more
  /** @type {MediaStream | null} */
  #stream = null
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #keeping // runs out while a picture is on its way

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    this.video = /** @type {HTMLVideoElement} */ (find(root, "video"))
  }

  /** @param {string} [device] its id; without one the back camera, where there is one */
  async open(device) {
    this.close()
    const turn = this.#turn
    if (!navigator.mediaDevices) return this.#fail(INSECURE)
    const which = device ? { deviceId: { exact: device } } : { facingMode: "environment" }
    try {
      const video = { width: { ideal: 1280 }, ...which }
      const stream = await navigator.mediaDevices.getUserMedia({ video })
      if (turn !== this.#turn) return stop(stream)
      this.#stream = this.video.srcObject = stream
      for (const track of stream.getVideoTracks()) track.onended = () => this.#fail(REFUSED)
      this.root.dataset.state = "open"
      find(this.root, "[data-do=switch]").hidden = (await cameras()).length < 2
    } catch {
      if (turn === this.#turn) this.#fail(REFUSED)
    }
  }

  close() {
    this.#turn += 1
    stop(this.#stream)
    this.#stream = this.video.srcObject = null
  }

  async switch() {
    if (!this.#stream) return
    const known = await cameras()
    const id = this.#stream?.getVideoTracks()[0]?.getSettings().deviceId
    this.open(known[(known.findIndex((device) => device === id) + 1) % known.length])
  }

  /** The picture as a data URL, or nothing while there is none or the last one is on its way. */
  take() {
    const { videoWidth: width, videoHeight: height } = this.video
    if (!this.#stream || !width || this.#keeping !== undefined) return null
    this.#keeping = setTimeout(() => this.kept(), PATIENCE)
    this.#mark()
    const canvas = Object.assign(document.createElement("canvas"), { width, height })
    canvas.getContext("2d")?.drawImage(this.video, 0, 0)
    this.video.animate([{ opacity: 0.4 }, { opacity: 1 }], 200)
    return canvas.toDataURL("image/jpeg", JPEG_QUALITY)
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
    this.close() // the last image stands still: it is none to take
    this.root.dataset.state = "failed"
    find(this.root, "[role=status]").textContent = words
  }
}

async function cameras() {
  const devices = await navigator.mediaDevices.enumerateDevices()
  return devices.filter(({ kind }) => kind === "videoinput").map(({ deviceId }) => deviceId)
}

/** @param {MediaStream | null} stream */
function stop(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop()
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
