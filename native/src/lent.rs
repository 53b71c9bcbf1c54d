//! Arrays that JavaScript lends to a thread.

use napi::bindgen_prelude::{FromNapiValue, JsValue, Object, ObjectRef, Uint8ArraySlice};
use napi::{Env, Result};

/// The bytes of a list of arrays. The list is held, and the arrays by it: one reference instead of one an array, each of which takes
/// longer than the checksum of a kilobyte.
pub struct Lent {
    list: ObjectRef,
    arrays: Vec<&'static [u8]>,
}

impl Lent {
    /// # Safety
    /// Nobody writes to the arrays, takes their buffers or changes the list until it was given back.
    pub unsafe fn new(env: &Env, list: Object) -> Result<Self> {
        // SAFETY: a list of arrays, or an error.
        let arrays = unsafe { Vec::<Uint8ArraySlice>::from_napi_value(env.raw(), list.raw()) }?;
        let arrays = arrays
            .iter()
            // SAFETY: the buffers do not move, and live as long as the list.
            .map(|array| unsafe { std::slice::from_raw_parts(array.as_ptr(), array.len()) })
            .collect();
        Ok(Self { list: list.create_ref()?, arrays })
    }

    pub fn arrays(&self) -> &[&[u8]] {
        &self.arrays
    }

    pub fn give_back(self, env: &Env) -> Result<()> {
        self.list.unref(env)
    }
}
