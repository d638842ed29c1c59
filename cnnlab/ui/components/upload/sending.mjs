// A file on its way to the server: chunk by chunk, taken up again after a broken connection.

import { dataSize } from "../shared/numbers.mjs"

const TRIES = 8
const FIRST_BYTES = 1024 ** 2
const LEAST_BYTES = 256 * 1024
const CHUNK_SECONDS = 2 // what a broken connection costs at most, about

/**
 * @typedef {{ address: string, token: string }} Route the uploads' address and the page's token
 * @typedef {(method: string, address: string, body?: Blob, onSent?: (bytes: number) => void) =>
 *   Promise<Record<string, any>>} Ask
 */

/** An answer that isn't what was hoped for; asked again it would be the same if it is final. */
export class Refusal extends Error {
  /**
   * @param {string} message
   * @param {boolean} isFinal
   */
  constructor(message, isFinal) {
    super(message)
    this.isFinal = isFinal
  }
}

/**
 * Ask the server. Not with fetch: it doesn't tell how much of a body has gone.
 * @param {string} token
 * @returns {Ask}
 */
export function asking(token) {
  return (method, address, body, onSent) => new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open(method, address)
    request.responseType = "json"
    request.setRequestHeader("X-Cnnlab-Token", token)
    request.upload.onprogress = (event) => onSent?.(event.loaded)
    request.onerror = request.onabort = () =>
      reject(new Refusal("The server can't be reached.", false))
    request.onload = () => {
      const answer = request.response ?? {}
      if (request.status >= 200 && request.status < 300) return resolve(answer)
      const words = answer.error ?? `The server refused the file (${request.status}).`
      return reject(new Refusal(words, request.status < 500))
    }
    request.send(body)
  })
}

/**
 * Ask until there is an answer, at most `TRIES` times.
 * @template Answer
 * @param {() => Promise<Answer>} ask
 * @param {(milliseconds: number) => Promise<unknown>} [wait]
 */
export async function insist(ask, wait = pause) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask()
    } catch (error) {
      if ((error instanceof Refusal && error.isFinal) || attempt === TRIES) throw error
      await wait(300 * 2 ** Math.min(attempt, 4))
    }
  }
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/**
 * Bytes of the next chunk: as many as the connection carries in a second or two, so that little is
 * lost when it breaks.
 * @param {number} size of the last one
 * @param {number} seconds that it took
 * @param {number} most
 */
export function nextSize(size, seconds, most) {
  if (seconds < CHUNK_SECONDS / 2) return Math.min(2 * size, most)
  return seconds > 2 * CHUNK_SECONDS ? Math.max(size / 2, LEAST_BYTES) : size
}

/**
 * Send a file, and tell how far it is.
 * @param {string} name
 * @param {Blob} file
 * @param {string} address of the uploads
 * @param {Ask} ask
 * @param {() => boolean} isCurrent whether it is still wanted
 * @param {(share: number, words: string) => void} show
 * @returns {Promise<string | undefined>} the upload's own token, or nothing where it isn't wanted
 */
export async function send(name, file, address, ask, isCurrent, show) {
  const about = new URLSearchParams({ name, size: String(file.size) })
  const begun = await ask("POST", `${address}?${about}`)
  const started = performance.now()
  let have = 0
  let size = FIRST_BYTES
  let shown = 0
  const tell = (/** @type {number} */ bytes) => {
    if (!isCurrent() || bytes < shown) return // a chunk sent again doesn't take the bar back
    shown = bytes
    const left = Math.ceil((file.size - bytes) * (performance.now() - started) / 1000 / (bytes || 1))
    show(bytes / file.size, `${dataSize(bytes)} of ${dataSize(file.size)}, ${left} s left`)
  }
  while (have < file.size) {
    const [from, since] = [have, performance.now()]
    const chunk = file.slice(from, from + size)
    const onSent = (/** @type {number} */ sent) => tell(from + Math.min(sent, chunk.size))
    const answer = await insist(() =>
      ask("PUT", `${address}/${begun.token}?offset=${from}`, chunk, onSent))
    if (!isCurrent()) return undefined
    have = answer.have
    tell(have)
    size = nextSize(size, (performance.now() - since) / 1000, begun.chunk_bytes)
  }
  return begun.token
}
