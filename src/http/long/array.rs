//! Rows that are read while they are serialized.

use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use serde::ser::{Error as _, SerializeSeq as _};
use serde::{Serialize, Serializer};

use crate::error::{Error, Result};

/// An array in a response. `F` reads the rows and passes each to a function.
pub(in crate::http) struct Rows<T, F> {
    read: F,
    failure: Arc<Mutex<Option<Error>>>,
    row: PhantomData<fn(&T)>,
}

impl<T, F> Rows<T, F> {
    pub(super) fn new(read: F, failure: Arc<Mutex<Option<Error>>>) -> Self {
        Self {
            read,
            failure,
            row: PhantomData,
        }
    }
}

impl<T, F> Serialize for Rows<T, F>
where
    T: Serialize,
    F: Fn(&mut dyn FnMut(&T) -> Result<()>) -> Result<()>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(None)?;
        let mut unwritten = None;
        let read = (self.read)(&mut |row| {
            rows.serialize_element(row).map_err(|cause| {
                unwritten = Some(cause);
                Error::bug("a row could not be written")
            })
        });
        match (read, unwritten) {
            (_, Some(cause)) => Err(cause),
            (Ok(()), None) => rows.end(),
            (Err(error), None) => {
                let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
                *failure = Some(error);
                Err(S::Error::custom("rows could not be read"))
            }
        }
    }
}
