// A file on its way to the server: chunk by chunk, taken up again after a broken connection.

const TRIES = 8
const FIRST_BYTES = 1024 ** 2
const LEAST_BYTES = 256 * 1024
const CHUNK_SECONDS = 2 // what a broken connection costs at most, about

const megabytes = (bytes) => {
  const count = bytes / 1024 ** 2
  return count < 0.1 ? "less than 0.1 MB" : `${Number(count.toPrecision(3)).toLocaleString("en")} MB`
}
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

// Not fetch: it doesn't tell how much of a body has gone.
function ask(token, method, address, body, onSent) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const fail = (message, isFinal) => reject(Object.assign(new Error(message), { isFinal }))
    request.open(method, address)
    request.responseType = "json"
    request.setRequestHeader("X-Cnnlab-Token", token)
    request.upload.onprogress = (event) => onSent?.(event.loaded)
    request.onerror = request.onabort = () => fail("The server can't be reached.", false)
    request.onload = () => {
      const answer = request.response ?? {}
      if (request.status >= 200 && request.status < 300) return resolve(answer)
      fail(answer.error ?? `The server refused the file (${request.status}).`, request.status < 500)
    }
    request.send(body)
  })
}

async function sendChunk(token, address, chunk, onSent) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask(token, "PUT", address, chunk, onSent)
    } catch (error) {
      if (error.isFinal || attempt === TRIES) throw error
      await wait(300 * 2 ** Math.min(attempt, 4))
    }
  }
}

// As large as the connection carries in a second or two, so that little is lost when it breaks.
function nextSize(size, seconds, most) {
  if (seconds < CHUNK_SECONDS / 2) return Math.min(2 * size, most)
  return seconds > 2 * CHUNK_SECONDS ? Math.max(size / 2, LEAST_BYTES) : size
}

async function send(file, token, isCurrent, show) {
  const about = new URLSearchParams({ name: file.name, size: file.size })
  const begun = await ask(token, "POST", `/api/uploads?${about}`)
  const started = performance.now()
  let have = 0
  let size = FIRST_BYTES
  let shown = 0
  const tell = (bytes) => {
    if (!isCurrent() || bytes < shown) return // a chunk sent again doesn't take the bar back
    shown = bytes
    const left = Math.ceil((file.size - bytes) * (performance.now() - started) / 1000 / (bytes || 1))
    show(bytes / file.size, `${megabytes(bytes)} of ${megabytes(file.size)}, ${left} s left`)
  }
  while (have < file.size) {
    const [from, since] = [have, performance.now()]
    const chunk = file.slice(from, from + size)
    const address = `/api/uploads/${begun.token}?offset=${from}`
    const answer = await sendChunk(token, address, chunk, (sent) => tell(from + Math.min(sent, chunk.size)))
    if (!isCurrent()) return undefined
    have = answer.have
    tell(have)
    size = nextSize(size, (performance.now() - since) / 1000, begun.chunk_bytes)
  }
  return begun.token
}

export default function ({ data, parentElement, setStateValue }) {
  const area = parentElement.querySelector(".cnnlab-upload")
  const input = area.querySelector("input")
  const text = area.querySelector("[data-show=text]")
  const bar = area.querySelector(".cnnlab-bar")
  const idle = text.textContent

  const show = (share, words) => {
    bar.hidden = share == null
    bar.firstElementChild.style.width = `${100 * (share ?? 0)}%`
    text.textContent = words
  }

  async function take(file) {
    if (!file) return
    const turn = (area.cnnlabTurn = (area.cnnlabTurn ?? 0) + 1)
    const isCurrent = () => area.cnnlabTurn === turn
    area.dataset.state = "sending"
    show(0, `${file.name}: starting`)
    try {
      const token = await send(file, data.token, isCurrent, (share, words) =>
        show(share, `${file.name}: ${words}`))
      if (!token) return
      area.dataset.state = "done"
      show(null, `${file.name} (${megabytes(file.size)}) is uploaded. Choose another file to replace it.`)
      setStateValue("upload", { token, name: file.name })
    } catch (error) {
      if (!isCurrent()) return
      area.dataset.state = "failed"
      show(null, `${file.name}: ${error.message} Choose the file again.`)
      setStateValue("upload", null)
    }
  }

  if (data.reset !== area.dataset.reset) {
    area.dataset.reset = data.reset
    area.dataset.state = "idle"
    input.value = ""
    show(null, area.dataset.idle ??= idle)
  }
  input.onchange = () => take(input.files[0])
  area.ondragover = (event) => { event.preventDefault(); area.dataset.over = "true" }
  area.ondragleave = () => { area.dataset.over = "false" }
  area.ondrop = (event) => {
    event.preventDefault()
    area.dataset.over = "false"
    take(event.dataTransfer.files[0])
  }
}
