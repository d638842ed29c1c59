// Pictures, each beside itself with the map of where a model looks over it. How strongly the maps
// cover them is a matter of the browser alone.

import { find, make } from "../shared/dom.mjs"

/**
 * @typedef {import("../shared/records.d.ts").LooksData} Data
 * @typedef {import("../shared/records.d.ts").LookedAt} LookedAt
 */

/** @type {WeakMap<HTMLElement, string>} */
const drawn = new WeakMap()

/** @param {LookedAt} picture */
function tile({ picture, heat, title, words }) {
  const plain = frame(image(picture, "As the network sees it"))
  const looked = frame(image(picture, ""), image(heat, "Where it looks", "cnnlab-heat"))
  const place = make("div", "cnnlab-looked", make("div", "", plain, looked), make("p", "", title),
    make("p", "", words))
  place.role = "listitem"
  return place
}

/** @param {...HTMLImageElement} images */
function frame(...images) {
  return make("span", "cnnlab-frame", ...images)
}

/**
 * @param {string} source
 * @param {string} alt
 * @param {string} [className]
 */
function image(source, alt, className = "") {
  const made = make("img", className)
  made.src = source
  made.alt = alt
  return made
}

/** @type {import("../shared/component.d.ts").Draw<Data>} */
export default function draw({ data, parentElement }) {
  const list = find(parentElement, ".cnnlab-looks")
  if (drawn.get(list) === data.version) return
  drawn.set(list, data.version)
  const slider = /** @type {HTMLInputElement} */ (find(parentElement, "input"))
  slider.oninput = () => list.style.setProperty("--look", String(Number(slider.value) / 100))
  find(parentElement, ".cnnlab-looks-scale i").style.background =
    `linear-gradient(to right, ${data.scale.join(", ")})`
  list.setAttribute("aria-label", data.label)
  list.replaceChildren(...data.pictures.map(tile))
}
