// The way to the models: one picture there, what they say back.

import { Refusal } from "../upload/sending.mjs"

/**
 * @typedef {import("../shared/records.d.ts").PredictAnswer} PredictAnswer
 * @typedef {import("./session.mjs").Where} Where
 * @typedef {{ address: string, token: string, runs: string[], where: () => Where | null }} Route
 *   `where` says how to show where the models look, or nothing
 */

/**
 * @param {Route} route
 * @returns {import("./session.mjs").Ask}
 */
export function asking({ address, token, runs, where }) {
  return async ({ name }, content, signal) => {
    const look = where()
    const about = new URLSearchParams({ runs: runs.join(","), seen: look ? "1" : "0",
      ...look && { explain: look.method, class: look.className } })
    const answer = await fetch(`${address}?${about}`, {
      method: "POST",
      body: content,
      signal,
      headers: { "X-Cnnlab-Token": token, "X-Cnnlab-Name": encodeURIComponent(name) },
    }).catch((error) => {
      if (signal.aborted) throw error
      throw new Refusal("The server can't be reached: is it running, and the line up?", false)
    })
    return read(answer)
  }
}

/**
 * @param {Response} answer
 * @returns {Promise<PredictAnswer>}
 */
async function read(answer) {
  const told = await answer.json().catch(() => ({}))
  if (Array.isArray(told.predictions)) return told
  const words = told.error ?? told.detail ?? `The server refused the picture (${answer.status}).`
  throw new Refusal(words, answer.status < 500)
}
