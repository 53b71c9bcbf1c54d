// A deployment on this machine: processes kept running by a supervisor that outlives whoever applied it.
import type { How } from '../acts.ts'
import { admitThere } from '../verdicts.ts'
import { folderOf, type Version } from '../versions/folder.ts'
import { endSupervisor } from './alone.ts'
import { changeTo, type Means, stopAll, unitsOf, until, wishOf } from './change.ts'
import { secretsOf } from './launch.ts'
import { createTopics, flagsOf, placeOf, stopLocalServices } from './places.ts'

/** @throws SmartspeedError as `changeTo` and `placeOf`, CONFIG_INVALID and FILE_MISSING for a secret that is not there */
export async function apply(next: Version, current: Version | undefined, how: How): Promise<void> {
  secretsOf(next.deployment.secrets)
  const means = await meansOf(next, how)
  if (next.deployment.engine === 'kafka') await admitThere(next.deployment, means.place)
  await createTopics(next, means.place, how.note)
  // A new one, so that it is of today's code and knows today's environment; it finds the processes of the old one.
  await endSupervisor(means.folder)
  await changeTo(next, current, means)
  const gone = (current?.deployment.services ?? []).filter((name) => !next.deployment.services.includes(name))
  await stopLocalServices(gone, how.dir)
}

/** Starts the supervisor and the services where they do not run, and gives who was given up another chance. */
export async function heal(current: Version, how: How): Promise<void> {
  secretsOf(current.deployment.secrets)
  const means = await meansOf(current, how)
  await until(
    wishOf(current, unitsOf(current), means),
    means,
    ({ settled, members }) =>
      settled &&
      members.every(({ pid, lastEnd, status }) => pid !== undefined || lastEnd !== undefined || status !== 'waiting'),
  )
}

export async function destroy(current: Version, how: How): Promise<void> {
  const { name, services } = current.deployment
  const folder = folderOf(how.dir, name)
  await stopAll(current, { folder, program: how.program, where: [] })
  await endSupervisor(folder)
  await stopLocalServices(services, how.dir)
}

async function meansOf(
  { deployment }: Version,
  how: How,
): Promise<Means & { place: Awaited<ReturnType<typeof placeOf>> }> {
  const { dir, program, note, signal } = how
  const place = await placeOf(deployment, dir, { note, ...(signal === undefined ? {} : { signal }) })
  const folder = folderOf(dir, deployment.name)
  return {
    folder,
    program,
    where: flagsOf(deployment, place),
    place,
    note,
    ...(signal === undefined ? {} : { signal }),
  }
}
