// The camera: its image stays alive while pictures are taken, one after the other. Streamlit's own
// shows each picture in its place; to get back it asks for the camera anew, and for the front one.

const JPEG_QUALITY = 0.92
const PATIENCE = 10_000 // ms for a picture to be kept; a broken line mustn't block the next for good
const REFUSED = "The camera can't be used: allow it for this page in the browser, or close the " +
  "program that uses it, then turn it off and on here."
const INSECURE = "Browsers lend the camera only to pages with https, or on this machine itself."

class Camera {
  #turn = 0 // of opening: an older answer is of no use any more
  #stream = null
  #keeping = null // runs out while a picture is on its way

  constructor(root) {
    this.root = root
    this.video = root.querySelector("video")
  }

  async open(device) {
    this.close()
    const turn = this.#turn
    if (!navigator.mediaDevices) return this.#fail(INSECURE)
    const which = device ? { deviceId: { exact: device } } : { facingMode: "environment" }
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 }, ...which } })
      if (turn !== this.#turn) return stop(stream)
      this.#stream = this.video.srcObject = stream
      this.#track().onended = () => this.#fail(REFUSED)
      this.root.dataset.state = "open"
      this.root.querySelector("[data-do=switch]").hidden = (await cameras()).length < 2
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
    const now = known.indexOf(this.#track()?.getSettings().deviceId)
    this.open(known[(now + 1) % known.length])
  }

  // The picture, or nothing while there is none or the last one is on its way.
  take() {
    const { videoWidth: width, videoHeight: height } = this.video
    if (!this.#stream || !width || this.#keeping) return null
    this.#keeping = setTimeout(() => this.kept(), PATIENCE)
    this.#mark()
    const canvas = Object.assign(document.createElement("canvas"), { width, height })
    canvas.getContext("2d").drawImage(this.video, 0, 0)
    this.video.animate([{ opacity: 0.4 }, { opacity: 1 }], 200)
    return canvas.toDataURL("image/jpeg", JPEG_QUALITY)
  }

  kept() {
    clearTimeout(this.#keeping)
    this.#keeping = null
    this.#mark()
  }

  // Not `disabled`, which would take the focus of those who press the space bar.
  #mark() {
    const shutter = this.root.querySelector("[data-do=take]")
    shutter.setAttribute("aria-disabled", String(this.#keeping !== null))
  }

  #track() {
    return this.#stream?.getVideoTracks()[0]
  }

  #fail(words) {
    this.close() // the last image stands still: it is none to take
    this.root.dataset.state = "failed"
    this.root.querySelector("[role=status]").textContent = words
  }
}

async function cameras() {
  const devices = await navigator.mediaDevices.enumerateDevices()
  return devices.filter(({ kind }) => kind === "videoinput").map(({ deviceId }) => deviceId)
}

function stop(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop()
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".cnnlab-camera")
  if (!root.cnnlabCamera) {
    root.cnnlabCamera = new Camera(root)
    root.cnnlabCamera.open()
  }
  const camera = root.cnnlabCamera
  if (root.dataset.turn !== String(data.turn)) camera.kept()
  root.dataset.turn = data.turn
  root.onclick = (event) => {
    const action = event.target.closest("button")?.dataset.do
    if (action === "switch") camera.switch()
    const picture = action === "take" && camera.take()
    if (picture) setTriggerValue("picture", picture)
  }
  return () => {
    camera.close()
    delete root.cnnlabCamera
  }
}
