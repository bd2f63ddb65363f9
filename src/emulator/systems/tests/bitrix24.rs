use std::time::Duration;

use serde_json::{Value, json};

use super::super::{Fault, Limit, Systems};
use super::{request, sent, start};

struct Desk {
    systems: Systems,
    url: String,
}

async fn desk() -> Desk {
    let systems = start().await;
    systems.bitrix24().set_limit(Limit::Off);
    let url = systems.facts().bitrix24.webhook;
    Desk { systems, url }
}

impl Desk {
    async fn ask(&self, method: &str, body: Value) -> (u16, Value) {
        let url = format!("{}{method}.json", self.url);
        sent(request("POST", &url).json(&body)).await
    }

    async fn done(&self, method: &str, body: Value) -> Value {
        let (status, answer) = self.ask(method, body.clone()).await;
        assert_eq!(status, 200, "{method} {body}: {answer}");
        assert!(answer["time"]["start"].is_number());
        answer
    }

    async fn contact(&self, id: i64) -> Value {
        let fields = json!({
            "name": "Zoë",
            "ufCrmTelegramId": id,
            "ufCrmTags": ["vip", "new"],
            "fm": [{ "typeId": "PHONE", "valueType": "MOBILE", "value": "+44 770 1" }],
            "telegram": "no such field",
        });
        let body = json!({ "entityTypeId": 3, "fields": fields });
        self.done("crm.item.add", body).await["result"]["item"].clone()
    }

    async fn list(&self, more: Value) -> Value {
        let mut body = json!({ "entityTypeId": 3 });
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.done("crm.item.list", body).await
    }
}

fn code(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["error"].as_str().unwrap())
}

#[tokio::test]
async fn items_are_made_found_and_changed() {
    let desk = desk().await;
    let contact = desk.contact(7_000_000_007).await;
    assert_eq!(contact["ufCrmTelegramId"], "7000000007");
    assert_eq!(contact["ufCrmTags"], json!(["vip", "new"]));
    assert_eq!(
        (&contact["phone"], &contact["id"]),
        (&json!("+44 770 1"), &json!(1))
    );
    assert_eq!(contact["fm"][0]["typeId"], "PHONE");
    assert!(contact.get("telegram").is_none(), "unknown fields vanish");
    desk.contact(8).await;
    for filter in [
        json!({ "ufCrmTelegramId": "7000000007" }),
        json!({ "=ufCrmTelegramId": 7_000_000_007_i64 }),
        json!({ "@ufCrmTelegramId": ["7000000007", "9"], "=name": "Zoë" }),
        json!({ "!ufCrmTelegramId": "8" }),
        json!({ "<id": 2, "ufCrmTags": "vip" }),
        json!({ "%ufCrmTelegramId": "0000" }),
    ] {
        let found = desk
            .list(json!({ "filter": filter, "select": ["id", "name"] }))
            .await;
        assert_eq!(
            found["result"]["items"],
            json!([{ "id": 1, "name": "Zoë" }]),
            "{filter}"
        );
        assert_eq!(found["total"], 1);
    }
    let change = json!({ "entityTypeId": 3, "id": "1", "fields": {
        "lastName": "Hart", "ufCrmTags": ["vip"], "sourceId": "OTHER", "vip": true,
    } });
    let changed = desk.done("crm.item.update", change).await;
    let read = desk
        .done("crm.item.get", json!({ "entityTypeId": 3, "id": 1 }))
        .await;
    assert_eq!(changed["result"], read["result"]);
    let item = &read["result"]["item"];
    assert_eq!(
        (&item["lastName"], &item["ufCrmTags"]),
        (&json!("Hart"), &json!(["vip"]))
    );
    // A phone without its id is another phone; with it, it is changed or removed.
    let id = item["fm"][0]["id"].clone();
    for (fm, rest) in [
        (json!([{ "typeId": "PHONE", "value": "+44 770 1" }]), 2),
        (json!({ "0": { "id": id, "value": "+44 770 2" } }), 2),
        (json!([{ "id": id, "value": "" }]), 1),
    ] {
        let change = json!({ "entityTypeId": 3, "id": 1, "fields": { "fm": fm } });
        let changed = desk.done("crm.item.update", change).await;
        assert_eq!(
            changed["result"]["item"]["fm"].as_array().unwrap().len(),
            rest
        );
    }
    assert_eq!(desk.systems.bitrix24().records().len(), 2);
}

#[tokio::test]
async fn types_have_fields_of_their_own() {
    let desk = desk().await;
    let deal = json!({ "entityTypeId": 2, "fields": {
        "contactId": 1, "name": "not of a deal", "ufCrmTelegramId": "7",
    } });
    let deal = desk.done("crm.item.add", deal).await["result"]["item"].clone();
    assert_eq!(
        (&deal["title"], &deal["stageId"]),
        (&json!("Deal #1"), &json!("NEW"))
    );
    assert!(deal.get("name").is_none() && deal.get("fm").is_none());
    let fields = desk
        .done("crm.item.fields", json!({ "entityTypeId": 3 }))
        .await;
    let fields = &fields["result"]["fields"];
    assert_eq!(fields["ufCrmTags"]["isMultiple"], true);
    assert_eq!(fields["id"]["isReadOnly"], true);
    assert!(fields.get("title").is_none());
}

