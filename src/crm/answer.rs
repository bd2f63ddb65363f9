//! What an answer of the Topics API means. Pure; accepts what is seen in the wild: both spellings
//! of a field, missing and null fields, ids as numbers and as text, the object alone or in a list.

use serde_json::{Map, Value};

use super::error::CrmError;
use super::info::{Status, TopicInfo};
use crate::model::{Customer, GroupId, PersonId, TopicId};

/// Longest message of the CRM that is passed on, in characters.
const LONGEST: usize = 200;

/// Reads the answer to `info_by_topic`; `None` where the CRM says that it knows no such topic.
pub(super) fn info(
    body: &[u8],
    group: GroupId,
    asked: TopicId,
) -> Result<Option<TopicInfo>, CrmError> {
    let answer = object(body).ok_or(CrmError::Malformed)?;
    let result = text(&answer, &["result"]).unwrap_or_default();
    if result != "topic_info" {
        let message = message(&answer);
        if means_unknown(&result) || means_unknown(&message) {
            return Ok(None);
        }
        return Err(CrmError::Refused { result, message });
    }
    let other_topic = id(&answer, &["topic_id"]).is_some_and(|topic| topic != i64::from(asked.0));
    let other_group = id(&answer, &["group_id"])
        .is_some_and(|id| id != group.bare() && GroupId::from_marked(id) != Some(group));
    if other_topic || other_group {
        return Err(CrmError::OtherTopic { asked });
    }
    Ok(Some(TopicInfo {
        customer: of_topic(&answer),
        status: text(&answer, &["topic_status", "status"]).and_then(|status| status_of(&status)),
        last: id(&answer, &["topic_last_date"]),
    }))
}

fn status_of(status: &str) -> Option<Status> {
    Some(match status {
        "user_answered" | "hold" => Status::WaitsForUs,
        "support_answered" | "wait" => Status::WaitsForCustomer,
        "closed" => Status::Closed,
        _ => return None,
    })
}

/// The CRM's own words about a failure; empty where it has none.
pub(super) fn words(body: &[u8]) -> String {
    object(body).map_or_else(String::new, |answer| message(&answer))
}

/// Whether a failure's body is the CRM's own answer about a topic, not some web server's page.
pub(super) fn is_answer(body: &[u8]) -> bool {
    object(body).is_some_and(|answer| text(&answer, &["result"]).is_some())
}

fn of_topic(answer: &Map<String, Value>) -> Customer {
    if text(answer, &["frontend_type"]).as_deref() == Some("group") {
        return Customer {
            chat_title: text(answer, &["chat_title", "title", "topic_title", "chat_name"]),
            username: text(answer, &["chat_username"]).map(without_at),
            ..Customer::default()
        };
    }
    let first_name = text(answer, &["user_first_name", "first_name"]);
    let last_name = text(answer, &["user_last_name", "last_name"]);
    let whole_name = text(answer, &["user_name", "name"]);
    Customer {
        user_id: id(answer, &["user_id", "id"]).map(PersonId),
        // Only where the parts are missing: the whole name repeats them.
        first_name: first_name.or_else(|| whole_name.filter(|_| last_name.is_none())),
        last_name,
        username: text(answer, &["user_username", "username"]).map(without_at),
        language: text(
            answer,
            &["user_lang", "user_language_code", "language_code", "lang"],
        ),
        phone: text(answer, &["user_phone", "phone"]).map(international),
        chat_title: None,
    }
}

fn object(body: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice(body).ok()? {
        Value::Object(object) => Some(object),
        // n8n wraps a workflow's items in a list.
        Value::Array(items) => match items.into_iter().next()? {
            Value::Object(object) => Some(object),
            _ => None,
        },
        _ => None,
    }
}

