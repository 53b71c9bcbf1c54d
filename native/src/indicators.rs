//! The border of `smartspeed_core::indicators`; the docs stand in `native/indicators.ts`.
