// One question after the other to the page in the frame, and what it said to the server.

const START_MS = 30_000
const ANSWER_MS = 60_000
const NO_START = "The page doesn't start in this browser. Try another one, or a newer version of it."
const NO_ANSWER = "The page doesn't answer in this browser: it may be too busy. Check again."
const NO_SERVER = "The server can't be reached: is it running, and the line up? Then check again."

/**
 * @typedef {import("../shared/records.d.ts").PageCheckData} Data
 * @typedef {{ probabilities: number[], milliseconds: number }} Said
 * @typedef {(id: number, content: ArrayBuffer) => Promise<Said>} Ask
 */

/**
 * What the frame says of itself.
 * @param {HTMLIFrameElement} frame
 * @param {(data: any) => boolean} fits
 * @param {AbortSignal} signal
 * @param {number} patience milliseconds
 * @param {string} words where nothing comes
 * @returns {Promise<any>}
 */
function heard(frame, fits, signal, patience, words) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(() => reject(new Error(words))), patience)
    const hear = (/** @type {MessageEvent} */ { data, source }) => {
      // The frame has no origin to be known by, but it is the only one with this window.
      if (source === frame.contentWindow && data && fits(data)) end(() => resolve(data))
    }
    const give_up = () => end(() => reject(new Error(words)))
    const end = (/** @type {() => void} */ then) => {
      clearTimeout(timer)
      window.removeEventListener("message", hear)
      signal.removeEventListener("abort", give_up)
      then()
    }
    window.addEventListener("message", hear)
    signal.addEventListener("abort", give_up)
  })
}

/**
 * Load the page; what it is asked with once it is ready.
 * @param {HTMLIFrameElement} frame
 * @param {string} address
 * @param {AbortSignal} signal
 * @returns {Promise<Ask>}
 */
export async function asking(frame, address, signal) {
  const ready = heard(frame, ({ cnnlab }) => cnnlab === "ready", signal, START_MS, NO_START)
  frame.src = address
  await ready
  return async (id, content) => {
    const fits = (/** @type {any} */ data) => data.cnnlab === "classified" && data.id === id
    const answer = heard(frame, fits, signal, ANSWER_MS, NO_ANSWER)
    frame.contentWindow?.postMessage({ cnnlab: "classify", id, content }, "*", [content])
    const said = await answer
    if (said.problem) throw new Error(`The page can't open one of the validation pictures: ${said.problem}`)
    return said
  }
}

/**
 * Ask about all pictures and tell the server.
 * @param {Data} data
 * @param {Ask} ask
 * @param {AbortSignal} signal
 * @param {(done: number) => void} onDone after each picture
 * @returns {Promise<string>} why the page isn't offered; empty where it is
 */
export async function checked({ sha256, image, told, token, images }, ask, signal, onDone) {
  const probabilities = []
  const milliseconds = []
  onDone(0)
  for (let number = 0; number < images; number += 1) {
    const answer = await request(image.replace("NUMBER", String(number)), { signal }, token)
    if (!answer.ok) throw new Error((await answer.text()) || NO_SERVER)
    const said = await ask(number, await answer.arrayBuffer())
    probabilities.push(said.probabilities)
    milliseconds.push(said.milliseconds)
    onDone(number + 1)
  }
  const body = JSON.stringify({ sha256, probabilities, milliseconds })
  const answer = await request(told, { method: "POST", body, signal }, token)
  return (await answer.json().catch(() => ({ problem: NO_SERVER }))).problem ?? ""
}

/**
 * @param {string} address
 * @param {RequestInit} options
 * @param {string} token
 */
function request(address, options, token) {
  return fetch(address, { ...options, headers: { "X-Cnnlab-Token": token } }).catch(() => {
    throw new Error(NO_SERVER)
  })
}
