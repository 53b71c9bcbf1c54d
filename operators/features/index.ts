// Features: what they are, the stage that computes them when a bar closes, and how they look at any instant.
export {
  barFeatureNames,
  type Feature,
  type FeatureGroup,
  featureSet,
  featureSetName,
  featureSetVersion,
  tolerance,
} from './features.ts'
export { type FeatureName, featureNames } from './names.ts'
export { type ClosedBars, type FeaturesOptions, type FeaturesStep, featureStage } from './stage.ts'
export { FeatureView } from './view.ts'
