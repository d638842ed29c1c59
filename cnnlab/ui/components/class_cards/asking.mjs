// How the server of drafts is asked, and what its answers mean.

import { Refusal } from "../upload/sending.mjs"

/** @typedef {import("./gathering.mjs").Ask} Ask */

/** Answer of a server that has the draft, or the class, no more. */
export class Gone extends Refusal {}

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
