//! What is wrong with a frame.

/// Why a frame cannot be decoded. Never holds what the frame said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// Does not begin as a frame does.
    #[error("it is no frame")]
    NotAFrame,
    /// A layout that this version does not know.
    #[error("it has layout {0}, which this version does not know")]
    Layout(u8),
    /// Ends before it should, or says more than there is room for.
    #[error("column `{0}` is cut short or overlong")]
    Truncated(&'static str),
    /// Larger than a frame may be; refused before memory is taken.
    #[error("it claims {0} bytes or messages, more than a frame may hold")]
    TooLarge(u64),
    /// Values that cannot be.
    #[error("column `{0}` holds an impossible value")]
    Invalid(&'static str),
    /// Compressed data that does not decompress.
    #[error("column `{0}` does not decompress")]
    Compression(&'static str),
    /// The stored checksum differs.
    #[error("its checksum differs")]
    Checksum,
}
