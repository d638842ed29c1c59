// Loaded with every page: asks whether the server takes it for one of its own. A proxy that passes
// on another name than that of the page's address makes it a foreign one: Streamlit's scripts and
// connection are refused then, and without a word it would stay blank.
//
// No module for the browser, although it is called one: of modules a browser says from which page
// they are asked, so this one would be refused as well.

{
  const ask = document.currentScript?.dataset.ask ?? ""

  const explain = () => {
    const where = location.origin + ask.replace(/\/api\/.*/, "")
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

  // With POST a browser says where the page comes from. Where the server is away, Streamlit says so.
  fetch(ask, { method: "POST" }).then(({ status }) => status === 403 && explain(), () => false)
}
