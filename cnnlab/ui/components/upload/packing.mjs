// Several files, or a folder, as one tar: it goes to the server as any other file does, in chunks, so
// that a thousand small files take no longer than a large one. Nothing is read before it is sent.

const BLOCK = 512
const NAME_BYTES = 100
const JUNK = /(^|\/)(\.|__MACOSX\/|Thumbs\.db$|desktop\.ini$)/i

/** @typedef {{ path: string, file: Blob }} Entry a file and where it is in what was chosen */

const encoder = new TextEncoder()

/**
 * What was chosen by a click, without what operating systems put there.
 * @param {Iterable<File>} files
 * @returns {Entry[]}
 */
export function chosen(files) {
  return sound(Array.from(files, (file) => ({ path: file.webkitRelativePath || file.name, file })))
}

/**
 * What was dropped, folders with all that is in them.
 * @param {FileSystemEntry[]} entries to be taken from the event at once: later it is empty
 * @returns {Promise<Entry[]>}
 */
export async function dropped(entries) {
  /** @type {Entry[]} */
  const found = []
  const waiting = [...entries]
  for (let entry = waiting.pop(); entry; entry = waiting.pop()) {
    const path = entry.fullPath.replace(/^\//, "")
    if (entry.isFile) found.push({ path, file: await fileOf(/** @type {FileSystemFileEntry} */ (entry)) })
    else waiting.push(...await inside(/** @type {FileSystemDirectoryEntry} */ (entry)))
  }
  return sound(found)
}

/**
 * @param {Entry[]} entries
 */
function sound(entries) {
  return entries.filter(({ path }) => !JUNK.test(path)).sort((a, b) => (a.path < b.path ? -1 : 1))
}

/**
 * @param {FileSystemFileEntry} entry
 * @returns {Promise<File>}
 */
function fileOf(entry) {
  return new Promise((resolve, reject) => { entry.file(resolve, reject) })
}

/**
 * All that lies in a folder; it is told in parts.
 * @param {FileSystemDirectoryEntry} folder
 * @returns {Promise<FileSystemEntry[]>}
 */
async function inside(folder) {
  const reader = folder.createReader()
  const found = []
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject) })
    if (!some.length) return found
    found.push(...some)
  }
}

/**
 * What is sent: one file as it is, several as a tar.
 * @param {Entry[]} entries
 * @returns {{ name: string, body: Blob }}
 */
export function packed(entries) {
  if (entries.length === 1 && !entries[0].path.includes("/")) {
    return { name: entries[0].path, body: entries[0].file }
  }
  const parts = entries.flatMap(({ path, file }) => [
    ...headers(path, file.size), file, new Uint8Array(-file.size & (BLOCK - 1)),
  ])
  const body = new Blob(/** @type {BlobPart[]} */ ([...parts, new Uint8Array(2 * BLOCK)]))
  return { name: `${nameOf(entries)}.tar`, body }
}

/**
 * What to call all of it: the folder, or what the names begin with.
 * @param {Entry[]} entries
 */
function nameOf(entries) {
  const paths = entries.map(({ path }) => path)
  const [top] = paths[0].split("/")
  if (paths[0].includes("/") && paths.every((path) => path.startsWith(`${top}/`))) return top
  const parts = /^(.+?)(-\d{8}T\d{6}Z(-\d+)?)?(-\d{3}\.zip|(\.zip)?\.\d{3}|\.z\d\d)$/i.exec(paths[0])
  return parts ? parts[1] : `${top.replace(/\.[^.]*$/, "")} and more`
}

/**
 * The headers of a file; a long or an unusual name has one of its own.
 * @param {string} path
 * @param {number} size bytes
 */
function headers(path, size) {
  const name = encoder.encode(path)
  if (name.length <= NAME_BYTES && name.length === path.length) return [header(name, "0", size)]
  const record = paxRecord(name)
  return [
    header(encoder.encode("path"), "x", record.length), record,
    new Uint8Array(-record.length & (BLOCK - 1)), header(encoder.encode("file"), "0", size),
  ]
}

/**
 * `LENGTH path=NAME` and a newline; the length is that of all of it.
 * @param {Uint8Array} name
 */
function paxRecord(name) {
  const bare = name.length + " path=\n".length
  let length = bare + String(bare).length
  if (bare + String(length).length > length) length += 1
  return joined([encoder.encode(`${length} path=`), name, encoder.encode("\n")])
}

/** @param {Uint8Array[]} parts */
function joined(parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/**
 * One block: name, rights, size and a checksum, which is taken with spaces in its own place.
 * @param {Uint8Array} name
 * @param {string} kind
 * @param {number} size bytes
 */
function header(name, kind, size) {
  const block = new Uint8Array(BLOCK)
  const put = (/** @type {number} */ at, /** @type {string} */ text) => block.set(encoder.encode(text), at)
  block.set(name)
  put(100, "0000644\0")
  put(124, `${size.toString(8).padStart(11, "0")}\0`)
  put(136, `${"0".repeat(11)}\0`)
  put(148, " ".repeat(8))
  put(156, kind)
  put(257, "ustar\x0000")
  const sum = block.reduce((total, byte) => total + byte, 0)
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `)
  return block
}
