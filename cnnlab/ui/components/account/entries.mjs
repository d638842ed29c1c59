// What somebody who is signed in may choose: another workspace, or to go. All are forms, which the
// browser sends without a script of ours.

import { make } from "../shared/dom.mjs"

/** @typedef {import("../shared/records.d.ts").AccountData} AccountData */

/** @param {string} icon */
export function symbol(icon) {
  const drawn = make("i", "", icon)
  drawn.ariaHidden = "true"
  return drawn
}

/**
 * @param {string} action where it is sent
 * @param {HTMLButtonElement} button
 * @param {Record<string, string>} fields
 */
function form(action, button, fields = {}) {
  const sent = make("form", "", button)
  sent.method = "post"
  sent.action = action
  for (const [name, value] of Object.entries(fields)) {
    const field = make("input")
    Object.assign(field, { type: "hidden", name, value })
    sent.append(field)
  }
  return sent
}

/**
 * @param {string} icon
 * @param {string} text
 */
function pressed(icon, text) {
  return make("button", "", symbol(icon), make("span", "", text))
}

/**
 * A line with the name, one for each workspace where there are several, and one to go.
 * @param {AccountData} account
 */
export function entries({ name, workspaces, change, leave }) {
  const lines = [make("li", "cnnlab-entry", make("p", "", `Signed in as ${name}`))]
  if (workspaces.length > 1) {
    for (const { id, title, isHere } of workspaces) {
      const button = pressed(isHere ? "check" : "workspaces", title)
      button.disabled = isHere
      if (isHere) button.ariaCurrent = "true"
      lines.push(make("li", "cnnlab-entry", form(change, button, { workspace: id })))
    }
  }
  if (leave) lines.push(make("li", "cnnlab-entry", form(leave, pressed("logout", "Sign out"))))
  return lines
}
