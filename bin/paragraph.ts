// Text for a terminal: cut between words, never within.

/** The text in lines of at most `width` columns; what follows a break is indented by two more. A longer word stays whole. */
export function wrapped(text: string, width: number): string {
  const [indent] = /^ */.exec(text)!
  const [first = '', ...words] = text.slice(indent.length).split(' ')
  const lines: string[] = []
  let line = indent + first
  for (const word of words) {
    if (line.length + 1 + word.length <= width) line += ` ${word}`
    else {
      lines.push(line)
      line = `${indent}  ${word}`
    }
  }
  return [...lines, line].join('\n')
}

/** Columns of the terminal, or what `COLUMNS` says; 80 where nobody says. */
export function terminalWidth(): number {
  return process.stdout.columns ?? (Number(process.env.COLUMNS) || 80)
}
