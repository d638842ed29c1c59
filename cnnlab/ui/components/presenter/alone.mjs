// The slides as a document of their own that asks for nothing: what they show stands in it.

import { find } from "../shared/dom.mjs"
import { Presenter } from "./presenter.mjs"

const told = find(document, "#told").textContent ?? ""
export const presenter = new Presenter(find(document, ".cnnlab-presenter"), JSON.parse(told))
