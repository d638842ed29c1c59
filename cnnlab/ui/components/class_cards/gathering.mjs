// Pictures gathered class by class: what the page knows of them, and how they get to the server, each
// at once and as often as it takes. The draft's token stays with the browser: a page that is loaded
// again finds all that has arrived.

import { insist, Refusal } from "../upload/sending.mjs"
import { Gone } from "./asking.mjs"

const AT_ONCE = 3

/**
 * @typedef {{ id: string, name: string, file: Blob | null, state: "sending" | "waiting" | "kept" }} Picture
 *   `waiting` is one that the server couldn't be given
 * @typedef {{ id: string, name: string, images: number | null, pictures: Picture[], problem: string }} Class
 *   `images` are those that its dataset has of it, null for a class that is new
 * @typedef {(method: string, path: string, options?: { name?: string, body?: Blob }) => Promise<any>} Ask
 * @typedef {{ get(): string | null, set(token: string | null): void }} Kept where the token stays
 * @typedef {{ done: Promise<unknown>, isFailed: boolean }} Told what a class is called, and whether
 *   the server couldn't be given it
 */

const NAME_LOST = "Its name could not be kept: type it again."

let made = 0

/** A name that sorts behind all that were made before. */
function newId() {
  const noise = crypto.getRandomValues(new Uint16Array(1))[0]
  made += 1
  return [[Date.now(), 12], [made % 65536, 4], [noise, 4]]
    .map(([number, digits]) => number.toString(16).padStart(digits, "0")).join("")
}

export class Gathering {
  /** @type {Class[]} */
  classes = []
  /** @type {string | null} */
  token = null
  problem = ""
  /** @type {Promise<string> | null} */
  #begun = null
  /** @type {Map<Class, Told>} classes that the server has been told of */
  #told = new Map()
  /** @type {Set<Promise<unknown>>} what is on its way to the server just now */
  #sent = new Set()
  /** @type {Set<Promise<boolean>>} what the server is to forget; whether it has, in the end */
  #leaving = new Set()
  /** @type {WeakSet<Picture>} those that the server has, or may have: an answer can be lost */
  #tried = new WeakSet()
  /** @type {(() => Promise<void>)[]} */
  #queue = []
  /** @type {Set<string>} what was taken out here: an answer on its way may still name it */
  #out = new Set()

  /**
   * @param {Ask} ask
   * @param {Kept} kept
   * @param {() => void} onChange
   * @param {(milliseconds: number) => Promise<unknown>} [wait]
   */
  constructor(ask, kept, onChange, wait) {
    this.ask = (/** @type {Parameters<Ask>} */ ...what) => insist(() => ask(...what), wait)
    this.kept = kept
    this.onChange = onChange
  }

  /**
   * Begin with what was gathered before, if it is still there, and with these classes.
   * @param {{ name: string, images: number }[]} known of the dataset; none for a new one
   */
  async begin(known) {
    this.classes = known.map(({ name, images }) => newClass(name, images))
    const token = this.kept.get()
    if (token) await this.#restore(token)
    if (this.token) this.kept.set(this.token)
    while (!known.length && this.classes.length < 2) this.addClass()
    this.onChange()
  }

  /**
   * Read the draft again, of which something may have come: what that took goes off the cards, what
   * came later stays.
   */
  async reread() {
    if (this.token) await this.#restore(this.token)
    this.onChange()
  }

  /** @param {string} token */
  async #restore(token) {
    const before = this.#kept(), asked = this.token
    const isPast = () => asked !== null && this.token !== asked
    try {
      const { classes } = await this.ask("GET", `/${token}`)
      if (isPast()) return
      this.token = token
      this.#begun = Promise.resolve(token)
      const there = new Set()
      for (const { id, name, pictures } of classes) {
        if (this.#out.has(id)) continue
        const own = this.#ofServer(id, name)
        for (const picture of pictures) {
          there.add(picture)
          if (this.#out.has(picture) || own.pictures.some((each) => each.id === picture)) continue
          /** @type {Picture} */
          const found = { id: picture, name: "", file: null, state: "kept" }
          own.pictures.push(found)
          this.#tried.add(found)
        }
      }
      this.#takeOff(before.filter(({ id }) => !there.has(id)))
    } catch (error) {
      if (isPast()) return
      if (error instanceof Gone) this.forget(token) // made into something, or tidied away long ago
      else this.problem = "What was gathered before can't be shown now: load the page again."
    }
  }

  /**
   * A class that the server has: as it is here already, or in the place of the dataset's own.
   * @param {string} id
   * @param {string} name
   */
  #ofServer(id, name) {
    const known = this.classes.find((each) => each.id === id)
    if (known) return known
    const at = this.classes.findIndex((each) =>
      each.images !== null && each.name === name && !each.pictures.length)
    const own = newClass(name, this.classes[at]?.images ?? null, id)
    this.#told.set(own, { done: Promise.resolve(), isFailed: false })
    if (at < 0) this.classes.push(own)
    else this.classes[at] = own
    return own
  }

