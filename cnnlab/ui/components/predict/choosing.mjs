// The area that takes pictures: dropped on it, chosen by a click, or pasted anywhere on the page.

import { find, isTouched } from "../shared/dom.mjs"
import { chosen, dropped, packed } from "../upload/packing.mjs"
import { asking as askUploads, send } from "../upload/sending.mjs"
import { isField, pastedFiles, readClipboard, sorted } from "./files.mjs"

/**
 * @typedef {import("../shared/records.d.ts").PredictData} Data
 * @typedef {import("../upload/packing.mjs").Entry} Entry
 * @typedef {import("./session.mjs").Session} Session
 * @typedef {(value: { token: string, name: string } | null) => void} TellMany
 */

const ONE = "Drop a picture here, click to choose one, or paste it (Ctrl+V)."
const MANY = "Several, a folder or a zip become a table."
const TOUCHED = "Tap to choose a picture, or to take one."
const TOUCHED_MANY = "Several, or a zip, become a table."
const NO_PICTURE = "The clipboard holds no picture: copy one, then paste again."
const NO_CLIPBOARD = "The browser doesn't let a button read the clipboard here: press Ctrl+V (on a " +
  "Mac Cmd+V) instead."
const NO_CLIPBOARD_TOUCHED = "The browser doesn't let a button read the clipboard here: save the picture, " +
  "then choose it."

/** What takes pictures on one page, as long as it is there. */
export class Choosing {
  #turn = 0 // what was given last; others don't count
  /** @type {Data | undefined} */
  #data

  /**
   * @param {HTMLElement} root
   * @param {Session} session
   * @param {TellMany} tellMany
   */
  constructor(root, session, tellMany) {
    this.area = find(root, ".cnnlab-drop")
    this.input = /** @type {HTMLInputElement} */ (find(this.area, "input"))
    this.session = session
    this.tellMany = tellMany
    this.#listen()
  }

  /** @param {Data} data */
  draw(data) {
    const before = this.#data
    this.#data = data
    this.input.multiple = data.many
    if (before) return
    this.#idle(data)
    // The area is on the page a moment before this runs: a file may have been chosen already.
    this.take(chosen(this.input.files ?? []))
  }

  leave() {
    this.#turn += 1
    document.removeEventListener("paste", this.#onPaste)
  }

  /** @param {Entry[] | Promise<Entry[]>} given */
  async take(given) {
    if (Array.isArray(given) && !given.length) return // a dialog was closed
    const turn = this.#turn += 1
    const isCurrent = () => this.#turn === turn
    try {
      const entries = await given
      if (isCurrent()) await this.#use(entries, isCurrent)
    } catch (error) {
      if (isCurrent()) this.#fail(error instanceof Error ? error.message : String(error))
    }
    this.input.value = "" // the same file chosen again is a choice again
  }

  /**
   * @param {Entry[]} entries
   * @param {() => boolean} isCurrent
   */
  async #use(entries, isCurrent) {
    const data = this.#data
    if (!data) return
    const what = sorted(entries, data)
    if ("many" in what) return this.#sendAll(what.many, data, isCurrent)
    if ("problem" in what && !("name" in what)) return this.#fail(what.problem)
    this.#idle(data)
    if ("picture" in what) {
      const { path, file } = what.picture
      this.session.show({ name: path.split("/").at(-1) ?? path, isLive: false, take: async () => file })
    } else this.session.refuse(what.name, what.problem)
    return undefined
  }

  /**
   * @param {Entry[]} entries
   * @param {Data} data
   * @param {() => boolean} isCurrent
   */
  async #sendAll(entries, data, isCurrent) {
    const { name, body } = packed(entries)
    const called = entries.length === 1 ? name : `${entries.length.toLocaleString("en")} files`
    this.area.dataset.state = "sending"
    this.#say(0, `${called}: starting`)
    const token = await send(name, body, data.uploads, askUploads(data.token), isCurrent,
      (share, words) => this.#say(share, `${called}: ${words}`))
    if (!token) return
    this.#idle(data)
    this.tellMany({ token, name })
  }

  /** @param {Data} data */
  #idle(data) {
    this.area.dataset.state = "idle"
    this.#say(null, this.#asked(data.many))
  }

  /**
   * What a pointer or a finger can do here.
   * @param {boolean} many
   */
  #asked(many) {
    const [one, more] = isTouched() ? [TOUCHED, TOUCHED_MANY] : [ONE, MANY]
    return many ? `${one} ${more}` : one
  }

  /** @param {string} words */
  #fail(words) {
    this.area.dataset.state = "failed"
    this.#say(null, words)
  }

  /**
   * @param {number | null} share
   * @param {string} words
   */
  #say(share, words) {
    const bar = find(this.area, ".cnnlab-bar")
    bar.hidden = share == null
    find(bar, "span").style.width = `${100 * (share ?? 0)}%`
    find(this.area, "[data-show=drop]").textContent = words
  }

  #listen() {
    const { area, input } = this
    input.onchange = () => this.take(chosen(input.files ?? []))
    area.ondragover = (event) => { event.preventDefault(); area.dataset.over = "true" }
    area.ondragleave = () => { area.dataset.over = "false" }
    area.ondrop = (event) => {
      event.preventDefault()
      area.dataset.over = "false"
      const items = Array.from(event.dataTransfer?.items ?? [], (item) => item.webkitGetAsEntry())
      const files = chosen(event.dataTransfer?.files ?? [])
      const found = items.filter((item) => item !== null)
      this.take(found.length ? dropped(found) : files)
    }
    const button = /** @type {HTMLButtonElement} */ (find(area, "[data-do=paste]"))
    button.onclick = () => this.#paste()
    button.disabled = false // it is on the page before anything listens to it
    document.addEventListener("paste", this.#onPaste)
  }

  #onPaste = (/** @type {ClipboardEvent} */ event) => {
    const files = pastedFiles(event.clipboardData)
    if (!files.length && isField(event.target)) return
    event.preventDefault()
    if (files.length) this.take(files)
    else this.#fail(NO_PICTURE)
  }

  async #paste() {
    if (!navigator.clipboard?.read) return this.#fail(isTouched() ? NO_CLIPBOARD_TOUCHED : NO_CLIPBOARD)
    try {
      const found = await readClipboard()
      if (found.length) return await this.take(found)
      return this.#fail(NO_PICTURE)
    } catch {
      return this.#fail(isTouched() ? NO_CLIPBOARD_TOUCHED : NO_CLIPBOARD)
    }
  }
}
