// The page: pictures come in by file, drop, paste or camera; what the model says goes out. Nothing
// else does: the file's policy forbids every connection.

import { Answer } from "./answer.mjs"
import { Camera, hasSeveral, whyNot } from "./camera.mjs"
import { answerWhoAsks } from "./check.mjs"
import { modelIn } from "./model.mjs"
import { Unreadable } from "../pictures/pictures.mjs"

/** @typedef {import("./model.mjs").Model} Model */

const TOO_OLD = "This browser is too old for the page. It needs Chrome or Edge 80, Safari 16.4 or " +
  "Firefox 113, or a newer one."
const DAMAGED = "The file is damaged: a part of it got lost on the way. Ask for it again."

/**
 * @template {HTMLElement} Kind
 * @param {string} selector
 */
function find(selector) {
  return /** @type {Kind} */ (document.querySelector(selector))
}

/** What was given last, shown and answered. */
class Page {
  #turn = 0

  /** @param {Model} model */
  constructor(model) {
    this.model = model
    this.stage = find("#stage")
    this.answer = new Answer(find("#answer"), model.about)
    this.camera = new Camera(find("video"), (picture) => this.answer.show(model.ofPicture(picture), true))
  }

  listen() {
    const input = /** @type {HTMLInputElement} */ (find("input"))
    input.disabled = false
    input.onchange = () => {
      this.#take(input.files)
      input.value = ""
    }
    for (const button of document.querySelectorAll("button")) button.disabled = false
    find("[data-do=camera]").onclick = () => (this.camera.isOn ? this.#stopCamera() : this.#film("start"))
    find("[data-do=turn]").onclick = () => this.#film("turnAround")
    document.addEventListener("paste", ({ clipboardData }) => this.#take(clipboardData?.files))
    document.addEventListener("dragover", (event) => {
      event.preventDefault()
      this.stage.dataset.over = "true"
    })
    document.addEventListener("dragleave", ({ relatedTarget }) => {
      if (!relatedTarget) this.stage.dataset.over = "false"
    })
    document.addEventListener("drop", (event) => {
      event.preventDefault()
      this.stage.dataset.over = "false"
      this.#take(event.dataTransfer?.files)
    })
    addEventListener("pagehide", () => this.camera.stop())
  }

  /** @param {FileList | null | undefined} files */
  #take(files) {
    const [file] = files ?? []
    if (file) this.show(file)
  }

  /** @param {File} file */
  async show(file) {
    const turn = this.#turn += 1
    this.#stopCamera()
    const image = /** @type {HTMLImageElement} */ (find("#picture"))
    URL.revokeObjectURL(image.src)
    image.src = URL.createObjectURL(file)
    image.alt = file.name ? `The picture ${file.name}` : "The picture that was given"
    this.#become("picture")
    try {
      const answer = await this.model.ofFile(new Uint8Array(await file.arrayBuffer()))
      if (turn === this.#turn) this.answer.show(answer, false)
    } catch (error) {
      if (turn !== this.#turn) return
      image.removeAttribute("src")
      this.#become("empty")
      this.answer.refuse(error instanceof Unreadable ? error.message : "The picture can't be read.")
    }
  }

  /** @param {"start" | "turnAround"} how */
  async #film(how) {
    const turn = this.#turn += 1
    this.#become("camera")
    try {
      await this.camera[how]()
      if (turn === this.#turn) find("[data-do=turn]").hidden = !await hasSeveral()
    } catch (error) {
      if (turn !== this.#turn) return
      this.#stopCamera()
      this.answer.refuse(whyNot(error))
    }
  }

  #stopCamera() {
    this.camera.stop()
    if (this.stage.dataset.state === "camera") {
      this.#become("empty")
      this.answer.clear()
    }
  }

  /** @param {string} state `empty`, `picture` or `camera` */
  #become(state) {
    this.stage.dataset.state = state
    find("[data-do=camera]").textContent = state === "camera" ? "Stop the camera" : "Use the camera"
    if (state !== "camera") find("[data-do=turn]").hidden = true
  }
}

/** @param {string} words */
function fail(words) {
  document.body.dataset.state = "failed"
  find("#loading").textContent = words
}

async function begin() {
  if (typeof DecompressionStream === "undefined" || typeof createImageBitmap === "undefined") {
    fail(TOO_OLD)
    return
  }
  try {
    const model = await modelIn(document)
    new Page(model).listen()
    document.body.dataset.state = "ready"
    answerWhoAsks(model, performance.now())
  } catch {
    fail(DAMAGED)
  }
}

begin()
