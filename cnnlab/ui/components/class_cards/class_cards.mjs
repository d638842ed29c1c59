// Classes as cards that take pictures; one button makes a dataset of them, or adds them to one.

import { find, isTouched, make, pressable } from "../shared/dom.mjs"
import { openViewer } from "../shared/viewer.mjs"
import { asking } from "./asking.mjs"
import { Card, droppedBy, pictures, taken } from "./card.mjs"
import { Gathering, lacking } from "./gathering.mjs"
import { Sources } from "./sources.mjs"

/**
 * @typedef {import("../shared/records.d.ts").ClassCardsData} Data
 * @typedef {import("./gathering.mjs").Class} Class
 * @typedef {import("../upload/packing.mjs").Entry} Entry
 */

const LARGE_PX = 1600
const DROPPED = "or drop a folder for each class here: its name is taken"
const NOT_YET = "Not yet: a card says what couldn't be brought to the server. Press again."
const MOST_CARDS = 12 // of classes that a dataset has; the others are chosen

class Cards {
  /** @type {Map<string, Card>} */
  #cards = new Map()
  #shown = new Set()
  #isClosed = false
  #isAsking = false

  /**
   * @param {HTMLElement} root
   * @param {Data} data
   */
  constructor(root, data) {
    this.root = root
    this.data = data
    this.sources = new Sources(data.address)
    this.grid = find(root, ".cnnlab-card-grid")
    this.viewer = /** @type {HTMLDialogElement} */ (find(root, ".cnnlab-viewer"))
    this.name = /** @type {HTMLInputElement} */ (find(root, "[data-for=name] input"))
    this.button = /** @type {HTMLButtonElement} */ (find(root, "[data-do=make]"))
    this.said = find(root, ".cnnlab-card-foot p")
    const place = `cnnlab-draft ${data.target}`
    this.gathering = new Gathering(asking(data.address, data.token), {
      get: () => localStorage.getItem(place) ?? (this.data.left ? this.data.done : null),
      set: (token) => token ? localStorage.setItem(place, token) : localStorage.removeItem(place),
    }, () => this.update())
    this.more = this.#adding()
    find(root, "[data-for=name]").hidden = Boolean(data.target)
    this.button.textContent = data.target ? "Add the pictures" : "Make the dataset"
    this.online = () => this.gathering.again()
    window.addEventListener("online", this.online)
    this.begin()
  }

  async begin() {
    this.#shown = new Set(this.data.classes.slice(0, MOST_CARDS).map(({ name }) => name))
    await this.gathering.begin(this.data.classes)
    this.root.dataset.state = "ready"
  }

  /** Something has come of the draft: go on with what it left, or with empty cards. */
  async goOn() {
    if (this.data.left) await this.gathering.reread()
    else this.gathering.forget()
    if (this.gathering.classes.some(({ pictures: own }) => own.length)) return this.update()
    this.gathering.forget()
    this.name.value = ""
    await this.begin()
  }

  /** The place that takes another class: by its button, or as folders that are dropped. */
  #adding() {
    const others = this.data.classes.slice(MOST_CARDS)
    const button = pressable("+ Add a class", () => this.#open(this.gathering.addClass()))
    const place = make("section", "cnnlab-card cnnlab-more", button,
      make("p", "", isTouched() ? "a card for each thing that is to be told apart" : DROPPED))
    if (others.length) place.append(this.#choosing(others))
    place.setAttribute("aria-label", "Another class")
    place.ondragover = (event) => { event.preventDefault(); place.dataset.over = "true" }
    place.ondragleave = () => { place.dataset.over = "false" }
    place.ondrop = async (event) => {
      place.dataset.over = "false"
      this.#takeFolders(await droppedBy(event))
    }
    return place
  }

  /** @param {Data["classes"]} others */
  #choosing(others) {
    const choice = make("select", "", make("option", "", "Another class of the dataset"))
    choice.setAttribute("aria-label", "Another class of the dataset")
    for (const { name, shown } of others) choice.append(new Option(shown, name))
    choice.onchange = () => {
      this.#shown.add(choice.value)
      this.update()
      choice.selectedIndex = 0
    }
    return choice
  }

