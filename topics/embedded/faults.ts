// What the system or LMDB says went wrong, as one of our codes, with what mends it.
import { statfsSync } from 'node:fs'
import { SmartspeedError } from '../../schemas/errors.ts'

/** The command that makes a damaged log readable again. */
export function salvageCommand(dir: string): string {
  return `npx smartspeed salvage --dir ${dir}`
}

/** A part of the log is not as it was written. */
export function corrupt(dir: string, message: string, cause?: unknown): SmartspeedError {
  return new SmartspeedError('LOG_CORRUPT', message, {
    cause,
    fix: `${salvageCommand(dir)}   (keeps every block whose checksum is right)`,
  })
}

/** Gives the error of a file or of LMDB its code. Errors that have one already are passed on. */
export function faultOf(dir: string, doing: string, cause: unknown): SmartspeedError {
  if (cause instanceof SmartspeedError) return cause
  const { code, message } = cause as { code?: string | number; message?: string }
  const said = `${doing}: ${message ?? String(cause)}`
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 28:
    case 122:
      return full(dir, said, cause)
    // LMDB calls a write EIO when only a part of it found room.
    case 'EIO':
    case 5:
      return isFull(dir) ? full(dir, said, cause) : new SmartspeedError('IO_FAILED', said, { cause })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 1:
    case 13:
    case 30:
      return new SmartspeedError('FOLDER_READ_ONLY', said, {
        cause,
        fix: `choose a folder that can be written to: --dir PATH, or SMARTSPEED_DIR=PATH`,
      })
    case -30792:
      return new SmartspeedError('DISK_FULL', `${said}: the index has reached its greatest size`, {
        cause,
        fix: `delete runs that are not needed: npx smartspeed runs rm RUN --dir ${dir}`,
      })
    case -30797:
    case -30796:
    case -30793:
    case -30794:
      return corrupt(dir, said, cause)
    default:
      return new SmartspeedError('IO_FAILED', said, { cause })
  }
}

function full(dir: string, said: string, cause: unknown): SmartspeedError {
  return new SmartspeedError('DISK_FULL', said, {
    cause,
    fix: `free some space on the disk of ${dir} (npx smartspeed gc --dir ${dir}) and start again: nothing committed is lost`,
  })
}

/** Less is free than a step may need. */
function isFull(dir: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dir)
    return bavail * bsize < 2 ** 24
  } catch {
    return false
  }
}
