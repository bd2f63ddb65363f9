//! Sizes and durations as people read them.

/// `850 B`, `214 KB`, `1.2 MB`: decimal units, as Telegram and file managers count.
pub(super) fn bytes(size: u64, decimal: &str) -> String {
    const UNITS: [&str; 5] = ["B", "KB", "MB", "GB", "TB"];
    let mut tenths = u128::from(size) * 10;
    let mut unit = 0;
    // 999.95 KB would print as 1000.0 KB.
    while tenths >= 9_995 && unit + 1 < UNITS.len() {
        tenths = (tenths + 500) / 1_000;
        unit += 1;
    }
    let name = UNITS.get(unit).copied().unwrap_or_default();
    if unit == 0 || tenths >= 100 || tenths % 10 == 0 {
        format!("{} {name}", (tenths + 5) / 10)
    } else {
        format!("{}{decimal}{} {name}", tenths / 10, tenths % 10)
    }
}

/// `0:07`, `12:30`, `1:02:03`.
pub(super) fn duration(seconds: u32) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_round_and_change_unit() {
        for (size, expected) in [
            (0, "0 B"),
            (850, "850 B"),
            (1_200, "1.2 KB"),
            (2_000, "2 KB"),
            (214_310, "214 KB"),
            (999_960, "1 MB"),
            (1_250_000, "1.3 MB"),
            (4_000_000_000, "4 GB"),
            (u64::MAX, "18446744 TB"),
        ] {
            assert_eq!(bytes(size, "."), expected);
        }
        assert_eq!(bytes(1_200, ","), "1,2 KB");
    }

    #[test]
    fn durations_show_hours_only_where_there_are_some() {
        assert_eq!(duration(7), "0:07");
        assert_eq!(duration(750), "12:30");
        assert_eq!(duration(3_723), "1:02:03");
    }
}
