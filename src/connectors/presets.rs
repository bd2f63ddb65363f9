//! The connectors that ship with the product. They are files like anyone's own.

/// Each preset's name and file.
const PRESETS: &[(&str, &str)] = &[
    ("amocrm", include_str!("presets/amocrm.toml")),
    ("billing", include_str!("presets/billing.toml")),
    ("bitrix24", include_str!("presets/bitrix24.toml")),
    ("google_sheets", include_str!("presets/google_sheets.toml")),
    ("notion", include_str!("presets/notion.toml")),
    ("salesforce", include_str!("presets/salesforce.toml")),
];

/// Their names.
pub fn names() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|(name, _)| *name)
}

/// A preset's file.
#[must_use]
pub fn named(name: &str) -> Option<&'static str> {
    let found = PRESETS.iter().find(|(known, _)| *known == name);
    found.map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_well_formed() {
        for name in names() {
            let text = named(name).unwrap_or_default();
            if let Err(problems) = super::super::build::connector(name, name, text) {
                let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
                panic!("{}", problems.join("\n"));
            }
        }
    }
}
