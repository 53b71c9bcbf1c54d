// What is said of arguments that each are a number of the right kind and together mean nothing.
import { SmartspeedError } from '../../../schemas/errors.ts'

export function impossible(
  message: string,
  fix = 'smartspeed calc --list says what each argument is',
): SmartspeedError {
  return new SmartspeedError('CONFIG_INVALID', message, { fix })
}
