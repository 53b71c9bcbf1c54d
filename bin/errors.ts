// What a person sees of an error, and the exit code it ends with.

import type { Command } from 'commander'
import { CommanderError } from 'commander'
import { nearest, SmartspeedError } from '../schemas/errors.ts'

/** Wrong before anything started: a person has to change the command line or the config. */
const USAGE_CODES: ReadonlySet<string> = new Set(['USAGE', 'CONFIG_INVALID', 'UNKNOWN_NAME'])

/** 2 for wrong usage or config, 130 when a person stopped it, 1 for the rest. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return 2
  const { code } = named(error)
  if (code === 'INTERRUPTED') return 130
  return USAGE_CODES.has(code) ? 2 : 1
}

/** Prints code, message and what mends it on stderr; with `json` also as the one JSON document on stdout. */
export function reportError(error: unknown, how: { json: boolean; verbose: boolean; program?: Command }): void {
  const { code, message, fix } = error instanceof CommanderError ? usage(error, how.program) : named(error)
  process.stderr.write(`${code}: ${message}\n${fix === undefined ? '' : `  ${fix}\n`}`)
  if (how.verbose && error instanceof Error) process.stderr.write(`${stackOf(error)}\n`)
  if (how.json) process.stdout.write(`${JSON.stringify({ error: { code, message, fix } })}\n`)
}

interface Named {
  code: string
  message: string
  fix: string | undefined
}

/** The code, message and remedy of anything thrown; faults of the file system get their code from the list. */
function named(error: unknown): Named {
  if (error instanceof SmartspeedError) return { code: error.code, message: error.message, fix: error.fix }
  if (!(error instanceof Error)) return { code: 'INTERNAL', message: String(error), fix: undefined }
  const { code, path } = error as NodeJS.ErrnoException
  if (error.name === 'AbortError') return { code: 'INTERRUPTED', message: 'stopped', fix: undefined }
  if (code?.startsWith('ERR_PARSE_ARGS')) return { code: 'USAGE', message: error.message, fix: undefined }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return { code: 'DISK_FULL', message: error.message, fix: 'make room on the disk, then run the same command again' }
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return {
      code: 'FOLDER_READ_ONLY',
      message: error.message,
      fix: `choose a folder that can be written to: --dir PATH`,
    }
  }
  if (code === 'ENOENT')
    return { code: 'FILE_MISSING', message: error.message, fix: `check the path ${path ?? ''}`.trim() }
  return {
    code: 'INTERNAL',
    message: error.message,
    fix: 'this is a bug: run it again with --verbose and report what it prints',
  }
}

/** Commander's own errors: an unknown command or option, a missing argument. */
function usage(error: CommanderError, program: Command | undefined): Named {
  const message = error.message.replace(/^error: /, '').replace(/\n\(Did you mean.*\)$/s, '')
  const suggestion = /\(Did you mean (.*)\?\)/.exec(error.message)?.[1]
  const seen = /unknown command '(.*)'/.exec(message)?.[1]
  const near =
    suggestion ?? (seen === undefined ? undefined : nearest(seen, program?.commands.map((c) => c.name()) ?? []))
  const secret = /unknown option '--(sasl|registry)-password/.exec(message)?.[1]
  const fix =
    secret !== undefined
      ? `others could read it there: set SMARTSPEED_${secret.toUpperCase()}_PASSWORD, or --${secret}-password-file FILE`
      : near === undefined
        ? helpOf(program)
        : `did you mean ${near}?`
  return { code: 'USAGE', message: error.code === 'commander.help' ? 'no command was given' : message, fix }
}

/** Where the command that was meant says what it takes. */
function helpOf(program: Command | undefined): string {
  let command = program
  const names = ['smartspeed']
  for (const word of program?.args ?? []) {
    command = command?.commands.find((one) => one.name() === word)
    if (command === undefined) break
    names.push(word)
  }
  const says = names.length === 1 ? 'lists every command' : 'says what it takes'
  return `${names.join(' ')} --help ${says}`
}

/** The stack, and those of its causes. */
function stackOf(error: Error): string {
  const own = error.stack ?? String(error)
  return error.cause instanceof Error ? `${own}\nbecause of ${stackOf(error.cause)}` : own
}
