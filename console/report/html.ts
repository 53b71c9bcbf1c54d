// HTML from templates: every value is escaped unless it is HTML already.

/** A piece of HTML that is safe to put into another. */
export interface Html {
  readonly html: string
}

type Value = Html | string | number | undefined | false | readonly Html[]

/** `html\`<td>${anything}</td>\`` */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return { html: parts.reduce((text, part, i) => text + textOf(values[i - 1]) + part) }
}

/** Text that is HTML, CSS or script of our own. */
export const raw = (text: string): Html => ({ html: text })

/** `<`, `&` and quotes as entities: for text and for attributes in double quotes. */
export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]!)
}

function textOf(value: Value): string {
  if (value === undefined || value === false) return ''
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value))
  return 'html' in value ? value.html : value.map((one) => one.html).join('')
}
