import { afterAll, beforeAll } from 'vitest'
import { topicsConformance } from '../../tests/conformance/topics.ts'
import { wireConformance } from '../../tests/conformance/wire.ts'
import { wireGroups } from '../../tests/conformance/wire-groups.ts'
import { describeWith } from '../../tests/data.ts'
import { type KafkaPlaces, kafkaPlaces } from '../../tests/kafka.ts'
import { openPlatformatic } from './platformatic.ts'

describeWith('kafka', 'Kafka by platformatic', () => {
  let places: KafkaPlaces
  beforeAll(async () => {
    places = await kafkaPlaces()
  })
  afterAll(() => places?.end())

  wireConformance('platformatic', () => openPlatformatic({ brokers: places.brokers }))
  wireGroups('platformatic', () => openPlatformatic({ brokers: places.brokers }))
  topicsConformance('kafka by platformatic', () => places.newPlace('platformatic'), { share: 0.5 })
})
