// Every command of the command line: a file each, and a line here. A file registers its name, its options and an example;
// what it does is imported when it runs, so that `--version` loads nothing.

import type { Command } from 'commander'
import * as cat from './cat.ts'
import * as doctor from './doctor.ts'
import * as hash from './hash.ts'
import * as salvage from './salvage.ts'
import * as simulate from './simulate.ts'
import * as topics from './topics.ts'

/** A command's file exports this one function. */
export interface CommandFile {
  register(program: Command): void
}

export const commands: readonly CommandFile[] = [cat, doctor, hash, simulate, topics]
