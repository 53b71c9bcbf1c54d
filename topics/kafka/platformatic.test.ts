import { beforeAll } from 'vitest'
import { topicsConformance } from '../../tests/conformance/topics.ts'
import { wireConformance } from '../../tests/conformance/wire.ts'
import { wireGroups } from '../../tests/conformance/wire-groups.ts'
import { describeWith } from '../../tests/data.ts'
import { type SharedPlaces, sharedPlaces } from '../../tests/kafka.ts'
import { openPlatformatic } from './platformatic.ts'

describeWith('kafka', 'Kafka by platformatic', () => {
  let places: SharedPlaces
  beforeAll(async () => {
    places = await sharedPlaces()
  }, 300_000)

  wireConformance('platformatic', () => openPlatformatic({ brokers: places.brokers }))
  wireGroups('platformatic', () => openPlatformatic({ brokers: places.brokers }))
})

describeWith(['kafka', 'time'], 'topics on Kafka by platformatic', () => {
  let places: SharedPlaces
  beforeAll(async () => {
    places = await sharedPlaces()
  }, 300_000)

  topicsConformance('kafka by platformatic', () => places.newPlace('platformatic'), { share: 0.5 })
})
