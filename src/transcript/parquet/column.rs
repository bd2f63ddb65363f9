//! Columns of a row group while it is collected.

use bytes::Bytes;
use parquet::basic::Type as Physical;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::writer::SerializedColumnWriter;

/// The values of a column in one row group. Where values may be absent, or a row has several of
/// them, levels say so (the Dremel encoding, see the Parquet format's documentation).
pub(in crate::transcript) struct Column {
    values: Values,
    /// Whether each row has a value; empty: the column cannot be absent.
    present: Vec<i16>,
    optional: bool,
    /// For lists: 0 begins a row, 1 goes on with it.
    repeats: Vec<i16>,
}

enum Values {
    Bool(Vec<bool>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    /// Texts behind each other, and where each ends.
    Text(Vec<u8>, Vec<usize>),
}

impl Column {
    pub(in crate::transcript) fn new(kind: Physical, optional: bool) -> Self {
        let values = match kind {
            Physical::BOOLEAN => Values::Bool(Vec::new()),
            Physical::INT32 => Values::Int32(Vec::new()),
            Physical::INT64 => Values::Int64(Vec::new()),
            _ => Values::Text(Vec::new(), Vec::new()),
        };
        Self {
            values,
            present: Vec::new(),
            optional,
            repeats: Vec::new(),
        }
    }

    pub(in crate::transcript) fn bool(&mut self, value: bool) {
        if let Values::Bool(values) = &mut self.values {
            values.push(value);
        }
        self.here(true);
    }

    pub(in crate::transcript) fn int(&mut self, value: impl Into<Option<i32>>) {
        let value = value.into();
        if let (Values::Int32(values), Some(value)) = (&mut self.values, value) {
            values.push(value);
        }
        self.here(value.is_some());
    }

    pub(in crate::transcript) fn long(&mut self, value: impl Into<Option<i64>>) {
        let value = value.into();
        if let (Values::Int64(values), Some(value)) = (&mut self.values, value) {
            values.push(value);
        }
        self.here(value.is_some());
    }

    pub(in crate::transcript) fn text<'t>(&mut self, value: impl Into<Option<&'t str>>) {
        let value = value.into();
        if let Some(value) = value {
            self.bytes(|bytes| bytes.extend_from_slice(value.as_bytes()));
        }
        self.here(value.is_some());
    }

    /// A text that is written right into the column.
    pub(in crate::transcript) fn written(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.bytes(write);
        self.here(true);
    }

    /// A text of a list; `first`: the list begins with it.
    pub(in crate::transcript) fn item(&mut self, first: bool, value: &str) {
        self.bytes(|bytes| bytes.extend_from_slice(value.as_bytes()));
        self.present.push(1);
        self.repeats.push(i16::from(!first));
    }

    fn bytes(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        if let Values::Text(bytes, ends) = &mut self.values {
            write(bytes);
            ends.push(bytes.len());
        }
    }

    fn here(&mut self, present: bool) {
        if self.optional {
            self.present.push(i16::from(present));
        }
    }

    /// Bytes that it takes, about.
    pub(in crate::transcript) fn size(&self) -> usize {
        let values = match &self.values {
            Values::Bool(values) => values.len(),
            Values::Int32(values) => values.len() * 4,
            Values::Int64(values) => values.len() * 8,
            Values::Text(bytes, ends) => bytes.len() + ends.len() * 8,
        };
        values + self.present.len() * 2 + self.repeats.len() * 2
    }

    /// Writes what was collected and begins anew.
    pub(in crate::transcript) fn flush(
        &mut self,
        writer: &mut SerializedColumnWriter<'_>,
    ) -> Result<()> {
        let present = Some(self.present.as_slice()).filter(|levels| !levels.is_empty());
        let repeats = Some(self.repeats.as_slice()).filter(|levels| !levels.is_empty());
        match &mut self.values {
            Values::Bool(values) => {
                writer
                    .typed::<BoolType>()
                    .write_batch(values, present, repeats)?;
                values.clear();
            }
            Values::Int32(values) => {
                writer
                    .typed::<Int32Type>()
                    .write_batch(values, present, repeats)?;
                values.clear();
            }
            Values::Int64(values) => {
                writer
                    .typed::<Int64Type>()
                    .write_batch(values, present, repeats)?;
                values.clear();
            }
            Values::Text(bytes, ends) => {
                let whole = Bytes::from(std::mem::take(bytes));
                let mut texts = Vec::with_capacity(ends.len());
                let mut begin = 0;
                for end in ends.drain(..) {
                    if end < begin || end > whole.len() {
                        return Err(ParquetError::General("a text without end".to_owned()));
                    }
                    texts.push(ByteArray::from(whole.slice(begin..end)));
                    begin = end;
                }
                writer
                    .typed::<ByteArrayType>()
                    .write_batch(&texts, present, repeats)?;
            }
        }
        self.present.clear();
        self.repeats.clear();
        Ok(())
    }
}