  /** @param {Class} own */
  #open(own) {
    this.#cards.get(own.id)?.name.focus()
  }

  /** @param {Entry[]} entries */
  #takeFolders(entries) {
    for (const [folder, own] of byFolder(entries)) {
      const { files, problem } = taken(own, this.data.most_bytes)
      const empty = this.gathering.classes.find((each) => each.images === null && !each.pictures.length)
      const into = this.gathering.classes.find(({ name }) => name === folder) ?? empty ??
        this.gathering.addClass(folder || undefined)
      if (folder) this.gathering.rename(into, folder)
      into.problem = problem
      this.gathering.add(into, files)
    }
  }

  /** @param {Card} card */
  #film(card) {
    const wasOn = card.shutter.isOn
    for (const each of this.#cards.values()) each.shutter.off()
    if (!wasOn) card.shutter.on()
    this.update()
    if (!wasOn) card.shutter.hold.focus()
  }

  /**
   * Show a picture of a class large, with the way to the others.
   * @param {Class} own
   * @param {import("./gathering.mjs").Picture} picture
   */
  #enlarge(own, picture) {
    openViewer(this.viewer, own.pictures.indexOf(picture), {
      count: () => own.pictures.length,
      shown: (at) => ({
        source: this.sources.of(own.pictures[at], own, this.gathering.token, LARGE_PX),
        title: own.name, note: own.pictures[at].name,
      }),
      actions: (at, refresh) => [pressable("Take out", () => {
        this.gathering.remove(own, own.pictures[at])
        refresh()
      })],
    })
  }

  update() {
    if (this.#isClosed) return // what is still on its way has no place any more
    const { classes } = this.gathering
    this.sources.keepOnly(classes)
    const shown = classes.filter(({ images, name, pictures: own }) =>
      images === null || own.length || this.#shown.has(name))
    const present = new Set(shown.map(({ id }) => id))
    for (const [id, card] of this.#cards) {
      if (present.has(id)) continue
      card.close()
      card.root.remove()
      this.#cards.delete(id)
    }
    for (const own of shown) {
      const card = this.#cards.get(own.id)
      if (card) card.update()
      else this.#add(own)
    }
    if (this.grid.lastElementChild !== this.more) this.grid.append(this.more)
    this.#tell()
  }

  /** @param {Class} own */
  #add(own) {
    const card = new Card(own, {
      gathering: this.gathering,
      sources: this.sources,
      mostBytes: this.data.most_bytes,
      open: (each, picture) => this.#enlarge(each, picture),
      film: (each) => this.#film(each),
    })
    this.#cards.set(own.id, card)
    this.grid.insertBefore(card.root, this.more.parentElement ? this.more : null)
  }

  #tell() {
    const { classes } = this.gathering
    const all = classes.flatMap((each) => each.pictures)
    const sending = all.filter(({ state }) => state === "sending").length
    const waiting = all.some(({ state }) => state === "waiting")
    const lacks = this.gathering.problem || lacking(classes, this.data)
    this.button.disabled = Boolean(lacks) // not by what is on its way: a press waits for that
    this.button.setAttribute("aria-disabled", String(this.#isAsking)) // and it keeps the focus
    this.said.textContent = sending ? `${pictures(sending)} on the way` : lacks
    if (waiting && !sending) this.said.append(" ", pressable("Send again", () => this.gathering.again()))
  }

  /**
   * Ask for what the cards show, once the server has it as they show it.
   * @param {(draft: string) => void} take
   */
  async ask(take) {
    if (this.#isAsking) return
    this.#isAsking = true
    this.update()
    const draft = await this.gathering.whole(this.data)
    this.#isAsking = false
    this.update()
    if (this.#isClosed) return
    if (draft) take(draft)
    else if (!this.button.disabled) this.said.textContent = NOT_YET
  }

  close() {
    this.#isClosed = true
    this.sources.keepOnly([])
    window.removeEventListener("online", this.online)
    for (const card of this.#cards.values()) card.close()
  }
}

/**
 * The files of each folder that was dropped; loose ones have no name.
 * @param {Entry[]} entries
 * @returns {Map<string, Entry[]>}
 */
function byFolder(entries) {
  /** @type {Map<string, Entry[]>} */
  const folders = new Map()
  for (const entry of entries) {
    const folder = entry.path.includes("/") ? entry.path.split("/")[0] : ""
    folders.set(folder, [...folders.get(folder) ?? [], entry])
  }
  return folders
}

/** @type {WeakMap<HTMLElement, Cards>} */
const open = new WeakMap()

/** @type {import("../shared/component.d.ts").Draw<Data>} */
export default function draw({ data, parentElement, setTriggerValue }) {
  const root = find(parentElement, ".cnnlab-cards")
  const cards = open.get(root) ?? new Cards(root, data)
  open.set(root, cards)
  cards.data = data
  if (data.done && data.done === cards.gathering.token) cards.goOn()
  cards.button.onclick = () => cards.ask((draft) =>
    setTriggerValue("make", { draft, name: cards.name.value.trim() }))
  return () => {
    cards.close()
    open.delete(root)
  }
}
