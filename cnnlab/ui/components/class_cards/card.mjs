// One card: the name of a class, its pictures, and what brings more of them.

import { chosen, dropped } from "../upload/packing.mjs"
import { isTouched, make, pressable } from "../shared/dom.mjs"
import { dataSize } from "../shared/numbers.mjs"
import { Shutter } from "./shutter.mjs"

const DROPPED = "Drop pictures or a folder here"
const TOUCHED = "Choose photos, or take some"
const PICTURE = /\.(jpe?g|jfif|png|webp|bmp|gif|tiff?)$/i
const THUMB_PX = 160

/**
 * @typedef {import("./gathering.mjs").Class} Class
 * @typedef {import("./gathering.mjs").Picture} Picture
 * @typedef {import("./gathering.mjs").Gathering} Gathering
 * @typedef {import("../upload/packing.mjs").Entry} Entry
 * @typedef {{ gathering: Gathering, sources: import("./sources.mjs").Sources, mostBytes: number,
 *   open(own: Class, picture: Picture): void, film(card: Card): void }} Around
 */

/** @param {number} count */
export function pictures(count) {
  return `${count.toLocaleString("en")} ${count === 1 ? "picture" : "pictures"}`
}

/**
 * Those of the files that are pictures of a size that is taken, and what to say of the others.
 * @param {Entry[]} entries
 * @param {number} mostBytes
 */
export function taken(entries, mostBytes) {
  const shown = entries.filter(({ path, file }) => PICTURE.test(path) || file.type.startsWith("image/"))
  const fit = shown.filter(({ file }) => file.size <= mostBytes)
  const told = []
  const others = entries.length - shown.length
  if (others) told.push(`${others} ${others === 1 ? "file is no picture" : "files are no pictures"}`)
  const large = shown.length - fit.length
  if (large) told.push(`${pictures(large)} larger than ${dataSize(mostBytes)}`)
  const files = fit.map(({ path, file }) => ({ name: path.split("/").at(-1) ?? path, file }))
  return { files, problem: told.length ? `Left out: ${told.join(", ")}.` : "" }
}

/**
 * What an event drops, folders with all that is in them.
 * @param {DragEvent} event
 * @returns {Promise<Entry[]>}
 */
export async function droppedBy(event) {
  event.preventDefault()
  const entries = Array.from(event.dataTransfer?.items ?? [], (item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null)
  const files = chosen(event.dataTransfer?.files ?? [])
  return entries.length ? dropped(entries) : files
}

export class Card {
  /** @type {Map<string, HTMLElement>} */
  #thumbs = new Map()

  /**
   * @param {Class} own
   * @param {Around} around
   */
  constructor(own, around) {
    this.own = own
    this.around = around
    this.name = make("input")
    this.name.type = "text"
    this.name.maxLength = 100
    this.name.value = own.name
    this.name.readOnly = own.images !== null
    this.name.onfocus = () => { if (!this.name.readOnly) this.name.select() }
    this.name.oninput = () => { own.name = this.name.value }
    this.name.onchange = () => around.gathering.rename(own, this.name.value.trim())
    this.input = make("input")
    this.input.type = "file"
    this.input.multiple = true
    this.input.accept = "image/*"
    this.input.onchange = () => this.take(chosen(this.input.files ?? []))
    this.count = make("span", "cnnlab-count")
    this.count.setAttribute("role", "status")
    this.list = make("ul")
    this.hint = make("p", "cnnlab-hint", isTouched() ? TOUCHED : DROPPED)
    this.problem = make("p", "cnnlab-problem")
    this.problem.setAttribute("role", "alert")
    this.shutter = new Shutter((file) => around.gathering.add(own, [file]))
    this.camera = pressable("Camera", () => around.film(this))
    this.gone = pressable("×", () => around.gathering.removeClass(own))
    this.gone.className = "cnnlab-gone"
    this.root = this.#built()
    this.update()
  }

  #built() {
    const choose = make("label", "cnnlab-choose", "Choose photos", this.input)
    const place = make("div", "cnnlab-place", this.hint, this.list)
    const root = make("section", "cnnlab-card",
      make("header", "", this.name, this.own.images === null ? this.gone : ""),
      make("div", "cnnlab-tools", choose, this.camera, this.count),
      this.shutter.root, place, this.problem)
    root.ondragover = (event) => { event.preventDefault(); root.dataset.over = "true" }
    root.ondragleave = () => { root.dataset.over = "false" }
    root.ondrop = async (event) => {
      root.dataset.over = "false"
      this.take(await droppedBy(event))
    }
    return root
  }

  /** @param {Entry[]} entries */
  take(entries) {
    const { files, problem } = taken(entries, this.around.mostBytes)
    this.own.problem = problem
    this.around.gathering.add(this.own, files)
    this.input.value = "" // the same file may be chosen again
  }

  /** Show what the class has now. */
  update() {
    const { own } = this
    const called = own.name || "a class without a name"
    this.root.setAttribute("aria-label", called)
    if (document.activeElement !== this.name) this.name.value = own.name
    this.name.setAttribute("aria-label", `Name of the class ${called}`)
    this.input.setAttribute("aria-label", `Choose photos of ${called}`)
    this.camera.setAttribute("aria-label", `Camera for ${called}`)
    this.camera.setAttribute("aria-pressed", String(this.shutter.isOn))
    this.gone.setAttribute("aria-label", `Remove ${called}`)
    const there = own.images === null ? "" : ` to add to ${own.images.toLocaleString("en")}`
    this.count.textContent = pictures(own.pictures.length) + there
    this.hint.hidden = own.pictures.length > 0
    this.problem.textContent = own.problem
    this.#drawThumbs()
  }

  #drawThumbs() {
    const present = new Set(this.own.pictures.map(({ id }) => id))
    for (const [id, thumb] of this.#thumbs) {
      if (present.has(id)) continue
      thumb.remove()
      this.#thumbs.delete(id)
    }
    let grown = false
    for (const picture of this.own.pictures) {
      let thumb = this.#thumbs.get(picture.id)
      if (!thumb) {
        thumb = this.#thumb(picture)
        this.#thumbs.set(picture.id, thumb)
        this.list.append(thumb)
        grown = true
      }
      thumb.dataset.state = picture.state
    }
    if (grown) this.list.scrollTop = this.list.scrollHeight
  }

  /** @param {Picture} picture */
  #thumb(picture) {
    const { own, around } = this
    const image = make("img")
    image.alt = ""
    image.loading = "lazy"
    image.decoding = "async"
    image.src = around.sources.of(picture, own, around.gathering.token, THUMB_PX)
    const open = pressable("", () => around.open(own, picture))
    open.append(image)
    open.setAttribute("aria-label", `Open large: ${picture.name || "a picture"}`)
    const out = pressable("×", () => this.remove(picture))
    out.className = "cnnlab-out"
    out.tabIndex = -1 // the key Delete does it
    out.setAttribute("aria-label", `Take out ${picture.name || "this picture"}`)
    open.onkeydown = (event) => {
      if (event.key === "Delete" || event.key === "Backspace") this.remove(picture)
    }
    return make("li", "", open, out)
  }

  /** @param {Picture} picture */
  remove(picture) {
    const thumb = this.#thumbs.get(picture.id)
    const beside = thumb?.nextElementSibling ?? thumb?.previousElementSibling
    const hadFocus = thumb?.contains(document.activeElement)
    this.around.gathering.remove(this.own, picture)
    if (hadFocus) (beside?.querySelector("button") ?? this.input).focus()
  }

  /** Leave the page: the camera goes off. */
  close() {
    this.shutter.off()
  }
}