/// The first of the fields that says something, as text.
fn text(object: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match object.get(*name)? {
        Value::String(text) => {
            let text = text.trim();
            (!text.is_empty()).then(|| text.to_owned())
        }
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// The first of the fields that holds an id; 0 is none.
fn id(object: &Map<String, Value>, names: &[&str]) -> Option<i64> {
    names.iter().find_map(|name| {
        let id = match object.get(*name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        id.filter(|id| *id != 0)
    })
}

/// The CRM's own words on one line, not yet cut.
fn message(answer: &Map<String, Value>) -> String {
    text(answer, &["message", "error", "description", "reason"])
        .unwrap_or_default()
        .replace(char::is_control, " ")
}

/// The beginning of what the CRM says, fit for a log.
pub(super) fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// How the CRM says that it knows no such topic is not documented: any words to that effect.
fn means_unknown(words: &str) -> bool {
    let words = words.to_lowercase().replace(['_', '-'], " ");
    words.contains("topic")
        && [
            "not found",
            "unknown topic",
            "no such topic",
            "no topic",
            "not exist",
        ]
        .iter()
        .any(|phrase| words.contains(phrase))
}

fn without_at(name: String) -> String {
    match name.strip_prefix('@') {
        Some(name) => name.to_owned(),
        None => name,
    }
}

/// A number that Telegram gave without its `+` gets it.
fn international(phone: String) -> String {
    if phone.len() >= 7 && phone.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("+{phone}")
    } else {
        phone
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const ASKED: TopicId = TopicId(5343);

    fn group() -> GroupId {
        GroupId::from_bare(2_101_424_779).unwrap()
    }

    fn read(answer: &Value) -> Result<Option<Customer>, CrmError> {
        let info = info(answer.to_string().as_bytes(), group(), ASKED)?;
        Ok(info.map(|info| info.customer))
    }

    #[test]
    fn whose_turn_it_is() {
        for (status, meant) in [
            ("user_answered", Some(Status::WaitsForUs)),
            ("support_answered", Some(Status::WaitsForCustomer)),
            ("closed", Some(Status::Closed)),
            ("something new", None),
        ] {
            let answer = json!({ "result": "topic_info", "topic_status": status });
            let info = info(answer.to_string().as_bytes(), group(), ASKED)
                .unwrap()
                .unwrap();
            assert_eq!(info.status, meant, "{status}");
        }
    }

    fn anna() -> Customer {
        Customer {
            user_id: Some(PersonId(987_654_321)),
            first_name: Some("Anna".into()),
            last_name: Some("Schmidt".into()),
            username: Some("anna_s".into()),
            language: Some("de".into()),
            phone: Some("+49301234567".into()),
            chat_title: None,
        }
    }

    #[test]
    fn a_customer_in_the_documented_spelling() {
        let answer = json!({
            "result": "topic_info", "group_id": "2101424779", "topic_id": 5343,
            "frontend_type": "private", "thread_id": 5_602_541_568_i64,
            "topic_title": "Anna Schmidt", "user_id": 987_654_321, "user_name": "Anna Schmidt",
            "user_first_name": "Anna", "user_last_name": "Schmidt", "user_username": "anna_s",
            "user_lang": "de", "user_phone": "49301234567",
        });
        assert_eq!(read(&answer).unwrap(), Some(anna()));
    }

    #[test]
    fn a_customer_in_the_other_spelling_in_a_list_with_ids_as_text() {
        let answer = json!([{
            "result": "topic_info", "topic_id": "5343", "user_id": "987654321",
            "first_name": " Anna ", "last_name": "Schmidt", "username": "@anna_s",
            "language_code": "de", "phone": "+49301234567",
        }]);
        assert_eq!(read(&answer).unwrap(), Some(anna()));
    }

    #[test]
    fn null_empty_and_missing_fields_are_unknown() {
        let answer = json!({
            "result": "topic_info", "user_id": 0, "user_first_name": null, "user_last_name": "",
            "user_phone": [], "user_name": "Anna",
        });
        assert_eq!(
            read(&answer).unwrap(),
            Some(Customer {
                first_name: Some("Anna".into()),
                ..Customer::default()
            })
        );
    }

    #[test]
    fn a_chats_topic_has_a_title_and_no_person() {
        let answer = json!({
            "result": "topic_info", "frontend_type": "group", "user_id": 5,
            "chat_title": "ACME team",
        });
        let customer = read(&answer).unwrap().unwrap();
        assert_eq!(customer.display_name().as_deref(), Some("ACME team"));
        assert_eq!(customer.user_id, None);
    }

    #[test]
    fn another_result_is_an_error_with_its_message_unless_it_says_unknown() {
        let answer = json!({"result": "error", "message": "invalid\napi_key"});
        assert_eq!(
            read(&answer).unwrap_err().to_string(),
            "the CRM answered with \"error\" instead of a topic: invalid api_key"
        );
        for unknown in [
            json!({"result": "error", "message": "Topic not found"}),
            json!({"result": "topic_not_found"}),
            json!({"result": "error", "error": "No such topic"}),
        ] {
            assert_eq!(read(&unknown).unwrap(), None, "{unknown}");
        }
        let other = json!({"result": "error", "message": "instance not found"});
        assert!(matches!(read(&other), Err(CrmError::Refused { .. })));
    }

    #[test]
    fn an_answer_about_another_topic_is_refused() {
        let answer = json!({"result": "topic_info", "topic_id": 7, "user_id": 5});
        assert!(matches!(read(&answer), Err(CrmError::OtherTopic { .. })));
    }

    #[test]
    fn what_is_no_object_is_malformed() {
        for body in ["", "<html>", "[]", "[1]", "null", "\"x\""] {
            assert!(
                matches!(
                    info(body.as_bytes(), group(), ASKED),
                    Err(CrmError::Malformed)
                ),
                "{body}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_body_is_survived(body in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = info(&body, group(), ASKED);
        }
    }
}
