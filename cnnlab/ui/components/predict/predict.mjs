// One part of trying a model: where pictures come from, the camera, or what the models say. All
// three share a session, so that no rerun of the page stands between a picture and its answer.

import { find } from "../shared/dom.mjs"
import { asking as askUploads, send } from "../upload/sending.mjs"
import { Choosing } from "./choosing.mjs"
import { Filming } from "./filming.mjs"
import { asking } from "./route.mjs"
import { Sampling } from "./sampling.mjs"
import { leave, sessionOf } from "./session.mjs"
import { Telling } from "./telling.mjs"

/**
 * @typedef {import("../shared/records.d.ts").PredictData} Data
 * @typedef {import("../shared/component.d.ts").Component<Data>} Component
 * @typedef {Choosing | Sampling | Filming | Telling} Part
 */

/** @type {WeakMap<HTMLElement, { part: Part, latest: Component }>} */
const parts = new WeakMap()

/**
 * @param {HTMLElement} root
 * @param {Component} component
 */
function begin(root, component) {
  const { data } = component
  const session = sessionOf(data.place)
  const latest = () => /** @type {{ latest: Component }} */ (parts.get(root)).latest
  const tellMany = (/** @type {unknown} */ value) => latest().setTriggerValue("many", value)
  const add = async (/** @type {Blob} */ content, /** @type {string} */ name) => {
    const { uploads, token: own } = latest().data
    const token = await send(name, content, uploads, askUploads(own), () => true, () => {})
    latest().setTriggerValue("add", { token, name })
  }
  /** @type {Record<string, () => Part>} */
  const kinds = {
    upload: () => new Choosing(root, session, tellMany),
    samples: () => new Sampling(root, session),
    camera: () => new Filming(root, session),
    prediction: () => new Telling(root, session, add),
  }
  return kinds[data.part]()
}

/** @type {import("../shared/component.d.ts").Draw<Data>} */
export default function draw(component) {
  const { data, parentElement } = component
  const root = find(parentElement, ".cnnlab-predict")
  const session = sessionOf(data.place)
  const known = parts.get(root)
  const part = known?.part ?? begin(root, component)
  parts.set(root, { part, latest: component })
  const runs = Object.keys(data.names)
  session.use(runs.join(), runs.length
    ? asking({ address: data.address, token: data.token, runs, where: () => session.where }) : null)
  if (!(part instanceof Filming)) part.draw(data)
  session.listen(data.part, () => {
    if (part instanceof Telling) part.drawAnswer()
    if (part instanceof Filming) part.makeWay()
    if (part instanceof Sampling) part.mark()
  })
  return () => {
    part.leave()
    parts.delete(root)
    leave(data.place, data.part)
  }
}
