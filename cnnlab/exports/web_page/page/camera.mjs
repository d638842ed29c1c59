// The camera, live: as soon as a picture is answered, the next one is taken.

import { pixelsOf } from "../pictures/pictures.mjs"

/** @typedef {import("../pictures/pillow.mjs").Picture} Picture */

const WIDTH_PX = 640
const LEAST_MS = 100 // from picture to picture: more than ten a second show nothing more

/**
 * Why there is no camera, in words.
 * @param {unknown} error of `getUserMedia`
 */
export function whyNot(error) {
  const called = error instanceof Error || error instanceof DOMException ? error.name : ""
  if (called === "NotAllowedError" || called === "SecurityError") {
    return "The camera wasn't allowed. Some browsers never allow it for a file that was opened from disk: " +
      "take a photo and choose it instead."
  }
  if (called === "NotFoundError" || called === "OverconstrainedError")
    return "No camera was found: choose a picture instead."
  if (called === "NotReadableError") return "Another program uses the camera: close that, then try again."
  return "This browser gives pages that were opened from disk no camera: choose a picture instead."
}

/** Whether there is another camera to turn to, as on most phones. */
export async function hasSeveral() {
  const devices = await navigator.mediaDevices.enumerateDevices()
  return devices.filter(({ kind }) => kind === "videoinput").length > 1
}

/** A camera that is on or off. */
export class Camera {
  #turn = 0
  #side = "environment"

  /**
   * @param {HTMLVideoElement} video
   * @param {(picture: Picture) => void} take what is done with each picture
   */
  constructor(video, take) {
    this.video = video
    this.take = take
  }

  get isOn() {
    return this.video.srcObject !== null
  }

  /** @throws {unknown} what `getUserMedia` says where it is refused */
  async start() {
    this.stop()
    const turn = this.#turn += 1
    if (!navigator.mediaDevices?.getUserMedia) throw new Error("no camera")
    const video = { width: { ideal: WIDTH_PX }, facingMode: this.#side }
    const stream = await navigator.mediaDevices.getUserMedia({ video, audio: false })
    if (turn !== this.#turn) {
      stream.getTracks().forEach((track) => track.stop())
      return
    }
    this.video.srcObject = stream
    await this.video.play()
    this.#film(turn)
  }

  /** The camera on the other side of a phone. */
  turnAround() {
    this.#side = this.#side === "environment" ? "user" : "environment"
    return this.start()
  }

  stop() {
    this.#turn += 1
    const stream = this.video.srcObject
    if (stream instanceof MediaStream) stream.getTracks().forEach((track) => track.stop())
    this.video.srcObject = null
  }

  /** @param {number} turn */
  #film(turn) {
    if (turn !== this.#turn) return
    const { videoWidth: width, videoHeight: height } = this.video
    const since = performance.now()
    if (width && height && !document.hidden) this.take(pixelsOf(this.video, width, height))
    setTimeout(() => this.#film(turn), Math.max(20, LEAST_MS - (performance.now() - since)))
  }
}
