//! The border of `smartspeed_core::regime`; the docs stand in `native/regime.ts`.
