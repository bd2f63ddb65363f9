//! SQL over archives: what the tables hold, what narrows them, and what is refused.

use serde_json::{Value, json};

use super::*;

/// Two archives' worth of one: 300 messages in three topics, some sealed, some edited or deleted.
fn place() -> Place {
    let place = Place::new();
    let mut writer = place.writer();
    let events: Vec<_> = (2..=300)
        .map(|id| live(text(id, id % 3 + 1, &format!("said {id}"))))
        .collect();
    writer.append(&events, &[]).unwrap();
    writer.seal(&SEAL).unwrap();
    compact(&place.vault, &mut writer);
    let later = [
        live(edited(7, 2, "said better", 9)),
        deleted(8),
        reaction(9, "👍"),
        live(text(301, 2, "hot")),
    ];
    writer.append(&later, &[]).unwrap();
    place
}

fn ask(place: &Place, query: &str) -> Result<Vec<Vec<Value>>, SqlError> {
    let mut sql = Sql::new(&place.vault, &[group()])?;
    let mut rows = Vec::new();
    sql.query(query, || false, &mut |_, row| {
        rows.push(row);
        true
    })?;
    Ok(rows)
}

#[test]
fn messages_and_versions_are_tables() {
    let place = place();
    let one = |query: &str| ask(&place, query).unwrap();
    assert_eq!(
        one("SELECT count(*), min(id), max(id) FROM messages"),
        [[json!(300), json!(2), json!(301)]]
    );
    assert_eq!(
        one(
            "SELECT topic, count(*) FROM messages WHERE deleted_at IS NULL GROUP BY topic ORDER BY topic"
        ),
        [
            [json!(1), json!(100)],
            [json!(2), json!(100)],
            [json!(3), json!(99)]
        ]
    );
    assert_eq!(
        one("SELECT text, versions, edit_date, kind, sent, link FROM messages WHERE id = 7"),
        [[
            json!("said better"),
            json!(2),
            json!(9),
            json!("text"),
            json!("2023-11-14T22:13:27Z"),
            json!("https://t.me/c/2101424779/2/7")
        ]]
    );
    assert_eq!(
        one("SELECT number, latest, text FROM versions WHERE id = 7 ORDER BY number"),
        [
            [json!(1), json!(0), json!("said 7")],
            [json!(2), json!(1), json!("said better")]
        ]
    );
    assert_eq!(
        one("SELECT reactions FROM messages WHERE id = 9"),
        [[json!(r#"[{"reaction":{"emoji":"👍"},"count":1}]"#)]]
    );
    assert_eq!(
        one("SELECT first, last, state FROM coverage ORDER BY first"),
        [
            [json!(2), json!(7), json!("captured")],
            [json!(8), json!(8), json!("deleted")],
            [json!(9), json!(301), json!("captured")]
        ]
    );
    assert_eq!(
        one("SELECT count(*) FROM topics JOIN messages ON topics.id = topic"),
        [[json!(300)]]
    );
    assert!(one("SELECT * FROM people").is_empty());
}

/// Whatever narrows, the answer is that of a table without any help.
#[test]
fn conditions_narrow_and_change_nothing() {
    let place = place();
    for condition in [
        "id = 30",
        "id = 30.5",
        "id = '30'",
        "id = 99999999999",
        "id IS NULL",
        "id = NULL",
        "id > 290",
        "id >= 290 AND id < 295.5",
        "id BETWEEN 5 AND 10",
        "id < 2",
        "id > 1e300",
        "topic = 2",
        "topic = 2 AND id > 100",
        "topic IN (1, 3) AND id < 50",
        "topic = 77",
        "topic = 99999999999",
        "topic = 'x'",
        "date < 1700000010",
        "date >= 1700000290",
        "date = 1700000050",
        "group_id = 2101424779",
        "group_id = 5",
        "group_id = 2101424779 AND id = 12",
        "id IN (4, 5, 300, 301, 302)",
        "id = 10 OR topic = 1",
        "id = topic",
        "NOT id > 10",
    ] {
        let narrowed = format!("SELECT id, text FROM messages WHERE {condition} ORDER BY id");
        // Unary plus keeps SQLite from telling us of a condition.
        let plain = ["id", "topic", "date", "group_id"].iter().fold(
            condition.to_owned(),
            |text, column| {
                let words =
                    text.split(' ')
                        .map(|word| match word.trim_start_matches('(') == *column {
                            true => word.replace(column, &format!("+{column}")),
                            false => word.to_owned(),
                        });
                words.collect::<Vec<_>>().join(" ")
            },
        );
        let all = format!("SELECT id, text FROM messages WHERE {plain} ORDER BY id");
        assert_eq!(
            ask(&place, &narrowed).unwrap(),
            ask(&place, &all).unwrap(),
            "{condition}"
        );
    }
}

#[test]
fn nothing_is_written_and_no_other_file_is_opened() {
    let place = place();
    let other = place.vault.dir().join("other.db");
    for query in [
        "DELETE FROM messages".to_owned(),
        "CREATE TABLE x (a)".to_owned(),
        format!("ATTACH '{}' AS o", other.display()),
        format!("VACUUM INTO '{}'", other.display()),
        "PRAGMA writable_schema = 1".to_owned(),
        "SELECT load_extension('x')".to_owned(),
    ] {
        let error = ask(&place, &query).unwrap_err();
        assert!(!matches!(error, SqlError::Interrupted), "{query}: {error}");
    }
    assert!(!other.exists());
    let error = ask(&place, "SELECT horns FROM messages").unwrap_err();
    assert!(
        error.to_string().contains("no such column: horns"),
        "{error}"
    );
}

#[test]
fn a_query_can_be_left_and_interrupted() {
    let place = place();
    let mut sql = Sql::new(&place.vault, &[group()]).unwrap();
    let mut seen = 0;
    sql.query("SELECT id FROM messages", || false, &mut |_, _| {
        seen += 1;
        seen < 3
    })
    .unwrap();
    assert_eq!(seen, 3);
    let endless =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
    let error = sql.query(endless, || true, &mut |_, _| true).unwrap_err();
    assert!(matches!(error, SqlError::Interrupted));
}
