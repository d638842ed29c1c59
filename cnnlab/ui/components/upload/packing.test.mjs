import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"

import { chosen, dropped, packed } from "./packing.mjs"

/**
 * @param {string} path
 * @param {string} [content]
 */
const file = (path, content = path) =>
  /** @type {any} */ (Object.assign(new Blob([content]),
    { name: path.split("/").pop(), webkitRelativePath: path.includes("/") ? path : "" }))

/**
 * What tar itself finds in it.
 * @param {Blob} body
 */
async function unpacked(body) {
  const folder = mkdtempSync(join(tmpdir(), "packing-"))
  try {
    const path = join(folder, "a.tar")
    writeFileSync(path, new Uint8Array(await body.arrayBuffer()))
    const tar = (/** @type {string[]} */ ...words) =>
      execFileSync("tar", words, { env: { LC_ALL: "C.UTF-8" } }).toString()
    const names = tar("--quoting-style=literal", "-tf", path).trim().split("\n")
    const contents = names.map((name) => tar("-xOf", path, "--", name))
    return Object.fromEntries(names.map((name, number) => [name, contents[number]]))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test("one file goes as it is", () => {
  const one = file("a.zip")
  assert.deepEqual(packed(chosen([one])), { name: "a.zip", body: one })
})

test("a folder is a tar with its paths, whatever they are, without what systems put there", async () => {
  const long = `pets/${"x".repeat(90)}/${"y".repeat(120)}.jpg`
  const paths = ["pets/cat/1.jpg", "pets/Kätzchen/ü 1.jpg", long, "pets/empty.txt"]
  const junk = ["pets/.DS_Store", "pets/__MACOSX/cat/1.jpg", "pets/cat/Thumbs.db"]
  const files = [...paths, ...junk].map((path) =>
    file(path, path.endsWith("txt") ? "" : `${path} ${"z".repeat(600)}`))
  const { name, body } = packed(chosen(files))
  assert.equal(name, "pets.tar")
  assert.equal(body.size % 512, 0)
  const expected = paths.map((path) => [path, path.endsWith("txt") ? "" : `${path} ${"z".repeat(600)}`])
  assert.deepEqual(await unpacked(body), Object.fromEntries(expected))
})

test("names of every length around the limits are those that tar reads", async () => {
  const lengths = [1, 86, 87, 88, 89, 90, 91, 92, 98, 99, 980, 984, 985, 986, 987, 988, 989, 990]
  const paths = lengths.map((length) => `ä${"/bbbbbbbbb".repeat(99).slice(0, length)}`.replace(/\/$/, "c"))
  const { body } = packed(chosen(paths.map((path) => file(`f/${path}`, "x"))))
  assert.deepEqual(Object.keys(await unpacked(body)).sort(), paths.map((path) => `f/${path}`).sort())
})

test("several files are called after what they are parts of, or after the first", () => {
  const called = (/** @type {string[]} */ ...names) => packed(chosen(names.map((name) => file(name)))).name
  assert.equal(called("shapes.zip.002", "shapes.zip.001"), "shapes.tar")
  assert.equal(called("a.zip", "a.z01"), "a.tar")
  assert.equal(called("pets-20260101T101112Z-001.zip", "pets-20260101T101112Z-002.zip"), "pets.tar")
  assert.equal(called("one.jpg", "two.jpg"), "one and more.tar")
})

test("a dropped folder is walked to its end, though it is told in parts", async () => {
  const leaf = (/** @type {string} */ path) => ({
    isFile: true, fullPath: path, file: (/** @type {(file: any) => void} */ done) => done(file(path)),
  })
  const folder = (/** @type {string} */ path, /** @type {any[][]} */ ...parts) => ({
    isFile: false, fullPath: path,
    createReader: () => ({ readEntries: (/** @type {any} */ done) => done(parts.shift() ?? []) }),
  })
  const tree = folder("/pets", [leaf("/pets/b.jpg")], [folder("/pets/cat", [leaf("/pets/cat/1.jpg")])])
  const found = await dropped(/** @type {any} */ ([tree, leaf("/labels.csv")]))
  assert.deepEqual(found.map(({ path }) => path), ["labels.csv", "pets/b.jpg", "pets/cat/1.jpg"])
})