#[tokio::test]
async fn lists_come_in_pages() {
    let desk = desk().await;
    desk.systems.bitrix24().set_page_size(2);
    for id in 1..=5 {
        desk.contact(id).await;
    }
    let mut seen = Vec::new();
    let mut start = json!(0);
    loop {
        let list = desk
            .list(json!({ "start": start, "order": { "id": "DESC" }, "select": ["id"] }))
            .await;
        assert_eq!(list["total"], 5);
        for item in list["result"]["items"].as_array().unwrap() {
            seen.push(item["id"].as_i64().unwrap());
        }
        match list.get("next") {
            Some(next) => start = next.clone(),
            None => break,
        }
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
    let list = desk.list(json!({ "start": -1 })).await;
    assert!(list.get("total").is_none() && list.get("next").is_none());
    assert_eq!(list["result"]["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn forms_and_addresses_are_read_as_php_does() {
    let desk = desk().await;
    let form = [
        ("entityTypeId", "3"),
        ("fields[name]", "Zoë"),
        ("fields[ufCrmTelegramId]", "7"),
        ("fields[ufCrmTags][]", "vip"),
        ("fields[fm][0][typeId]", "PHONE"),
        ("fields[fm][0][value]", "+1"),
    ];
    let url = format!("{}crm.item.add", desk.url);
    let (status, added) = sent(request("POST", &url).form(&form)).await;
    assert_eq!(status, 200, "{added}");
    let query = "entityTypeId=3&filter[ufCrmTelegramId]=7&select[]=id&select[]=ufCrmTags";
    let (_, found) = sent(request(
        "GET",
        &format!("{}crm.item.list.json?{query}", desk.url),
    ))
    .await;
    assert_eq!(
        found["result"]["items"],
        json!([{ "id": 1, "ufCrmTags": ["vip"] }])
    );
}

#[tokio::test]
async fn requests_are_checked() {
    let desk = desk().await;
    desk.contact(7).await;
    let add = |fields: Value| json!({ "entityTypeId": 3, "fields": fields });
    for (method, body, status, error) in [
        (
            "crm.item.add",
            add(json!({})),
            400,
            "CRM_FIELD_ERROR_REQUIRED",
        ),
        (
            "crm.item.add",
            add(json!({ "name": { "first": "Zoë" } })),
            400,
            "CRM_FIELD_ERROR_VALUE_NOT_VALID",
        ),
        (
            "crm.item.add",
            add(json!({ "name": "Zoë", "ufCrmTags": "vip" })),
            400,
            "CRM_FIELD_ERROR_VALUE_NOT_VALID",
        ),
        (
            "crm.item.add",
            add(json!({ "name": "Zoë", "sourceId": "TELEGRAM" })),
            400,
            "CRM_FIELD_ERROR_VALUE_NOT_VALID",
        ),
        (
            "crm.item.add",
            add(json!({ "name": "Zoë", "fm": [{ "value": "+1" }] })),
            400,
            "CRM_FIELD_ERROR_VALUE_NOT_VALID",
        ),
        ("crm.item.add", json!({ "entityTypeId": 3 }), 400, "100"),
        (
            "crm.item.get",
            json!({ "entityTypeId": 3, "id": 9 }),
            400,
            "NOT_FOUND",
        ),
        (
            "crm.item.get",
            json!({ "entityTypeId": 177, "id": 1 }),
            400,
            "NOT_FOUND",
        ),
        ("crm.item.get", json!({ "id": 1 }), 400, "100"),
        (
            "crm.item.list",
            json!({ "entityTypeId": 3, "filter": { "telegram": "7" } }),
            400,
            "INVALID_ARG_VALUE",
        ),
        (
            "crm.item.list",
            json!({ "entityTypeId": 3, "order": { "id": "UP" } }),
            400,
            "INVALID_ARG_VALUE",
        ),
        ("crm.item.upsert", json!({}), 404, "ERROR_METHOD_NOT_FOUND"),
    ] {
        let answer = desk.ask(method, body.clone()).await;
        assert_eq!(code(&answer), (status, error), "{method} {body}");
    }
    assert_eq!(desk.systems.bitrix24().records().len(), 1);
    let secret = desk.systems.bitrix24().secret().to_owned();
    let wrong = desk.url.replace(&secret, "guessed");
    let wrong = sent(request("POST", &format!("{wrong}crm.item.list"))).await;
    assert_eq!(code(&wrong), (401, "INVALID_CREDENTIALS"));
}

#[tokio::test]
async fn the_bucket_holds_fifty() {
    let desk = desk().await;
    desk.systems.clock().stop();
    desk.systems.bitrix24().set_limit(Limit::Bucket {
        size: 50,
        per_second: 2,
    });
    let fields = || desk.ask("crm.item.fields", json!({ "entityTypeId": 3 }));
    for _ in 0..50 {
        assert_eq!(fields().await.0, 200);
    }
    assert_eq!(code(&fields().await), (503, "QUERY_LIMIT_EXCEEDED"));
    desk.systems.clock().forward(Duration::from_secs(1));
    for _ in 0..2 {
        assert_eq!(fields().await.0, 200);
    }
    assert_eq!(code(&fields().await), (503, "QUERY_LIMIT_EXCEEDED"));
}

#[tokio::test]
async fn faults_are_worded_as_bitrix24_words_them() {
    let desk = desk().await;
    for (fault, status, error) in [
        (Fault::ExpiredToken, 401, "INVALID_CREDENTIALS"),
        (Fault::Forbidden, 403, "ACCESS_DENIED"),
        (Fault::NotFound, 404, "ERROR_METHOD_NOT_FOUND"),
        (
            Fault::TooMany { retry_after: None },
            503,
            "QUERY_LIMIT_EXCEEDED",
        ),
        (Fault::ServerError, 500, "INTERNAL_SERVER_ERROR"),
    ] {
        desk.systems.bitrix24().faults.push(fault);
        let answer = desk
            .ask("crm.item.fields", json!({ "entityTypeId": 3 }))
            .await;
        assert_eq!(code(&answer), (status, error));
    }
    desk.systems.bitrix24().faults.push(Fault::Overloaded);
    assert_eq!(desk.ask("crm.item.list", json!({})).await.0, 503);
}
