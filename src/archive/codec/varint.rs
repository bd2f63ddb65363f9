//! Numbers in as few bytes as they need.

use super::error::CodecError;

/// Bytes counted at once; their number fits a byte.
const BLOCK: usize = 128;

/// Seven bits a byte, low ones first, the high bit says that more follow.
pub(super) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value as u8) | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Signed numbers so that small ones of either sign stay small.
pub(super) fn put_signed(out: &mut Vec<u8>, value: i64) {
    put(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// Reads a column from its start; every read is checked.
#[derive(Debug)]
pub(super) struct Column<'a> {
    name: &'static str,
    rest: &'a [u8],
}

impl<'a> Column<'a> {
    pub(super) fn new(name: &'static str, bytes: &'a [u8]) -> Self {
        Self { name, rest: bytes }
    }

    pub(super) fn byte(&mut self) -> Result<u8, CodecError> {
        let (first, rest) = self
            .rest
            .split_first()
            .ok_or(CodecError::Truncated(self.name))?;
        self.rest = rest;
        Ok(*first)
    }

    pub(super) fn number(&mut self) -> Result<u64, CodecError> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7F);
            if shift == 63 && bits > 1 {
                return Err(self.invalid());
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.invalid())
    }

    pub(super) fn signed(&mut self) -> Result<i64, CodecError> {
        let value = self.number()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// A difference of two 32-bit numbers; sums of those cannot overflow within a frame.
    pub(super) fn signed_small(&mut self) -> Result<i64, CodecError> {
        let value = self.signed()?;
        if value.unsigned_abs() > u64::from(u32::MAX) {
            return Err(self.invalid());
        }
        Ok(value)
    }

    pub(super) fn bytes(&mut self, count: usize) -> Result<&'a [u8], CodecError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or(CodecError::Truncated(self.name))?;
        self.rest = rest;
        Ok(taken)
    }

    /// Up to the next zero byte, which is consumed.
    pub(super) fn terminated(&mut self) -> Result<&'a [u8], CodecError> {
        let end = memchr::memchr(0, self.rest).ok_or(CodecError::Truncated(self.name))?;
        let taken = self.bytes(end)?;
        self.byte()?;
        Ok(taken)
    }

    /// Passes over numbers.
    pub(super) fn skip_numbers(&mut self, count: usize) -> Result<(), CodecError> {
        self.skip_ended(count, |byte| byte & 0x80 == 0)
    }

    /// Passes over what [`terminated`](Self::terminated) would read.
    pub(super) fn skip_terminated(&mut self, count: usize) -> Result<(), CodecError> {
        self.skip_ended(count, |byte| byte == 0)
    }

    /// Passes over items by counting their last bytes.
    fn skip_ended(
        &mut self,
        mut count: usize,
        is_end: impl Fn(u8) -> bool,
    ) -> Result<(), CodecError> {
        // Blocks are counted with vector instructions; the last item ends within one.
        while let Some((block, rest)) = self.rest.split_at_checked(BLOCK) {
            let ends: u8 = block.iter().map(|byte| u8::from(is_end(*byte))).sum();
            if usize::from(ends) >= count {
                break;
            }
            count -= usize::from(ends);
            self.rest = rest;
        }
        while count > 0 {
            if is_end(self.byte()?) {
                count -= 1;
            }
        }
        Ok(())
    }

    /// Errs unless everything was read.
    pub(super) fn end(&self) -> Result<(), CodecError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(CodecError::Truncated(self.name))
        }
    }

    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn invalid(&self) -> CodecError {
        CodecError::Invalid(self.name)
    }
}
