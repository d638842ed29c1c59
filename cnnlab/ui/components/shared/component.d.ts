/** What Streamlit gives a component's module whenever its data or the theme changes. */
export interface Component<Data> {
  data: Data
  parentElement: HTMLElement
  /** Keep a value for the page, which is run again. */
  setStateValue(name: string, value: unknown): void
  /** Tell the page of an event, once; it is run again. */
  setTriggerValue(name: string, value: unknown): void
}

/** A component's default export; what it returns is called when the component leaves the page. */
export type Draw<Data> = (
  component: Component<Data>,
) => void | (() => void) | Promise<void | (() => void)>
