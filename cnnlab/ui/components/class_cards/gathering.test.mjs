import assert from "node:assert/strict"
import { test } from "node:test"

import { Refusal } from "../upload/sending.mjs"
import { Gone } from "./asking.mjs"
import { Gathering, lacking } from "./gathering.mjs"

const NEEDED = { least_classes: 2, least_each: 2, target: "" }

/** @param {string} name */
const photo = (name) => ({ name, file: new Blob([name]) })

/**
 * A server that keeps what it is sent, and is away or refuses where it is told so.
 */
function server() {
  const state = { away: false, lost: 0, begun: 0, gone: "", /** @type {Set<string>} */ have: new Set(),
    /** @type {Map<string, string>} */ names: new Map(),
    /** @type {(method: string, path: string) => unknown} */ fails: () => false }
  /** @param {string} own @param {string} [picture] */
  const remove = (own, picture) => {
    const begin = picture ? `${own}/${picture}` : own
    for (const key of state.have) if (key.startsWith(begin)) state.have.delete(key)
    if (!picture) state.names.delete(own)
  }
  /** @type {import("./gathering.mjs").Ask} */
  const ask = async (method, path, { name, body } = {}) => {
    const isAway = state.away || await state.fails(method, path)
    if (isAway) throw new Refusal("The server can't be reached.", false)
    const [, token, own, picture] = path.split("/")
    if (method === "POST") return { token: `draft${state.begun += 1}` }
    if (state.gone === token) throw new Gone("It is no longer there.", true)
    if (method === "DELETE") remove(own, picture)
    else if (picture) {
      if (name === "bad.jpg") throw new Refusal("It can't be read.", true)
      assert.ok(body && state.names.has(own), "a class comes before its pictures")
      state.have.add(`${own}/${picture}`)
      if (state.lost-- > 0) throw new Refusal("The answer was lost.", false)
    } else if (method === "PUT") state.names.set(own, name ?? "")
    else {
      return { classes: [...state.names].map(([id, called]) => ({ id, name: called,
        pictures: [...state.have].filter((key) => key.startsWith(id)).map((key) => key.split("/")[1]) })) }
    }
    return {}
  }
  return { state, ask }
}

/** @param {ReturnType<typeof server>} place @param {{ token: string | null }} kept */
function gathering(place, kept) {
  return new Gathering(place.ask, { get: () => kept.token, set: (token) => { kept.token = token } },
    () => {}, async () => {})
}

/** @param {() => boolean} holds */
async function until(holds) {
  for (let turn = 0; turn < 1000 && !holds(); turn += 1) await new Promise((resolve) => setImmediate(resolve))
  assert.ok(holds())
}

/** @param {Gathering} own */
const all = (own) => own.classes.flatMap(({ pictures }) => pictures)

