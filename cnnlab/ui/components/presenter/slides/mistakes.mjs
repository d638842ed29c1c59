// The slide on mistakes: validation pictures with what the arms say of them.

import { make } from "../../shared/dom.mjs"
import { called } from "../../shared/numbers.mjs"
import { armsByName, dress, picture } from "./plain.mjs"

/**
 * @typedef {import("../../shared/records.d.ts").Story} Story
 * @typedef {import("../../shared/records.d.ts").ArmLook} Arm
 * @typedef {import("../../shared/records.d.ts").Mistaken} Mistaken
 * @typedef {import("../../shared/records.d.ts").Pictures} Pictures
 */

/**
 * @param {HTMLElement} section
 * @param {Story} story
 * @param {Pictures} pictures
 */
export function drawMistakes(section, { mistakes, arms }, pictures) {
  if (!mistakes) return
  const byName = armsByName(arms)
  const groups = mistakes.groups.map((group) => make("div", "cnnlab-p-group",
    make("h2", "", group.head),
    make("div", "cnnlab-p-mistaken", ...group.pictures.map((one) => cardOf(one, byName, pictures)))))
  section.replaceChildren(make("h1", "", mistakes.title), make("div", "cnnlab-p-groups", ...groups),
    make("p", "cnnlab-p-note", mistakes.line))
}

/**
 * @param {Mistaken} one
 * @param {Record<string, Arm>} byName
 * @param {Pictures} pictures
 */
function cardOf({ row, label, arms }, byName, pictures) {
  const said = arms.map(({ arm, label: name, right, runs, said: wrong }) =>
    make("li", "", dress(make("span", "", name), byName[arm]),
      make("span", "cnnlab-p-said", `${right} of ${runs} right${wrong ? `; else '${wrong}'` : ""}`)))
  return make("figure", "", picture(pictures, row, `A picture of the class ${called(label)}`),
    make("figcaption", "", make("b", "", label), make("ul", "", ...said)))
}
