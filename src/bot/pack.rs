//! Makes a file fit Telegram's limit: compressed, and split where that is not enough.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::scratch::Scratch;

/// Text shrinks to a tenth at this level, at some 100 MB/s; higher levels gain little.
const LEVEL: i32 = 6;
/// No server has a smaller limit; a config that says 0 must not end in a file a byte.
const SMALLEST_LIMIT: u64 = 1024;

/// A file to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parcel {
    /// Where it is.
    pub(super) path: PathBuf,
    /// What it is called.
    pub(super) name: String,
}

/// What a file became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Packed {
    /// It fits as it is.
    Whole(Parcel),
    /// It fits after compression.
    Compressed {
        /// The compressed file.
        parcel: Parcel,
        /// Size before, bytes.
        size: u64,
    },
    /// It had to be split after compression.
    Split {
        /// The parts, in order.
        parts: Vec<Parcel>,
        /// Name of the compressed file that they make.
        name: String,
        /// Size before compression, bytes.
        size: u64,
    },
}

/// Packs a file of the scratch directory so that no parcel is larger than `limit` bytes.
pub(super) fn pack(scratch: &Scratch, path: &Path, name: &str, limit: u64) -> io::Result<Packed> {
    let limit = limit.max(SMALLEST_LIMIT);
    let size = path.metadata()?.len();
    if size <= limit {
        return Ok(Packed::Whole(Parcel {
            path: path.to_owned(),
            name: name.to_owned(),
        }));
    }
    let packed_name = format!("{name}.zst");
    let (packed_path, packed) = scratch.create(&packed_name)?;
    let mut encoder = zstd::Encoder::new(packed, LEVEL)?;
    encoder.set_pledged_src_size(Some(size))?;
    encoder.include_checksum(true)?;
    io::copy(&mut File::open(path)?, &mut encoder)?;
    let packed_size = encoder.finish()?.metadata()?.len();
    // A third copy on disk would be one too many on a small machine.
    std::fs::remove_file(path)?;
    if packed_size <= limit {
        return Ok(Packed::Compressed {
            parcel: Parcel {
                path: packed_path,
                name: packed_name,
            },
            size,
        });
    }
    let count = packed_size.div_ceil(limit);
    let width = count.to_string().len().max(3);
    let mut source = File::open(&packed_path)?;
    let mut parts = Vec::new();
    for number in 1..=count {
        let name = format!("{packed_name}.{number:0width$}");
        let (path, mut part) = scratch.create(&name)?;
        io::copy(&mut source.by_ref().take(limit), &mut part)?;
        parts.push(Parcel { path, name });
    }
    std::fs::remove_file(packed_path)?;
    Ok(Packed::Split {
        parts,
        name: packed_name,
        size,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use std::io::Write;

    use super::super::scratch::Workshop;
    use super::*;

    /// Bytes that do not compress.
    fn noise(length: usize) -> Vec<u8> {
        let mut state = 1_u64;
        (0..length)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                state.to_be_bytes()[0]
            })
            .collect()
    }

    fn packed(bytes: &[u8], limit: u64, check: impl FnOnce(Packed)) {
        let vault = tempfile::tempdir().unwrap();
        let scratch = Workshop::open(vault.path()).unwrap().bench().unwrap();
        let (path, mut file) = scratch.create("a.html").unwrap();
        file.write_all(bytes).unwrap();
        check(pack(&scratch, &path, "a.html", limit).unwrap());
    }

    #[test]
    fn what_fits_is_left_alone() {
        packed(&noise(2000), 2000, |packed| {
            let Packed::Whole(parcel) = packed else {
                panic!("{packed:?}")
            };
            assert_eq!(parcel.name, "a.html");
            assert_eq!(std::fs::read(parcel.path).unwrap(), noise(2000));
        });
    }

    #[test]
    fn what_compresses_well_is_one_file() {
        let text = b"the same again, ".repeat(1000);
        packed(&text, 2000, |packed| {
            let Packed::Compressed { parcel, size } = packed else {
                panic!("{packed:?}")
            };
            assert_eq!((parcel.name.as_str(), size), ("a.html.zst", 16_000));
            let bytes = std::fs::read(parcel.path).unwrap();
            assert_eq!(zstd::decode_all(bytes.as_slice()).unwrap(), text);
        });
    }

    #[test]
    fn parts_are_within_the_limit_and_make_the_whole_when_joined_by_name() {
        let bytes = noise(5000);
        packed(&bytes, 2000, |packed| {
            let Packed::Split {
                mut parts, name, ..
            } = packed
            else {
                panic!("{packed:?}")
            };
            assert_eq!(name, "a.html.zst");
            parts.sort_by(|a, b| a.name.cmp(&b.name));
            let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
            assert_eq!(
                names,
                ["a.html.zst.001", "a.html.zst.002", "a.html.zst.003"]
            );
            let mut joined = Vec::new();
            for part in &parts {
                let part = std::fs::read(&part.path).unwrap();
                assert!(part.len() <= 2000);
                joined.extend(part);
            }
            assert_eq!(zstd::decode_all(joined.as_slice()).unwrap(), bytes);
        });
    }

    #[test]
    fn a_limit_of_nothing_is_no_limit_to_take_seriously() {
        packed(&noise(1000), 0, |packed| {
            assert!(matches!(packed, Packed::Whole(_)));
        });
    }
}
