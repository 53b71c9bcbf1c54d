//! The border of `smartspeed_core::features`; the docs stand in `native/features.ts`.
