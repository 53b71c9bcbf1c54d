// Text for a terminal: cut between words, never within.

/** The text in lines of at most `width` columns; what follows a break is indented by two. A longer word stays whole. */
export function wrapped(text: string, width: number): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const next = line === '' ? word : `${line} ${word}`
    if (next.length <= width || line.trim() === '') line = next
    else {
      lines.push(line)
      line = `  ${word}`
    }
  }
  return [...lines, line].join('\n')
}
