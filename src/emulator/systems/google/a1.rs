//! Ranges in A1 notation.

/// Columns of a sheet, at most.
const MOST_COLUMNS: usize = 18_278;
/// Rows of a sheet, at most.
const MOST_ROWS: usize = 10_000_000;

/// A rectangle of cells, counted from 0; open where it has no end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) row: usize,
    pub(super) column: usize,
    /// The last, included.
    pub(super) last_row: Option<usize>,
    pub(super) last_column: Option<usize>,
}

/// Takes the sheet's name off a range: the name, if there is one, and the rest.
pub(super) fn sheet_and_cells(range: &str) -> Option<(Option<String>, &str)> {
    let Some(quoted) = range.strip_prefix('\'') else {
        return Some(match range.rsplit_once('!') {
            Some((sheet, cells)) => (Some(sheet.to_owned()), cells),
            None => (None, range),
        });
    };
    // A quote inside is written twice.
    let mut name = String::new();
    let mut letters = quoted.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if letter != '\'' {
            name.push(letter);
        } else if letters.next_if(|(_, next)| *next == '\'').is_some() {
            name.push('\'');
        } else {
            let rest = quoted.get(at + 1..).unwrap_or_default();
            return match rest.strip_prefix('!') {
                Some(cells) => Some((Some(name), cells)),
                None => rest.is_empty().then_some((Some(name), "")),
            };
        }
    }
    None
}

/// Reads cells such as `A1`, `A1:C3`, `A2:C`, `B:B` and `1:2`; nothing is the whole sheet.
pub(super) fn area(cells: &str) -> Option<Area> {
    if cells.is_empty() {
        return Some(Area::default());
    }
    let (first, last) = cells.split_once(':').unwrap_or((cells, cells));
    let (first, last) = (corner(first)?, corner(last)?);
    if !cells.contains(':') && (first.0.is_none() || first.1.is_none()) {
        return None;
    }
    let (column, row) = (first.0.unwrap_or(0), first.1.unwrap_or(0));
    let area = Area {
        row,
        column,
        last_row: last.1,
        last_column: last.0,
    };
    let forward = last.1.is_none_or(|last| last >= row) && last.0.is_none_or(|last| last >= column);
    forward.then_some(area)
}

/// Column and row of `B7`, `B` or `7`.
fn corner(text: &str) -> Option<(Option<usize>, Option<usize>)> {
    let digits = text.find(|letter: char| letter.is_ascii_digit());
    let (letters, digits) = text.split_at(digits.unwrap_or(text.len()));
    let mut column = 0_usize;
    for letter in letters.chars() {
        let value = letter.to_ascii_uppercase();
        if !value.is_ascii_uppercase() || column > MOST_COLUMNS {
            return None;
        }
        let value = usize::try_from(u32::from(value)).ok()?.checked_sub(64)?;
        column = column * 26 + value;
    }
    if !digits.chars().all(|letter| letter.is_ascii_digit()) {
        return None;
    }
    let row = match digits {
        "" => None,
        digits => Some(digits.parse::<usize>().ok()?.checked_sub(1)?),
    };
    let column = column.checked_sub(1);
    if column.is_some_and(|column| column >= MOST_COLUMNS)
        || row.is_some_and(|row| row >= MOST_ROWS)
    {
        return None;
    }
    (column.is_some() || row.is_some()).then_some((column, row))
}

/// The name of a column: `A` to `Z`, `AA` and so on.
pub(super) fn column_name(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        let letter = u8::try_from((rest - 1) % 26).unwrap_or_default();
        letters.push(char::from(b'A' + letter));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// A range as Google writes it: one cell alone, else its corners; names in quotes where needed.
pub(super) fn written(sheet: &str, from: (usize, usize), to: (usize, usize)) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let sheet = if sheet.chars().all(plain) {
        sheet.to_owned()
    } else {
        format!("'{}'", sheet.replace('\'', "''"))
    };
    let cell = |(row, column): (usize, usize)| format!("{}{}", column_name(column), row + 1);
    if from == to {
        format!("{sheet}!{}", cell(from))
    } else {
        format!("{sheet}!{}:{}", cell(from), cell(to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_are_named_with_and_without_quotes() {
        for (range, sheet, cells) in [
            ("A1", None, "A1"),
            ("Sheet1!B:B", Some("Sheet1"), "B:B"),
            ("'My sheet'!A2:H2", Some("My sheet"), "A2:H2"),
            ("'It''s'!A1", Some("It's"), "A1"),
            ("'My sheet'", Some("My sheet"), ""),
        ] {
            let read = sheet_and_cells(range).unwrap();
            assert_eq!(read, (sheet.map(str::to_owned), cells), "{range}");
        }
        assert_eq!(sheet_and_cells("'open!A1"), None);
        assert_eq!(sheet_and_cells("'a'b!A1"), None);
    }

    #[test]
    fn cells_are_read() {
        let read =
            |text| area(text).map(|area| (area.row, area.column, area.last_row, area.last_column));
        assert_eq!(read("A1"), Some((0, 0, Some(0), Some(0))));
        assert_eq!(read("b2:AA3"), Some((1, 1, Some(2), Some(26))));
        assert_eq!(read("B:B"), Some((0, 1, None, Some(1))));
        assert_eq!(read("A2:C"), Some((1, 0, None, Some(2))));
        assert_eq!(read("2:3"), Some((1, 0, Some(2), None)));
        for wrong in [
            "B",
            "7",
            "A0",
            "A1:",
            "1A",
            "A1:B2:C3",
            "C3:A1",
            "Ä1",
            "ZZZZ1",
            "A99999999",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn ranges_are_written_as_google_writes_them() {
        assert_eq!(written("Sheet1", (5, 0), (5, 7)), "Sheet1!A6:H6");
        assert_eq!(written("It's", (0, 26), (0, 26)), "'It''s'!AA1");
    }
}
