// Does the steps of the Dockerfile without Docker: each stage in a folder of its own, with the programs of this machine in place of
// those of the base images. What it cannot show is that those images are there and work.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, matchesGlob, relative } from 'node:path'

export interface Image {
  /** Where its file system begins. */
  readonly root: string
  readonly workdir: string
  readonly user: string
  readonly env: Readonly<Record<string, string>>
  readonly entrypoint: readonly string[]
}

interface Stage {
  readonly root: string
  workdir: string
  user: string
  readonly env: Record<string, string>
  entrypoint: readonly string[]
}

/** Builds the last stage below `folder`. @throws Error with what a step said */
export function buildWithoutDocker(repository: string, folder: string): Image {
  const stages = new Map<string, Stage>()
  const ignored = readIgnore(join(repository, '.dockerignore'))
  let stage: Stage | undefined
  for (const [instruction, rest] of steps(readFileSync(join(repository, 'Dockerfile'), 'utf8'))) {
    if (instruction === 'FROM') {
      const name = / AS (\S+)$/i.exec(rest)?.[1] ?? 'last'
      stage = { root: join(folder, name), workdir: '/', user: '0:0', env: {}, entrypoint: [] }
      mkdirSync(stage.root, { recursive: true })
      stages.set(name, stage)
    } else take(stage!, instruction, rest, { repository, stages, ignored })
  }
  return stage!
}

interface Around {
  readonly repository: string
  readonly stages: ReadonlyMap<string, Stage>
  ignored(path: string): boolean
}

function take(stage: Stage, instruction: string, rest: string, around: Around): void {
  switch (instruction) {
    case 'WORKDIR':
      stage.workdir = rest
      mkdirSync(join(stage.root, rest), { recursive: true })
      break
    case 'ENV':
      for (const [, name, value] of rest.matchAll(/(\w+)=(\S+)/g)) stage.env[name!] = value!
      break
    case 'USER':
      stage.user = rest
      break
    case 'ENTRYPOINT':
      stage.entrypoint = JSON.parse(rest) as string[]
      break
    case 'COPY':
      copy(stage, rest, around)
      break
    case 'RUN':
      run(stage, rest, around.repository)
      break
    default:
      if (!['CMD', 'EXPOSE', 'STOPSIGNAL', 'VOLUME'].includes(instruction))
        throw new Error(`Dockerfile: ${instruction} is not known here`)
  }
}

function copy(stage: Stage, rest: string, { repository, stages, ignored }: Around): void {
  const words = rest.split(/\s+/)
  const from = words[0]!.startsWith('--from=') ? stages.get(words.shift()!.slice('--from='.length))! : undefined
  const target = words.pop()!
  const source = from?.root ?? repository
  const into = join(stage.root, target.startsWith('/') ? '' : stage.workdir, target)
  for (const word of words) {
    const path = join(source, word)
    // Of a folder what is in it, as Docker does.
    const end = statSync(path).isDirectory() ? into : target.endsWith('/') ? join(into, basename(word)) : into
    mkdirSync(dirname(end), { recursive: true })
    const filter = (one: string) => from !== undefined || !ignored(relative(repository, one))
    cpSync(path, end, { recursive: true, filter, verbatimSymlinks: true })
  }
}

function run({ root, workdir, env }: Stage, command: string, repository: string): void {
  const built = join(repository, 'native/target')
  // What the checkout compiled of other people's crates need not be compiled again.
  if (command.startsWith('cargo build') && existsSync(built)) {
    cpSync(built, join(root, workdir, 'target'), { recursive: true, preserveTimestamps: true })
  }
  const line = command.replaceAll(/(?<=\s)\/(?=build|var|app)/g, `${root}/`)
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], {
    ...{
      cwd: join(root, workdir),
      env: { ...process.env, ...env, CARGO_TARGET_DIR: undefined },
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    },
  })
  if (status !== 0) throw new Error(`RUN ${command}: ${stdout}${stderr}`)
}

/** Instructions with what follows them; lines that end with a backslash go on. */
function steps(text: string): [string, string][] {
  return text
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, instruction, rest] = /^(\S+)\s+(.*)$/.exec(line)!
      return [instruction!.toUpperCase(), rest!.trim()]
    })
}

/** Whether a path is left out: the last line that fits it says so. */
function readIgnore(file: string): (path: string) => boolean {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  return (path) => {
    const parts = path.split('/')
    const parents = parts.map((_, at) => parts.slice(0, at + 1).join('/'))
    let out = false
    for (const line of lines) {
      const pattern = line.replace(/^!/, '').replace(/\/$/, '')
      if (parents.some((parent) => matchesGlob(parent, pattern))) out = !line.startsWith('!')
    }
    return path !== '' && out
  }
}
