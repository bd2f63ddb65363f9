//! A Parquet file, row group by row group.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use parquet::basic::{Compression, Encoding, Repetition, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;

use super::column::Column;

/// Rows of a group. DuckDB and Spark read groups side by side; more rows compress hardly better.
const ROWS: usize = 65_536;
/// Bytes of a group: long texts must not take all memory.
const BYTES: usize = 24 << 20;
/// Level 3 packs at several times the speed of the others for a few percent of size.
const LEVEL: i32 = 3;

/// Collects rows and writes them in groups.
pub(in crate::transcript) struct ParquetFile {
    writer: Option<SerializedFileWriter<Tank>>,
    tank: Tank,
    columns: Vec<Column>,
    rows: usize,
}

impl ParquetFile {
    /// Begins a file of this schema. Of `distinct` columns hardly a value occurs twice.
    pub(in crate::transcript) fn new(schema: &str, distinct: &[&str]) -> io::Result<Self> {
        let schema = Arc::new(parse_message_type(schema).map_err(failed)?);
        let mut properties = WriterProperties::builder()
            .set_created_by(format!("topicvault {}", env!("CARGO_PKG_VERSION")))
            .set_compression(Compression::ZSTD(
                ZstdLevel::try_new(LEVEL).map_err(failed)?,
            ))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            // One group is one call: both limits are ours.
            .set_max_row_group_row_count(None);
        for column in distinct {
            let path = ColumnPath::from(column.split('.').map(str::to_owned).collect::<Vec<_>>());
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path.clone(), Encoding::PLAIN)
                .set_column_statistics_enabled(path, EnabledStatistics::None);
        }
        let tank = Tank::default();
        let properties = Arc::new(properties.build());
        let writer = SerializedFileWriter::new(tank.clone(), schema, properties).map_err(failed)?;
        let columns = writer
            .schema_descr()
            .columns()
            .iter()
            .map(|column| {
                let info = column.self_type().get_basic_info();
                let optional = info.repetition() == Repetition::OPTIONAL;
                Column::new(column.physical_type(), optional)
            })
            .collect();
        Ok(Self {
            writer: Some(writer),
            tank,
            columns,
            rows: 0,
        })
    }

    /// The columns, into each of which the caller puts one value a row.
    pub(in crate::transcript) fn columns(&mut self) -> &mut [Column] {
        &mut self.columns
    }

    /// Ends a row.
    pub(in crate::transcript) fn end_row(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.rows += 1;
        // Sizes change slowly; looking at them costs more than a row.
        let full = self.rows >= ROWS
            || self.rows.is_multiple_of(64)
                && self.columns.iter().map(Column::size).sum::<usize>() >= BYTES;
        if full { self.flush(out) } else { Ok(()) }
    }

    fn flush(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.rows > 0
            && let Some(writer) = &mut self.writer
        {
            let mut group = writer.next_row_group().map_err(failed)?;
            let mut columns = self.columns.iter_mut();
            while let Some(mut writer) = group.next_column().map_err(failed)? {
                if let Some(column) = columns.next() {
                    column.flush(&mut writer).map_err(failed)?;
                }
                writer.close().map_err(failed)?;
            }
            group.close().map_err(failed)?;
            self.rows = 0;
        }
        self.tank.drain(out)
    }

    /// Writes what is left, and the footer.
    pub(in crate::transcript) fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.flush(out)?;
        if let Some(writer) = self.writer.take() {
            writer.close().map_err(failed)?;
        }
        self.tank.drain(out)
    }
}

fn failed(error: ParquetError) -> io::Error {
    io::Error::other(error)
}

/// What the Parquet writer wrote and nobody took yet: it owns its output, and ours is lent.
#[derive(Clone, Default)]
struct Tank(Arc<Mutex<Vec<u8>>>);

impl Tank {
    fn drain(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut tank = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = mem::take(&mut *tank);
        drop(tank);
        out.write_all(&bytes)
    }
}

impl Write for Tank {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut tank = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tank.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
