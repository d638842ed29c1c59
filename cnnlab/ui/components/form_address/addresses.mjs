// Addresses that people can read.

/**
 * An address in which some parameters are set, or gone where they are empty; colons and commas stay.
 * @param {string} address
 * @param {Record<string, string>} told
 */
export function addressWith(address, told) {
  const url = new URL(address)
  const kept = [...url.searchParams].filter(([name]) => !(name in told))
  const all = [...kept, ...Object.entries(told).filter(([, value]) => value)]
  const search = all.map(([name, value]) => `${readable(name)}=${readable(value)}`).join("&")
  return `${url.origin}${url.pathname}${search ? `?${search}` : ""}${url.hash}`
}

/**
 * The same for a page's own address. Another page's stays: what this one says may come when a click
 * has led away from it already.
 * @param {string} address
 * @param {{ page: string, told: Record<string, string> }} data name of the page, and the parameters
 */
export function addressOfPage(address, { page, told }) {
  return new URL(address).pathname.endsWith(`/${page}`) ? addressWith(address, told) : address
}

/** @param {string} text */
function readable(text) {
  return encodeURIComponent(text).replace(/%3A/g, ":").replace(/%2C/g, ",")
}
