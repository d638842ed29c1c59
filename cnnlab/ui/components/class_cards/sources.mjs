// Where pictures are to be seen: in the browser's own memory while it has them, else on the server.

/**
 * @typedef {import("./gathering.mjs").Class} Class
 * @typedef {import("./gathering.mjs").Picture} Picture
 */

export class Sources {
  /** @type {Map<Picture, string>} addresses that keep a picture in memory until they are let go */
  #urls = new Map()

  /** @param {string} address of the drafts */
  constructor(address) {
    this.address = address
  }

  /**
   * @param {Picture} picture
   * @param {Class} own
   * @param {string | null} token of the draft
   * @param {number} px
   */
  of(picture, own, token, px) {
    if (!picture.file) return `${this.address}/${token}/${own.id}/${picture.id}?px=${px}`
    let url = this.#urls.get(picture)
    if (!url) this.#urls.set(picture, url = URL.createObjectURL(picture.file))
    return url
  }

  /**
   * Let go of all pictures but those that are shown.
   * @param {Class[]} classes
   */
  keepOnly(classes) {
    const shown = new Set(classes.flatMap(({ pictures }) => pictures))
    for (const [picture, url] of this.#urls) {
      if (shown.has(picture)) continue
      URL.revokeObjectURL(url)
      this.#urls.delete(picture)
    }
  }
}
