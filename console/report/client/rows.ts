// A long table: sorted, filtered, and of its rows only those in sight are in the page once there are more than a thousand.

export interface Column {
  readonly name: string
  /** What the filter calls it: `net<0`. */
  readonly key: string
  readonly unit?: string
  readonly numeric: boolean
  /** For sorting and for the filter. */
  value(row: number): number | string
  /** For people; may be HTML-free text only. */
  text(row: number): string
  /** As in CSV: full precision. */
  csv(row: number): string | number
  tone?(row: number): string
}

type Test = (row: number) => boolean

/** The rows that a filter lets pass: words are looked for in texts, `net<0` compares a number. Every part must fit. */
export function filterOf(text: string, columns: readonly Column[]): Test {
  const tests = text
    .toLowerCase()
    .split(/\s+/)
    .filter((part) => part !== '')
    .map((part) => testOf(part.replace('\u2212', '-'), columns))
  return (row) => tests.every((test) => test(row))
}

function testOf(part: string, columns: readonly Column[]): Test {
  const [, key, sign, number] = /^(\w+)(<=|>=|<|>|=)(-?[\d.]+)$/.exec(part) ?? []
  const column = columns.find((one) => one.key === key && one.numeric)
  if (column === undefined) {
    return (row) => columns.some((one) => String(one.csv(row)).toLowerCase().includes(part))
  }
  const limit = Number(number)
  return (row) => {
    const value = Number(column.value(row))
    if (sign === '<') return value < limit
    if (sign === '>') return value > limit
    if (sign === '<=') return value <= limit
    return sign === '>=' ? value >= limit : value === limit
  }
}

/** The rows in the order of a column; equal ones keep theirs. */
export function sorted(rows: Uint32Array, column: Column, descending: boolean): Uint32Array {
  const way = descending ? -1 : 1
  return rows.toSorted((a, b) => {
    const [x, y] = [column.value(a), column.value(b)]
    return x < y ? -way : x > y ? way : a - b
  })
}

const virtualFrom = 1_000
const rowPx = 24
const spare = 12

export class RowTable {
  private readonly columns: readonly Column[]
  private readonly of: number
  private readonly scroll: HTMLElement
  private readonly body: HTMLTableSectionElement
  private readonly heads: HTMLTableCellElement[]
  private shown: Uint32Array
  private by = { column: -1, descending: false }
  private test: Test = () => true
  private drawn = ''
  printing = false

  constructor(scroll: HTMLElement, columns: readonly Column[], rows: number) {
    this.columns = columns
    this.of = rows
    this.scroll = scroll
    this.shown = Uint32Array.from({ length: rows }, (_, row) => row)
    const table = document.createElement('table')
    table.className = 'virtual'
    this.heads = columns.map((column, index) => this.head(column, index))
    table
      .createTHead()
      .insertRow()
      .append(...this.heads)
    this.body = table.createTBody()
    scroll.append(table)
    scroll.addEventListener('scroll', () => this.draw())
    new ResizeObserver(() => this.draw()).observe(scroll)
    this.draw()
  }

  get count(): number {
    return this.shown.length
  }

  filter(text: string): void {
    this.test = filterOf(text, this.columns)
    this.update()
  }

  /** The rows shown, with a line of names before them. */
  lines(separator: string, quote: (value: string | number) => string): string[] {
    const line = (row: number) => this.columns.map((column) => quote(column.csv(row))).join(separator)
    return [this.columns.map(({ key }) => key).join(separator), ...Array.from(this.shown, line)]
  }

  draw(): void {
    const all = this.shown.length <= virtualFrom
    const most = this.printing ? 200 : all ? this.shown.length : Math.ceil(this.scroll.clientHeight / rowPx) + 2 * spare
    const top = all || this.printing ? 0 : Math.max(0, Math.floor(this.scroll.scrollTop / rowPx) - spare)
    const rows = this.shown.subarray(top, Math.min(top + most, this.shown.length))
    const drawn = `${top} ${rows.length} ${this.by.column} ${this.by.descending} ${this.shown.length}`
    if (drawn === this.drawn && rows.length > 0) return
    this.drawn = drawn
    const below = this.printing ? 0 : this.shown.length - top - rows.length
    this.body.replaceChildren(filler(top), ...Array.from(rows, (row) => this.row(row)), filler(below))
  }

  private update(): void {
    const rows = Uint32Array.from({ length: this.of }, (_, row) => row).filter((row) => this.test(row))
    const column = this.columns[this.by.column]
    this.shown = column === undefined ? rows : sorted(rows, column, this.by.descending)
    this.drawn = ''
    this.scroll.scrollTop = 0
    this.draw()
  }

  private head(column: Column, index: number): HTMLTableCellElement {
    const head = document.createElement('th')
    head.scope = 'col'
    if (column.numeric) head.className = 'number'
    const sort = document.createElement('button')
    sort.type = 'button'
    sort.textContent = column.name
    sort.addEventListener('click', () => this.sort(index))
    const unit = document.createElement('span')
    unit.className = 'unit'
    unit.textContent = column.unit ?? ''
    head.append(sort, unit)
    return head
  }

  private sort(index: number): void {
    // Numbers are asked for from the largest, words from A; a second click turns it round.
    const descending = this.by.column === index ? !this.by.descending : this.columns[index]!.numeric
    this.by = { column: index, descending }
    for (const [at, head] of this.heads.entries()) {
      if (at === index) head.setAttribute('aria-sort', descending ? 'descending' : 'ascending')
      else head.removeAttribute('aria-sort')
    }
    this.update()
  }

  private row(row: number): HTMLTableRowElement {
    const line = document.createElement('tr')
    for (const column of this.columns) {
      const cell = line.insertCell()
      cell.textContent = column.text(row)
      cell.className = `${column.numeric ? 'number' : ''} ${column.tone?.(row) ?? ''}`.trim()
    }
    return line
  }
}

/** Stands for rows that are not in sight. */
function filler(rows: number): HTMLTableRowElement {
  const line = document.createElement('tr')
  line.className = 'filler'
  line.style.height = `${rows * rowPx}px`
  return line
}
