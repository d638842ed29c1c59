// Pictures gathered class by class: what the page knows of them, and how they get to the server, each
// at once and as often as it takes. The draft's token stays with the browser: a page that is loaded
// again finds all that has arrived.

import { insist, Refusal } from "../upload/sending.mjs"

const AT_ONCE = 3

/**
 * @typedef {{ id: string, name: string, file: Blob | null, state: "sending" | "waiting" | "kept" }} Picture
 *   `waiting` is one that the server couldn't be given
 * @typedef {{ id: string, name: string, images: number | null, pictures: Picture[], problem: string }} Class
 *   `images` are those that its dataset has of it, null for a class that is new
 * @typedef {(method: string, path: string, options?: { name?: string, body?: Blob }) => Promise<any>} Ask
 * @typedef {{ get(): string | null, set(token: string | null): void }} Kept where the token stays
 */

/** Answer of a server that has the draft, or the class, no more. */
export class Gone extends Refusal {}

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
  /** @type {Map<Class, Promise<unknown>>} classes that the server has been told of */
  #told = new Map()
  /** @type {(() => Promise<void>)[]} */
  #queue = []
  /** @type {Set<string>} what was taken out here: an answer on its way may still name it */
  #out = new Set()
  #sending = 0

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
          own.pictures.push({ id: picture, name: "", file: null, state: "kept" })
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
    this.#told.set(own, Promise.resolve())
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
   */
  async rename(own, name) {
    own.name = name
    this.onChange()
    if (!this.#told.has(own)) return // the first picture tells
    this.#told.set(own, this.#tell(own))
    await this.#told.get(own)?.catch(() => this.#fail(own, "Its name could not be kept: type it again."))
  }

  /** Until the server knows the names as they are now; one that failed says so on its card. */
  async settled() {
    await Promise.allSettled(this.#told.values())
  }

  /** @param {Class} own */
  async #tell(own) {
    await this.ask("PUT", `/${await this.#draft()}/${own.id}`, { name: own.name })
  }

  /** @param {Class} own */
  async removeClass(own) {
    this.classes = this.classes.filter((each) => each !== own)
    this.#out.add(own.id)
    this.onChange()
    if (this.#told.delete(own)) await this.ask("DELETE", `/${await this.#draft()}/${own.id}`)
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
    if (picture.state === "kept") await this.#takeOut(own, picture)
  }

  /**
   * @param {Class} own
   * @param {Picture} picture
   */
  async #takeOut(own, picture) {
    await this.ask("DELETE", `/${await this.#draft()}/${own.id}/${picture.id}`)
  }

  #go() {
    while (this.#sending < AT_ONCE && this.#queue.length) {
      this.#sending += 1
      this.#queue.shift()?.().finally(() => {
        this.#sending -= 1
        this.onChange()
        this.#go()
      })
    }
  }

  /**
   * @param {Class} own
   * @param {Picture} picture
   * @returns {Promise<void>}
   */
  async #send(own, picture) {
    const isWanted = () => this.classes.includes(own) && own.pictures.includes(picture)
    if (!isWanted() || !picture.file) return
    let token = ""
    const isPast = () => token !== "" && token !== this.token // something came of that draft meanwhile
    try {
      token = await this.#draft()
      if (!this.#told.has(own)) this.#told.set(own, this.#tell(own))
      await this.#told.get(own)
      await this.ask("PUT", `/${token}/${own.id}/${picture.id}`, { name: picture.name, body: picture.file })
      if (isPast()) return this.#send(own, picture)
      picture.state = "kept"
      if (!isWanted() && this.classes.includes(own)) await this.#takeOut(own, picture)
    } catch (error) {
      if (!(error instanceof Refusal && error.isFinal)) {
        picture.state = "waiting"
        if (this.#told.get(own)) this.#told.delete(own)
        return
      }
      if (error instanceof Gone && !isPast()) await this.reread()
      if (isPast()) return this.#send(own, picture)
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
 * How the server is asked.
 * @param {string} address of the drafts
 * @param {string} token the page's
 * @returns {Ask}
 */
export function asking(address, token) {
  return async (method, path, { name, body } = {}) => {
    /** @type {Record<string, string>} */
    const headers = { "X-Cnnlab-Token": token }
    if (name !== undefined) headers["X-Cnnlab-Name"] = encodeURIComponent(name)
    let answer
    try {
      answer = await fetch(address + path, { method, headers, body })
    } catch {
      throw new Refusal("The server can't be reached.", false)
    }
    const said = await answer.json().catch(() => ({}))
    if (answer.ok) return said
    const Kind = answer.status === 404 ? Gone : Refusal
    throw new Kind(said.error ?? `The server refused it (${answer.status}).`, answer.status < 500)
  }
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
  if (needed.target) return filled.length ? "" : "Drop pictures on a class."
  const few = filled.find(({ pictures }) => pictures.length < needed.least_each)
  if (few) return `${few.name} needs ${needed.least_each} pictures or more.`
  if (filled.length < needed.least_classes)
    return `Pictures of ${needed.least_classes} classes or more are needed; 20 of each are a good start.`
  return ""
}