test("what has arrived is there again after a reload, in its order", async () => {
  const place = server()
  const kept = { token: null }
  const own = gathering(place, kept)
  await own.begin([])
  assert.deepEqual(own.classes.map(({ name }) => name), ["Class 1", "Class 2"])
  own.rename(own.classes[0], "cup")
  own.add(own.classes[0], ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"].map(photo))
  await until(() => all(own).every(({ state }) => state === "kept"))
  assert.equal(place.state.begun, 1)
  const later = gathering(place, kept)
  await later.begin([])
  assert.deepEqual(later.classes.map(({ name, pictures }) => [name, pictures.length]),
    [["cup", 5], ["Class 2", 0]])
  const ids = (/** @type {Gathering} */ one) => one.classes[0].pictures.map(({ id }) => id)
  assert.deepEqual(ids(later), ids(own).sort())
})

test("a lost answer doubles nothing, and an unreachable server loses nothing", async () => {
  const place = server()
  const own = gathering(place, { token: null })
  await own.begin([])
  place.state.lost = 2
  own.add(own.classes[0], [photo("a.jpg")])
  await until(() => all(own)[0].state === "kept")
  assert.equal(place.state.have.size, 1)
  place.state.away = true
  own.add(own.classes[1], [photo("b.jpg"), photo("c.jpg")])
  await until(() => all(own).filter(({ state }) => state === "waiting").length === 2)
  assert.match(lacking(own.classes, NEEDED), /couldn't be sent yet/)
  place.state.away = false
  own.again()
  await until(() => place.state.have.size === 3)
  await until(() => all(own).every(({ state }) => state === "kept"))
})

test("what is refused is taken off its card and said there", async () => {
  const own = gathering(server(), { token: null })
  await own.begin([])
  own.add(own.classes[0], [photo("bad.jpg"), photo("a.jpg")])
  await until(() => own.classes[0].problem !== "" && all(own).every(({ state }) => state === "kept"))
  assert.equal(own.classes[0].problem, "bad.jpg: It can't be read.")
  assert.deepEqual(all(own).map(({ name }) => name), ["a.jpg"])
})

test("what is taken out before it has arrived doesn't stay there", async () => {
  const place = server()
  const own = gathering(place, { token: null })
  await own.begin([])
  const [cup] = own.classes
  own.add(cup, ["a.jpg", "b.jpg", "c.jpg", "d.jpg"].map(photo))
  for (const picture of [...cup.pictures]) own.remove(cup, picture)
  own.add(cup, [photo("last.jpg")])
  await until(() => all(own)[0].state === "kept" && place.state.have.size === 1)
})

test("what came while something was made of the draft stays, what that took goes", async () => {
  const place = server()
  const kept = { token: null }
  const own = gathering(place, kept)
  await own.begin([])
  own.add(own.classes[0], [photo("a.jpg"), photo("b.jpg")])
  await until(() => all(own).every(({ state }) => state === "kept"))
  const taken = all(own)
  own.add(own.classes[0], [photo("late.jpg")])
  await until(() => all(own).every(({ state }) => state === "kept"))
  place.state.have.add(`${own.classes[0].id}/beef`) // from another window
  for (const { id } of taken) place.state.have.delete(`${own.classes[0].id}/${id}`)
  place.state.away = true
  const waits = photo("waits.jpg")
  own.add(own.classes[1], [waits])
  await until(() => own.classes[1].pictures[0].state === "waiting")
  place.state.away = false
  await own.reread()
  assert.deepEqual(own.classes[0].pictures.map(({ id, name }) => name || id), ["late.jpg", "beef"])
  assert.deepEqual(own.classes[1].pictures.map(({ file }) => file), [waits.file])
  assert.equal(kept.token, "draft1")
})

test("what is taken out while the draft is read again stays out", async () => {
  const place = server()
  const own = gathering(place, { token: null })
  await own.begin([])
  own.add(own.classes[0], [photo("a.jpg"), photo("b.jpg")])
  await until(() => all(own).every(({ state }) => state === "kept"))
  const reading = own.reread()
  await Promise.all([reading, own.remove(own.classes[0], own.classes[0].pictures[0])])
  assert.deepEqual(all(own).map(({ name }) => name), ["b.jpg"])
})

test("what comes to a draft that is gone goes into the next one, without what was made of it", async () => {
  const place = server()
  const kept = { token: null }
  const own = gathering(place, kept)
  await own.begin([])
  own.add(own.classes[0], [photo("a.jpg")])
  await until(() => all(own).every(({ state }) => state === "kept"))
  place.state.gone = "draft1"
  place.state.have.clear()
  own.add(own.classes[0], [photo("late.jpg"), photo("later.jpg")])
  await until(() => all(own).every(({ state }) => state === "kept"))
  assert.deepEqual(all(own).map(({ name }) => name), ["late.jpg", "later.jpg"])
  assert.deepEqual([place.state.have.size, kept.token, own.token, own.classes[0].problem],
    [2, "draft2", "draft2", ""])
})

test("what is on its way when the draft is let go goes into the next one", async () => {
  const place = server()
  const own = gathering(place, { token: null })
  await own.begin([])
  own.add(own.classes[0], [photo("a.jpg")])
  await until(() => all(own).every(({ state }) => state === "kept"))
  own.add(own.classes[0], [photo("late.jpg")])
  own.forget()
  await until(() => all(own).every(({ state }) => state === "kept"))
  assert.deepEqual(all(own).map(({ name }) => name), ["late.jpg"])
  assert.deepEqual([place.state.begun, own.token], [2, "draft2"])
})

test("the classes of a dataset are there and take what was gathered for them", async () => {
  const place = server()
  const kept = { token: null }
  const known = [{ name: "cup", images: 9 }, { name: "pen", images: 4 }]
  const own = gathering(place, kept)
  await own.begin(known)
  assert.equal(own.classes.length, 2)
  own.add(own.classes[1], [photo("a.jpg")])
  await until(() => all(own)[0].state === "kept")
  const later = gathering(place, kept)
  await later.begin(known)
  assert.deepEqual(later.classes.map(({ name, images, pictures }) => [name, images, pictures.length]),
    [["cup", 9, 0], ["pen", 4, 1]])
  assert.equal(lacking(later.classes, { ...NEEDED, target: "set" }), "")
})

test("what lacks is said until nothing does", async () => {
  const own = gathering(server(), { token: null })
  await own.begin([])
  const [cup, pen] = own.classes
  assert.match(lacking(own.classes, NEEDED), /2 classes or more/)
  own.add(cup, [photo("a.jpg")])
  assert.match(lacking(own.classes, NEEDED), /Class 1 needs 2 pictures/)
  own.add(cup, [photo("b.jpg")])
  own.add(pen, [photo("c.jpg"), photo("d.jpg")])
  assert.equal(lacking(own.classes, NEEDED), "")
  await own.rename(pen, "Class 1")
  assert.match(lacking(own.classes, NEEDED), /same name/)
  await own.rename(pen, "")
  assert.match(lacking(own.classes, NEEDED), /no name/)
})

/** Two classes with three pictures each, all of which have arrived. */
async function filled() {
  const place = server()
  const own = gathering(place, { token: null })
  await own.begin([])
  for (const each of own.classes) own.add(each, ["a.jpg", "b.jpg", "c.jpg"].map(photo))
  await until(() => all(own).every(({ state }) => state === "kept"))
  return { place, own, cup: own.classes[0] }
}

test("a dataset is made when what was taken out has gone", async () => {
  const { place, own, cup } = await filled()
  /** @type {(value: boolean) => void} */
  let goOn = () => {}
  const held = new Promise((resolve) => { goOn = resolve })
  place.state.fails = (method) => method === "DELETE" && held
  own.remove(cup, cup.pictures[0])
  let isMade = false
  const made = own.whole(NEEDED).then((token) => { isMade = true; return token })
  await new Promise((resolve) => setImmediate(resolve))
  assert.ok(!isMade && place.state.have.size === 6)
  goOn(false)
  assert.equal(await made, own.token)
  assert.equal(place.state.have.size, 5)
})

test("what can't be taken out is on its card again, and no dataset is made before that is seen", async () => {
  const { place, own, cup } = await filled()
  const [gone] = cup.pictures
  place.state.fails = (method) => method === "DELETE"
  own.remove(cup, gone)
  assert.equal(await own.whole(NEEDED), null)
  assert.ok(cup.pictures.includes(gone) && gone.state === "kept")
  assert.equal(cup.problem, "a.jpg is still there: The server can't be reached.")
  place.state.fails = () => false
  await own.remove(cup, gone)
  assert.equal(await own.whole(NEEDED), own.token)
  assert.equal(place.state.have.size, 5)
})

test("a picture whose answer was lost goes, too, when it is taken out", async () => {
  const { place, own, cup } = await filled()
  place.state.lost = 8 // as often as it is tried
  own.add(cup, [photo("d.jpg")])
  await until(() => cup.pictures[3].state === "waiting")
  assert.equal(place.state.have.size, 7)
  await own.remove(cup, cup.pictures[3])
  assert.equal(place.state.have.size, 6)
})

test("a name that couldn't be kept is given once more, and no dataset gets the old one", async () => {
  const { place, own, cup } = await filled()
  place.state.fails = (method, path) => method === "PUT" && path.split("/").length === 3
  assert.ok(!await own.rename(cup, "mug"))
  assert.match(cup.problem, /type it again/)
  assert.equal(await own.whole(NEEDED), null)
  assert.equal(place.state.names.get(cup.id), "Class 1")
  place.state.fails = () => false
  assert.equal(await own.whole(NEEDED), own.token)
  assert.deepEqual([place.state.names.get(cup.id), cup.problem], ["mug", ""])
})

test("a picture that couldn't be sent and is taken out leaves its class known", async () => {
  const { place, own, cup } = await filled()
  place.state.fails = (_, path) => path.split("/").length === 4
  own.add(cup, [photo("d.jpg")])
  await until(() => cup.pictures[3].state === "waiting")
  place.state.fails = () => false
  await own.remove(cup, cup.pictures[3])
  await own.rename(cup, "mug")
  assert.equal(place.state.names.get(cup.id), "mug")
})

test("a class that is removed is gone, or is there again", async () => {
  const { place, own, cup } = await filled()
  place.state.fails = (method) => method === "DELETE"
  assert.ok(!await own.removeClass(cup))
  assert.ok(own.classes.includes(cup))
  assert.equal(cup.problem, "It is still there: The server can't be reached.")
  place.state.fails = () => false
  own.add(cup, [photo("d.jpg")]) // on its way meanwhile
  assert.ok(await own.removeClass(cup))
  assert.deepEqual([place.state.have.size, place.state.names.has(cup.id)], [3, false])
})
