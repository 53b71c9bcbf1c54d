// Tables that stand in the page: sorted by a click on a heading, filtered when long, copied.
import { copy, field, save } from './download.ts'

const filterFrom = 30
/** Tables whose bars make them charts: their data are also a file. */
const drawn = /money|groups/

/** Gives each `.box.static` its buttons. */
export function enliven(run: string): void {
  for (const box of document.querySelectorAll<HTMLElement>('.box.static')) {
    const table = box.querySelector('table')!
    const bar = box.querySelector<HTMLElement>('.bar')!
    if (table.tBodies[0]!.rows.length >= filterFrom) bar.append(filterFor(table))
    bar.append(copierOf(table))
    if (drawn.test(table.className)) bar.append(saverOf(table, `${run}-${box.id}.csv`))
    if (table.className !== 'money') sortable(table)
  }
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-copy]')) {
    const target = document.getElementById(button.dataset.copy!)!
    button.addEventListener('click', () => void copy(target.textContent!, button))
  }
}

function filterFor(table: HTMLTableElement): HTMLInputElement {
  const input = document.createElement('input')
  input.type = 'search'
  input.placeholder = 'filter'
  input.setAttribute('aria-label', 'Filter the rows of this table')
  input.addEventListener('input', () => {
    const words = input.value.toLowerCase().split(/\s+/)
    for (const row of table.tBodies[0]!.rows) {
      const text = row.textContent!.toLowerCase()
      row.hidden = !words.every((word) => text.includes(word))
    }
  })
  return input
}

function copierOf(table: HTMLTableElement): HTMLButtonElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = 'copy'
  button.addEventListener('click', () => {
    const rows = [...table.rows].filter((row) => !row.hidden)
    void copy(rows.map((row) => [...row.cells].map(precise).join('\t')).join('\n'), button)
  })
  return button
}

function saverOf(table: HTMLTableElement, name: string): HTMLButtonElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = 'data as CSV'
  button.addEventListener('click', () => {
    const cells = (row: HTMLTableRowElement) => [...row.cells].filter((cell) => cell.className !== 'share')
    save(
      name,
      [...table.rows].map((row) =>
        cells(row)
          .map((cell) => field(precise(cell)))
          .join(','),
      ),
    )
  })
  return button
}

function sortable(table: HTMLTableElement): void {
  const heads = [...table.tHead!.rows[0]!.cells]
  for (const [index, head] of heads.entries()) {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = head.textContent
    head.replaceChildren(button)
    button.addEventListener('click', () => {
      const descending = head.getAttribute('aria-sort') === 'ascending'
      for (const other of heads) other.removeAttribute('aria-sort')
      head.setAttribute('aria-sort', descending ? 'descending' : 'ascending')
      const rows = [...table.tBodies[0]!.rows].sort((a, b) => before(a.cells[index]!, b.cells[index]!))
      table.tBodies[0]!.replaceChildren(...(descending ? rows.reverse() : rows))
    })
  }
}

/** Numbers by value, the rest by letter; what is absent comes last. */
function before(a: HTMLTableCellElement, b: HTMLTableCellElement): number {
  const [x, y] = [numberIn(a), numberIn(b)]
  if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y
  if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1
  return precise(a) < precise(b) ? -1 : 1
}

const numberIn = (cell: HTMLTableCellElement): number => Number.parseFloat(precise(cell))

/** The text of a cell as a machine reads it: full precision where there is more than is shown, no thin spaces, a plain minus. */
function precise(cell: HTMLTableCellElement): string {
  const text = (cell.title || cell.textContent!).trim()
  return text
    .replace(/[▲▼]\s*/g, '')
    .replace(/\u2009/g, '')
    .replace(/\u2212/g, '-')
}
