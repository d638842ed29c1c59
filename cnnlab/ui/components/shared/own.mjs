// Loaded with every page: asks whether the server takes it for one of its own. A proxy that passes
// on another name than that of the page's address makes it a foreign one: Streamlit's scripts and
// connection are refused then, and without a word it would stay blank.
//
// Where people have accounts it asks again and again: once somebody has signed out, in whatever tab,
// or is another one now, or in another workspace, the page is loaded anew.
//
// Home has it load the scripts of the other pages' widgets once it rests: a page that is opened from
// there has them then, and nothing moves while they come.
//
// Where the server is away it says so in place of Streamlit, which would ask about the internet.
//
// It is run before Streamlit's scripts, and tells them where the app is: from a page's address alone
// they would look for the server below it first, and only then beside it.
//
// No module for the browser, although it is called one: of modules a browser says from which page
// they are asked, so this one would be refused as well.

{
  const { ask = "", who = "", later = "" } = document.currentScript?.dataset ?? {}
  const ASK_AGAIN_MS = 3000
  const LOOK_AGAIN_MS = 200, REST_MS = 1000
  const STREAMLIT_SAYS_AWAY = /connected to the internet|Is Streamlit still running/
  const RESTING = "[data-testid=stApp][data-test-script-state=notRunning]"

  const where = location.origin + ask.replace(/\/api\/.*/, "")
  Object.assign(window, { __streamlit: { BACKEND_BASE_URL: where } })

  const explain = () => {
    const told = document.createElement("p")
    told.setAttribute("role", "alert")
    told.textContent = "The proxy before cnnlab passes on another name than this page has: set " +
      `CNNLAB_PUBLIC_ADDRESS=${where} where cnnlab is started, then start it again.`
    const sheet = document.createElement("div")
    sheet.style.cssText = "position: fixed; inset: 0; z-index: 9999999; display: grid; " +
      "place-items: center; padding: 1.5rem; overflow-wrap: anywhere; color-scheme: light dark; " +
      "background: Canvas; color: CanvasText; font: 1rem/1.55 system-ui, sans-serif"
    sheet.append(told)
    document.body.append(sheet)
  }

  // Streamlit's dialog is a child of the body; its parts are never drawn anew while it is open.
  const sayAway = () => {
    const dialog = document.querySelector("[data-testid=stDialog]")
    const [title, words] = [dialog?.querySelector("h2"), dialog?.querySelector("h2 + div")]
    if (!title || !words || !STREAMLIT_SAYS_AWAY.test(words.textContent ?? "")) return
    title.textContent = "No answer from cnnlab"
    words.textContent = "Its server doesn't answer. Runs train on as long as their machine does, " +
      "and what is stored stays. This page goes on by itself once the server is there again. If it " +
      "was stopped, start it again where it ran: python3 -m cnnlab start"
  }
  const watchDialogs = () => new MutationObserver(sayAway).observe(document.body, { childList: true })
  addEventListener("DOMContentLoaded", watchDialogs, { once: true })

  // With POST a browser says where the page comes from.
  // Once the page is there: nothing of it waits behind this.
  const askOnce = () =>
    fetch(ask, { method: "POST" }).then(({ status }) => status === 403 && explain(), () => false)
  addEventListener("load", askOnce, { once: true })

  // One after the other, whenever the page has nothing else to do; one that fails comes when needed.
  // A page's script has ended before all that it said is drawn: so not at once.
  const names = later.split(" ").filter(Boolean)
  const next = () => void (self.requestIdleCallback?.(loadNext) ?? setTimeout(loadNext))
  const loadNext = () => {
    const name = names.shift()
    if (name) import(new URL(`static/js/${name}`, document.baseURI).href).then(next, next)
  }
  const loadAtRest = () => document.querySelector(RESTING) ?
    setTimeout(next, REST_MS) :
    setTimeout(loadAtRest, LOOK_AGAIN_MS)
  if (names.length) loadAtRest()

  /** @param {Response} answer */
  const isAnother = ({ status, headers }) =>
    status === 401 || (status === 204 && headers.get("x-cnnlab-who") !== who)
  const askAgain = () => document.hidden ||
    fetch(ask, { method: "POST" }).then((answer) => isAnother(answer) && location.reload(), () => false)
  if (who) {
    setInterval(askAgain, ASK_AGAIN_MS)
    document.addEventListener("visibilitychange", askAgain)
  }
}
