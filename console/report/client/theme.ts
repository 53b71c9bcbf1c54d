// Light, dark, or as the system says; and paper while printing.

type Choice = 'as the system' | 'light' | 'dark'
const choices: readonly Choice[] = ['as the system', 'light', 'dark']
const key = 'smartspeed-colours'

/** Applies the colours that were chosen last and lets the button change them; `changed` is called after each change. */
export function switchColours(button: HTMLButtonElement, changed: () => void): void {
  const system = matchMedia('(prefers-color-scheme: dark)')
  let choice = remembered()
  const apply = () => {
    const dark = choice === 'dark' || (choice === 'as the system' && system.matches)
    document.documentElement.dataset.theme = dark ? 'dark' : 'light'
    button.textContent = `colours: ${choice}`
    button.setAttribute('aria-label', `Colours: ${choice}`)
    changed()
  }
  button.addEventListener('click', () => {
    choice = choices[(choices.indexOf(choice) + 1) % choices.length]!
    remember(choice)
    apply()
  })
  system.addEventListener('change', apply)
  addEventListener('beforeprint', () => {
    document.documentElement.dataset.theme = 'paper'
    changed()
  })
  addEventListener('afterprint', apply)
  apply()
}

/** A colour of tokens.css as it is now. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

// Some browsers give pages opened as files no storage: the choice is then forgotten, nothing else.
function remembered(): Choice {
  try {
    return choices.find((choice) => choice === localStorage.getItem(key)) ?? 'as the system'
  } catch {
    return 'as the system'
  }
}

function remember(choice: Choice): void {
  try {
    localStorage.setItem(key, choice)
  } catch {
    // forgotten
  }
}
