// How far the runs are, in the head of every slide.

import { make, pressable } from "../shared/dom.mjs"

/**
 * @typedef {{ state: import("./feed.mjs").State, wasLive: boolean, onVerdict?: () => void }} Known of
 *   the connection, of whether this visit has seen runs train, and of the way to the verdict, if it
 *   is shown
 */

/**
 * Say how far the runs are; once they have ended before the eyes of the room, what came of it. Who
 * opens a finished study isn't told at once.
 * @param {HTMLElement} place
 * @param {import("../shared/records.d.ts").Story} story
 * @param {Known} known
 * @returns {boolean} whether they have ended just now
 */
export function showProgress(place, { progress, verdict }, { state, wasLive, onVerdict }) {
  const before = place.dataset.state
  const now = state !== "fine" ? state : progress.is_ended ? "ended" : "live"
  place.dataset.state = now
  place.hidden = now === "ended" && !wasLive
  if (now === "lost") place.replaceChildren("Connection lost; trying again")
  else if (now === "gone") place.replaceChildren("The study was deleted")
  else if (now === "live") {
    place.replaceChildren(make("span", "", progress.words),
      make("span", "cnnlab-p-wide", progress.left && `, ${progress.left}`))
  } else if (!onVerdict) place.replaceChildren(progress.words)
  // A button that is pressed at this moment stays.
  else if (place.textContent !== verdict.title) place.replaceChildren(pressable(verdict.title, onVerdict))
  return before === "live" && now === "ended"
}
