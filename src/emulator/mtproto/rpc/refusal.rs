//! Errors that clients are told.

use grammers_tl_types::{Serializable, enums, types};

use crate::emulator::faults::{Failure, code_of};
use crate::emulator::mtproto::uploads::UploadError;
use crate::emulator::world::Refusal;

/// An `rpc_error`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RpcRefusal {
    /// Telegram's class of errors, after HTTP.
    pub(super) code: i32,
    /// Its name, such as `CHANNEL_PRIVATE`.
    pub(super) name: String,
}

impl RpcRefusal {
    /// The request is wrong.
    pub(super) fn bad(name: &str) -> Self {
        Self::new(400, name)
    }

    /// Any class.
    pub(super) fn new(code: i32, name: &str) -> Self {
        Self {
            code,
            name: name.to_owned(),
        }
    }

    /// Nobody is logged in on the key.
    pub(super) fn unregistered() -> Self {
        Self::new(401, "AUTH_KEY_UNREGISTERED")
    }

    /// As TL.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        enums::RpcError::from(types::RpcError {
            error_code: self.code,
            error_message: self.name.clone(),
        })
        .to_bytes()
    }
}

impl From<Refusal> for RpcRefusal {
    fn from(refusal: Refusal) -> Self {
        let name = refusal.to_string();
        Self::new(code_of(&name), &name)
    }
}

impl From<UploadError> for RpcRefusal {
    fn from(error: UploadError) -> Self {
        Self::bad(&error.to_string())
    }
}

impl From<Failure> for RpcRefusal {
    fn from(failure: Failure) -> Self {
        Self::new(failure.code, &failure.message)
    }
}
