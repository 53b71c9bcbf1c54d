import { expect, test } from 'vitest'
import { type StudyFlags, studyWishOf } from './study-flags.ts'

const flags = { grid: ['fast=2:9'], set: [] as string[], objective: 'sharpe', search: 'grid', top: '10' } as StudyFlags

test('a study without an axis, and one whose axis is also set to one value, say what to leave out', async () => {
  await expect(studyWishOf(undefined, { ...flags, grid: [] }, 'sweep')).rejects.toThrow(/sweep needs an axis/)
  const both = { ...flags, set: ['slow=30', 'fast=3'] }
  await expect(studyWishOf(undefined, both, 'sweep')).rejects.toMatchObject({
    code: 'USAGE',
    message: 'fast is an axis and set to one value: which of the two?',
    fix: 'leave --grid fast or --set fast out',
  })
})