  /** The pictures that the server has, as far as is known here. */
  #kept() {
    return this.classes.flatMap(({ pictures }) => pictures.filter(({ state }) => state === "kept"))
  }

  /** @param {Picture[]} gone */
  #takeOff(gone) {
    const off = new Set(gone)
    for (const own of this.classes) own.pictures = own.pictures.filter((each) => !off.has(each))
  }

  /** Let go of the draft: something has come of it. What is on its way goes into the next one. */
  forget(token = this.token) {
    if (this.kept.get() === token) this.kept.set(null) // another window may be at another one
    this.token = this.#begun = null
    this.#told.clear()
    this.#tried = new WeakSet()
    this.#takeOff(this.#kept())
  }

  /**
   * @param {string} [name]
   * @returns {Class}
   */
  addClass(name) {
    let number = this.classes.length + 1
    while (this.classes.some((each) => each.name === `Class ${number}`)) number += 1
    const own = newClass(name ?? `Class ${number}`, null)
    this.classes.push(own)
    this.onChange()
    return own
  }

  /**
   * @param {Class} own
   * @param {string} name
   * @returns {Promise<boolean>} whether the server has it now, or isn't to have it yet
   */
  async rename(own, name) {
    own.name = name
    this.onChange()
    if (!this.#told.has(own)) return true // the first picture tells
    try {
      await this.#tell(own)
    } catch {
      this.#fail(own, NAME_LOST)
      return false
    }
    if (own.problem === NAME_LOST) this.#fail(own, "")
    return true
  }

  /**
   * Until the server has what the cards show. A name that it couldn't be given is given once more.
   * @returns {Promise<boolean>} false where it hasn't: the cards say why
   */
  async settled() {
    const shown = [...this.#told].filter(([own]) => this.classes.includes(own))
    const names = shown.map(([own, { done, isFailed }]) =>
      isFailed ? this.rename(own, own.name) : done.then(() => true, () => false))
    while (this.#sent.size) await Promise.all(this.#sent)
    const all = await Promise.all([...names, ...this.#leaving])
    return all.every(Boolean)
  }

  /**
   * What can be made a dataset: asked when the button is pressed.
   * @param {Parameters<typeof lacking>[1]} needed
   * @returns {Promise<string | null>} the draft's token; null where the server hasn't what is shown
   */
  async whole(needed) {
    const isWhole = await this.settled() && !this.#sent.size && !this.#leaving.size
    return isWhole && !lacking(this.classes, needed) ? this.token : null
  }

  /**
   * Tell the server what a class is called; names arrive in the order in which they were given.
   * @param {Class} own
   */
  #tell(own) {
    const before = this.#told.get(own)
    const tell = async () => {
      await before?.done.catch(() => {}) // whoever gave that name was told
      await this.ask("PUT", `/${await this.#draft()}/${own.id}`, { name: own.name })
    }
    /** @type {Told} */
    const told = { done: tell(), isFailed: false }
    told.done.catch(() => { told.isFailed = true })
    this.#told.set(own, told)
    return told.done
  }

  /**
   * @param {Class} own
   * @returns {Promise<boolean>} whether it is gone; else it is there again
   */
  async removeClass(own) {
    this.classes = this.classes.filter((each) => each !== own)
    this.#out.add(own.id)
    this.onChange()
    const told = this.#told.get(own)
    if (!told) return true
    return this.#leave(async () => {
      await Promise.all([...this.#sent, told.done.catch(() => {})]) // else it would be there anew
      await this.ask("DELETE", `/${await this.#draft()}/${own.id}`)
      this.#told.delete(own)
    }, (why) => {
      for (const picture of own.pictures) if (picture.state === "sending") picture.state = "waiting"
      this.classes.push(own)
      this.#out.delete(own.id)
      this.#fail(own, `It is still there: ${why}`)
    })
  }

  /**
   * @param {() => Promise<unknown>} forget
   * @param {(why: string) => void} putBack where the server may still have it
   */
  #leave(forget, putBack) {
    /** @type {Promise<boolean>} */
    const leaving = forget().then(() => true, (error) => {
      if (error instanceof Gone) return true // with all of the draft
      putBack(error.message)
      return false
    }).finally(() => this.#leaving.delete(leaving))
    this.#leaving.add(leaving)
    return leaving
  }

  /**
   * Take pictures into a class, and send them one after the other.
   * @param {Class} own
   * @param {{ name: string, file: Blob }[]} files
   */
  add(own, files) {
    for (const { name, file } of files) {
      /** @type {Picture} */
      const picture = { id: newId(), name, file, state: "sending" }
      own.pictures.push(picture)
      this.#queue.push(() => this.#send(own, picture))
    }
    this.onChange()
    this.#go()
  }

  /** Send once more what couldn't be sent. */
  again() {
    for (const own of this.classes) {
      for (const picture of own.pictures.filter(({ state }) => state === "waiting")) {
        picture.state = "sending"
        this.#queue.push(() => this.#send(own, picture))
      }
    }
    this.onChange()
    this.#go()
  }

  /**
   * @param {Class} own
   * @param {Picture} picture
   */
  async remove(own, picture) {
    own.pictures = own.pictures.filter((each) => each !== picture)
    this.#out.add(picture.id)
    this.onChange()
    if (picture.state !== "sending") await this.#takeOut(own, picture) // one on its way ends so
  }

  /**
   * Have the server forget a picture; it is on its card again where that fails.
   * @param {Class} own
   * @param {Picture} picture
   */
  async #takeOut(own, picture) {
    if (!this.#tried.has(picture)) return
    await this.#leave(
      async () => this.ask("DELETE", `/${await this.#draft()}/${own.id}/${picture.id}`),
      (why) => {
        own.pictures.push(picture)
        this.#out.delete(picture.id)
        this.#fail(own, `${picture.name || "A picture"} is still there: ${why}`)
      })
  }

  #go() {
    while (this.#sent.size < AT_ONCE) {
      const next = this.#queue.shift()
      if (!next) return
      /** @type {Promise<void>} */
      const sent = next().finally(() => {
        this.#sent.delete(sent)
        this.onChange()
        this.#go()
      })
      this.#sent.add(sent)
    }
  }

  /**
   * @param {Class} own
   * @param {Picture} picture
   */
  async #send(own, picture) {
    if (this.#isWanted(own, picture)) await this.#give(own, picture)
    if (this.classes.includes(own) && !own.pictures.includes(picture)) await this.#takeOut(own, picture)
  }

  /**
   * @param {Class} own
   * @param {Picture} picture
   */
  #isWanted(own, picture) {
    return this.classes.includes(own) && own.pictures.includes(picture)
  }

  /**
   * @param {Class} own
   * @param {Picture} picture
   * @returns {Promise<void>}
   */
  async #give(own, picture) {
    let token = ""
    const isPast = () => token !== "" && token !== this.token // something came of that draft meanwhile
    try {
      token = await this.#draft()
      if (!this.#isWanted(own, picture)) return
      const told = this.#told.get(own)
      await (told && !told.isFailed ? told.done : this.#tell(own))
      this.#tried.add(picture)
      const body = picture.file ?? undefined
      await this.ask("PUT", `/${token}/${own.id}/${picture.id}`, { name: picture.name, body })
      if (isPast()) return this.#give(own, picture)
      picture.state = "kept"
    } catch (error) {
      if (!(error instanceof Refusal && error.isFinal)) {
        picture.state = "waiting"
        return
      }
      if (error instanceof Gone && !isPast()) await this.reread()
      if (isPast()) return this.#give(own, picture)
      this.#tried.delete(picture)
      if (!this.#isWanted(own, picture)) return
      own.pictures = own.pictures.filter((each) => each !== picture)
      this.#fail(own, `${picture.name}: ${error.message}`)
    }
  }

  /**
   * @param {Class} own
   * @param {string} words
   */
  #fail(own, words) {
    own.problem = words
    this.onChange()
  }

  /** The draft's token; the first who asks begins it. */
  #draft() {
    this.#begun ??= this.ask("POST", "").then(({ token }) => {
      this.kept.set(token)
      this.token = token
      return token
    }).catch((error) => {
      this.#begun = null
      throw error
    })
    return /** @type {Promise<string>} */ (this.#begun)
  }
}

/**
 * @param {string} name
 * @param {number | null} images
 * @param {string} [id]
 * @returns {Class}
 */
function newClass(name, images, id = newId()) {
  return { id, name, images, pictures: [], problem: "" }
}

/**
 * What still lacks before a dataset can be made; empty where nothing does.
 * @param {Class[]} classes
 * @param {{ least_classes: number, least_each: number, target: string }} needed
 */
export function lacking(classes, needed) {
  const filled = classes.filter(({ pictures }) => pictures.length)
  if (filled.some(({ pictures }) => pictures.some(({ state }) => state === "waiting")))
    return "Some pictures couldn't be sent yet."
  if (filled.some(({ name }) => !name.trim())) return "A class has no name: type what it shows."
  if (new Set(filled.map(({ name }) => name.trim())).size < filled.length)
    return "Two classes have the same name: each needs its own."
  if (needed.target) return filled.length ? "" : "Put pictures on a class."
  const few = filled.find(({ pictures }) => pictures.length < needed.least_each)
  if (few) return `${few.name} needs ${needed.least_each} pictures or more.`
  if (filled.length < needed.least_classes)
    return `Pictures of ${needed.least_classes} classes or more are needed; 20 of each are a good start.`
  return ""
}
