// A file on its way to the server: chunk by chunk, taken up again after a broken connection.

const TRIES = 8

const megabytes = (bytes) => {
  const count = bytes / 1024 ** 2
  return count < 0.1 ? "less than 0.1 MB" : `${Number(count.toPrecision(3)).toLocaleString("en")} MB`
}
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

async function ask(token, address, options) {
  const headers = { "X-Cnnlab-Token": token }
  const answer = await fetch(address, { ...options, headers })
  const body = await answer.json().catch(() => ({}))
  if (!answer.ok) {
    const error = new Error(body.error ?? `The server refused the file (${answer.status}).`)
    error.isFinal = answer.status < 500
    throw error
  }
  return body
}

async function sendChunk(token, address, chunk) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask(token, address, { method: "PUT", body: chunk })
    } catch (error) {
      if (error.isFinal || attempt === TRIES) throw error
      await wait(300 * 2 ** Math.min(attempt, 4))
    }
  }
}

async function send(file, token, isCurrent, show) {
  const about = new URLSearchParams({ name: file.name, size: file.size })
  const begun = await ask(token, `/api/uploads?${about}`, { method: "POST" })
  const started = performance.now()
  let have = 0
  while (have < file.size) {
    const chunk = file.slice(have, have + begun.chunk_bytes)
    const answer = await sendChunk(token, `/api/uploads/${begun.token}?offset=${have}`, chunk)
    if (!isCurrent()) return undefined
    have = answer.have
    const seconds = (performance.now() - started) / 1000
    const left = Math.ceil((file.size - have) / (have / seconds))
    show(have / file.size, `${megabytes(have)} of ${megabytes(file.size)}, ${left} s left`)
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
