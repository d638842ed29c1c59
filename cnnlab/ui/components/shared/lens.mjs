// A camera: its stream, shown in a video, and its pictures.

const INSECURE = "Browsers lend the camera only to pages with https, or on this machine itself."

/** @type {Record<string, string>} what a browser calls it, and what to do about it */
const REASONS = {
  NotAllowedError: "The camera isn't allowed for this page: allow it in the browser, beside the " +
    "address, then",
  NotFoundError: "No camera was found: connect one, then",
  OverconstrainedError: "This camera isn't there any more: connect it, then",
}
const TAKEN = "The camera can't be used: it was disconnected, or another program has it. See to " +
  "that, then"

/**
 * Why there is no camera, in a sentence.
 * @param {unknown} error what the browser says; nothing where it has no camera to lend
 * @param {string} again what to do once it is mended
 */
export function whyNot(error, again) {
  if (error === undefined) return INSECURE
  const name = error instanceof Error || error instanceof DOMException ? error.name : ""
  return `${REASONS[name] ?? TAKEN} ${again}.`
}

export class Lens {
  #turn = 0 // of opening: an older answer is of no use any more
  /** @type {MediaStream | null} */
  #stream = null

  /**
   * @param {HTMLVideoElement} video
   * @param {(error: unknown) => void} onFail what the browser says, as `whyNot` wants it
   */
  constructor(video, onFail) {
    this.video = video
    this.onFail = onFail
  }

  /** The id of the camera that is open, if any. */
  get device() {
    return this.#stream?.getVideoTracks()[0]?.getSettings().deviceId
  }

  get isOpen() {
    return this.#stream !== null
  }

  /**
   * @param {number} width px, about
   * @param {string} [device] its id; without one the back camera, where there is one
   * @returns {Promise<boolean>} whether it is open now, and still wanted
   */
  async open(width, device) {
    this.close()
    const turn = this.#turn
    if (!navigator.mediaDevices) {
      this.onFail(undefined)
      return false
    }
    const which = device ? { deviceId: { exact: device } } : { facingMode: "environment" }
    try {
      const video = { width: { ideal: width }, ...which }
      const stream = await navigator.mediaDevices.getUserMedia({ video })
      if (turn !== this.#turn) {
        stop(stream)
        return false
      }
      this.#stream = this.video.srcObject = stream
      for (const track of stream.getVideoTracks()) track.onended = () => this.#fail(new Error())
      return true
    } catch (error) {
      if (turn === this.#turn) this.#fail(error)
      return false
    }
  }

  close() {
    this.#turn += 1
    stop(this.#stream)
    this.#stream = this.video.srcObject = null
  }

  /**
   * What it sees now, or nothing while it sees nothing yet.
   * @param {number} [mostPx] of the longer side
   */
  picture(mostPx = Infinity) {
    const { videoWidth: width, videoHeight: height } = this.video
    if (!this.#stream || !width) return null
    const scale = Math.min(1, mostPx / Math.max(width, height))
    const canvas = document.createElement("canvas")
    canvas.width = Math.round(scale * width)
    canvas.height = Math.round(scale * height)
    canvas.getContext("2d")?.drawImage(this.video, 0, 0, canvas.width, canvas.height)
    return canvas
  }

  /** @param {unknown} error */
  #fail(error) {
    this.close() // the last image stands still: it is none to take
    this.onFail(error)
  }
}

/** The cameras that there are; they have names once one of them was allowed. */
export async function cameras() {
  const devices = await navigator.mediaDevices.enumerateDevices()
  return devices.filter(({ kind }) => kind === "videoinput")
}

/** @param {MediaStream | null} stream */
function stop(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop()
}
