// Data out of the page: a file, or the clipboard.

/** Saves lines as a file. */
export function save(name: string, lines: readonly string[]): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([`${lines.join('\n')}\n`], { type: 'text/csv' }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

/** Copies text and says so on the button for a moment. */
export async function copy(text: string, button: HTMLButtonElement): Promise<void> {
  const before = button.dataset.label ?? button.textContent!
  button.dataset.label = before
  button.textContent = (await copied(text)) ? 'copied' : 'not allowed here'
  setTimeout(() => {
    button.textContent = before
  }, 1_500)
}

/** A page opened as a file may not use the clipboard everywhere; a selection can still be copied. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const area = document.createElement('textarea')
    area.value = text
    document.body.append(area)
    area.select()
    const done = document.execCommand('copy')
    area.remove()
    return done
  }
}

/** One CSV field. */
export function field(value: string | number): string {
  const text = String(value)
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
