// A network that is being edited: what each action makes of it. What it costs is computed elsewhere.

/**
 * @typedef {Record<string, any>} Layer the fields of a layer
 * @typedef {{ id: number, spec: Layer }} Entry of the layer list; the number stays with it
 * @typedef {{ entries: Entry[], isOwn: boolean, frozen: number | null }} Draft
 *   `frozen`: the last entry that is frozen
 * @typedef {{ id: number, path: [number, number] | null }} Choice
 *   an entry, or of a branch block a layer by its path and place; the image has the number -1 and the
 *   classes -2
 * @typedef {{ draft: Draft, choice: Choice }} Edited
 */

export const IMAGE = -1
export const CLASSES = -2
export const MOST_PATHS = 4
export const MOST_IN_A_PATH = 8

let lastId = 0

/**
 * A list with some of its items taken out and others put in.
 * @template T
 * @param {T[]} all
 * @param {number} at
 * @param {number} without how many
 * @param {...T} items
 */
function spliced(all, at, without, ...items) {
  return [...all.slice(0, at), ...items, ...all.slice(at + without)]
}

/**
 * An entry with a number of its own.
 * @param {Layer} spec
 * @returns {Entry}
 */
export function entryOf(spec) {
  lastId += 1
  return { id: lastId, spec }
}

/**
 * Where an entry stands; -1 if it isn't in the list.
 * @param {Draft} draft
 * @param {number | null} id
 */
export function placeOf(draft, id) {
  return draft.entries.findIndex((entry) => entry.id === id)
}

/**
 * The choice of what stands at a place, or nearest to it; of the image where there is no layer.
 * @param {Draft} draft
 * @param {number} place
 * @returns {Choice}
 */
export function nearest({ entries }, place) {
  const at = Math.min(Math.max(place, 0), entries.length - 1)
  return { id: entries[at]?.id ?? IMAGE, path: null }
}

/**
 * The layer that is chosen, if there is one.
 * @param {Draft} draft
 * @param {Choice} choice
 * @returns {Layer | undefined}
 */
export function chosenLayer(draft, { id, path }) {
  const spec = draft.entries[placeOf(draft, id)]?.spec
  return path && spec?.paths ? spec.paths[path[0]]?.[path[1]] : spec
}

/**
 * The draft with other entries: they are one's own by that.
 * @param {Draft} draft
 * @param {Entry[]} entries
 * @returns {Draft}
 */
function withEntries(draft, entries) {
  return { ...draft, entries, isOwn: true }
}

/**
 * The draft with another layer in the place of one.
 * @param {Draft} draft
 * @param {number} id
 * @param {Layer} spec
 */
function withSpec(draft, id, spec) {
  return withEntries(draft, draft.entries.map((entry) => (entry.id === id ? { id, spec } : entry)))
}

/**
 * The draft with another path of a branch block.
 * @param {Draft} draft
 * @param {Choice} choice
 * @param {(path: Layer[]) => Layer[]} change
 */
function withPath(draft, { id, path }, change) {
  const spec = draft.entries[placeOf(draft, id)].spec
  const paths = spec.paths.map((/** @type {Layer[]} */ one, /** @type {number} */ at) =>
    (at === path?.[0] ? change(one) : one))
  return withSpec(draft, id, { ...spec, paths })
}

/**
 * A layer put in behind the chosen one; at the end behind the classes, first behind the image.
 * @param {Draft} draft
 * @param {Choice} choice of a path: place -1 puts it first
 * @param {Layer} spec
 * @returns {Edited}
 */
export function insert(draft, choice, spec) {
  const { id, path } = choice
  if (path) {
    const at = path[1] + 1
    const changed = withPath(draft, choice, (layers) => spliced(layers, at, 0, spec))
    return { draft: changed, choice: { id, path: [path[0], at] } }
  }
  const entry = entryOf(spec), place = placeOf(draft, id)
  const at = id === IMAGE ? 0 : place < 0 ? draft.entries.length : place + 1
  const entries = spliced(draft.entries, at, 0, entry)
  return { draft: withEntries(draft, entries), choice: { id: entry.id, path: null } }
}

/**
 * Without the chosen layer; the one behind it is chosen then, or else the one before.
 * @param {Draft} draft
 * @param {Choice} choice
 * @returns {Edited}
 */
export function remove(draft, choice) {
  const { id, path } = choice
  if (path) {
    const changed = withPath(draft, choice, (layers) => spliced(layers, path[1], 1))
    const left = changed.entries[placeOf(changed, id)].spec.paths[path[0]].length
    const at = Math.min(path[1], left - 1)
    return { draft: changed, choice: { id, path: left ? [path[0], at] : null } }
  }
  const place = placeOf(draft, id)
  const entries = spliced(draft.entries, place, 1)
  const next = entries[Math.min(place, entries.length - 1)]?.id ?? IMAGE
  const frozen = draft.frozen === id ? entries[place - 1]?.id ?? null : draft.frozen
  return { draft: { ...withEntries(draft, entries), frozen }, choice: { id: next, path: null } }
}

/**
 * The chosen layer so many places further, if there is such a place.
 * @param {Draft} draft
 * @param {Choice} choice
 * @param {number} by
 * @returns {Edited | null}
 */
export function move(draft, choice, by) {
  const { id, path } = choice
  if (path) {
    const layers = draft.entries[placeOf(draft, id)].spec.paths[path[0]]
    const to = path[1] + by
    if (to < 0 || to >= layers.length) return null
    const changed = withPath(draft, choice, (all) => moved(all, path[1], to))
    return { draft: changed, choice: { id, path: [path[0], to] } }
  }
  const place = placeOf(draft, id), to = place + by
  if (place < 0 || to < 0 || to >= draft.entries.length) return null
  return { draft: withEntries(draft, moved(draft.entries, place, to)), choice }
}

/**
 * @template T
 * @param {T[]} all
 * @param {number} from
 * @param {number} to
 */
function moved(all, from, to) {
  return spliced(spliced(all, from, 1), to, 0, all[from])
}

/**
 * The chosen layer once more, behind itself.
 * @param {Draft} draft
 * @param {Choice} choice
 * @returns {Edited | null}
 */
export function duplicate(draft, choice) {
  const layer = chosenLayer(draft, choice)
  return layer ? insert(draft, choice, structuredClone(layer)) : null
}

/**
 * The chosen layer with another value of a field.
 * @param {Draft} draft
 * @param {Choice} choice
 * @param {string} field
 * @param {unknown} value
 * @returns {Draft}
 */
export function set(draft, choice, field, value) {
  const { id, path } = choice
  const change = (/** @type {Layer} */ layer) => ({ ...layer, [field]: value })
  if (!path) return withSpec(draft, id, change(draft.entries[placeOf(draft, id)].spec))
  return withPath(draft, choice, (layers) => spliced(layers, path[1], 1, change(layers[path[1]])))
}

/**
 * Frozen up to an entry; if it is so already, nothing is any more.
 * @param {Draft} draft
 * @param {number} id
 * @returns {Draft}
 */
export function freeze(draft, id) {
  return { ...draft, frozen: draft.frozen === id ? null : id }
}

/**
 * A branch block with one path more, which passes on what comes in, or without one.
 * @param {Draft} draft
 * @param {Choice} choice
 * @param {number | null} without which path goes
 * @returns {Edited}
 */
export function repath(draft, { id }, without) {
  const { paths } = draft.entries[placeOf(draft, id)].spec
  const changed = without == null ? [...paths, []] : spliced(paths, without, 1)
  return { draft: set(draft, { id, path: null }, "paths", changed), choice: { id, path: null } }
}
