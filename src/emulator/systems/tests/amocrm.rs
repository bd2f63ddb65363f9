use std::time::Duration;

use serde_json::{Value, json};

use super::super::{AmoCrm, Fault, Limit, Systems};
use super::{request, sent, start};

struct Desk {
    systems: Systems,
    url: String,
    token: String,
    field: u64,
}

async fn desk() -> Desk {
    let systems = start().await;
    systems.amocrm().set_limit(Limit::Off);
    let facts = systems.facts().amocrm;
    Desk {
        systems,
        url: facts.url,
        token: facts.token,
        field: facts.fields.telegram_id,
    }
}

impl Desk {
    fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        request(method, &format!("{}{path}", self.url)).bearer_auth(&self.token)
    }

    async fn ask(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        sent(self.request(method, path).json(&body)).await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        sent(self.request("GET", path)).await
    }

    fn contact(&self, name: &str, id: &str) -> Value {
        json!({
            "first_name": name,
            "custom_fields_values": [
                { "field_id": self.field, "values": [{ "value": id }] },
                { "field_code": "PHONE", "values": [
                    { "value": format!("+44 770 {id}"), "enum_code": "MOB" },
                ] },
            ],
            "_embedded": { "tags": [{ "name": "telegram" }] },
        })
    }

    async fn add(&self, name: &str, id: &str) -> i64 {
        let body = json!([self.contact(name, id)]);
        let (status, answer) = self.ask("POST", "/api/v4/contacts", body).await;
        assert_eq!(status, 200, "{answer}");
        answer["_embedded"]["contacts"][0]["id"].as_i64().unwrap()
    }

    async fn found(&self, query: &str) -> Vec<String> {
        let (status, list) = self.get(&format!("/api/v4/contacts?query={query}")).await;
        if status == 204 {
            assert_eq!(list, Value::Null);
            return Vec::new();
        }
        let contacts = list["_embedded"]["contacts"].as_array().unwrap();
        let names = contacts
            .iter()
            .map(|one| one["name"].as_str().unwrap().to_owned());
        names.collect()
    }

    /// The code and the path of the first thing that is wrong.
    async fn refused(&self, method: &str, path: &str, body: Value) -> (String, String) {
        let answer = self.request(method, path).json(&body).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        assert_eq!(answer.status(), 400, "{body}");
        let problem: Value = answer.json().await.unwrap();
        let error = &problem["validation-errors"][0]["errors"][0];
        let text = |name: &str| error[name].as_str().unwrap().to_owned();
        (text("code"), text("path"))
    }
}

#[tokio::test]
async fn contacts_are_made_found_and_changed() {
    let desk = desk().await;
    assert!(desk.found("1234").await.is_empty());
    let id = desk.add("Zoë", "1234").await;
    desk.add("Max", "12345").await;
    // A search is loose: whoever wants one contact has to look at what was found.
    assert_eq!(desk.found("1234").await, ["Zoë", "Max"]);
    assert_eq!(desk.found("12345").await, ["Max"]);
    assert_eq!(desk.found("447701234").await, ["Zoë", "Max"]);
    assert_eq!(desk.found("zo%C3%AB").await, ["Zoë"]);
    let path = format!("/api/v4/contacts/{id}");
    let (_, contact) = desk.get(&path).await;
    assert_eq!(
        contact["custom_fields_values"][0]["field_name"],
        "Telegram ID"
    );
    assert_eq!(contact["custom_fields_values"][1]["field_code"], "PHONE");
    assert_eq!(
        contact["custom_fields_values"][1]["values"][0]["enum_code"],
        "MOB"
    );
    assert_eq!(contact["_embedded"]["tags"][0]["name"], "telegram");
    assert!(
        contact["_embedded"].get("leads").is_none(),
        "only with=leads"
    );
    let change = json!({
        "last_name": "Hart",
        "custom_fields_values": [
            { "field_code": "PHONE", "values": [{ "value": "+1" }] },
        ],
        "tags_to_add": [{ "name": "vip" }],
        "tags_to_delete": [{ "id": contact["_embedded"]["tags"][0]["id"] }],
    });
    let (status, changed) = desk.ask("PATCH", &path, change).await;
    assert_eq!((status, &changed["name"]), (200, &json!("Zoë Hart")));
    let (_, contact) = desk.get(&path).await;
    let fields = &contact["custom_fields_values"];
    assert_eq!(
        fields[0]["values"],
        json!([{ "value": "1234" }]),
        "left alone"
    );
    assert_eq!(fields[1]["values"][0]["value"], "+1");
    assert_eq!(
        fields[1]["values"].as_array().unwrap().len(),
        1,
        "taken the place of"
    );
    let names = |contact: &Value| -> Vec<String> {
        let tags = contact["_embedded"]["tags"].as_array().unwrap();
        let names = tags
            .iter()
            .map(|tag| tag["name"].as_str().unwrap().to_owned());
        names.collect()
    };
    assert_eq!(names(&contact), ["vip"]);
    let replace = json!({ "_embedded": { "tags": [{ "name": "a" }, { "name": "b" }] } });
    desk.ask("PATCH", &path, replace).await;
    assert_eq!(names(&desk.get(&path).await.1), ["a", "b"]);
    let clear = json!({ "custom_fields_values": [{ "field_code": "PHONE", "values": null }] });
    assert_eq!(desk.ask("PATCH", &path, clear).await.0, 200);
    assert_eq!(desk.get("/api/v4/contacts/7").await, (204, Value::Null));
    assert_eq!(
        desk.ask("PATCH", "/api/v4/contacts/7", json!({})).await.0,
        404
    );
}

#[tokio::test]
async fn lists_come_in_pages() {
    let desk = desk().await;
    for id in 1..=5 {
        desk.add("Zoë", &format!("{id}")).await;
    }
    let mut seen = 0;
    let mut next = format!("{}/api/v4/contacts?limit=2&query=zo%C3%AB", desk.url);
    for page in 1..=3 {
        let (status, list) = sent(request("GET", &next).bearer_auth(&desk.token)).await;
        assert_eq!((status, &list["_page"]), (200, &json!(page)), "{next}");
        seen += list["_embedded"]["contacts"].as_array().unwrap().len();
        match list["_links"]["next"]["href"].as_str() {
            Some(href) => next = href.to_owned(),
            None => assert_eq!(page, 3),
        }
    }
    assert_eq!(seen, 5);
    assert_eq!(desk.get("/api/v4/contacts?limit=2&page=4").await.0, 204);
    for wrong in ["limit=251", "limit=0", "page=x", "find=zoe"] {
        assert_eq!(
            desk.get(&format!("/api/v4/contacts?{wrong}")).await.0,
            400,
            "{wrong}"
        );
    }
    desk.systems.amocrm().set_page_size(3);
    let (_, list) = desk.get("/api/v4/contacts?limit=250").await;
    assert_eq!(list["_embedded"]["contacts"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn leads_come_with_their_contact() {
    let desk = desk().await;
    let lead = json!([{
        "name": "Support",
        "request_id": "r1",
        "custom_fields_values": [{
            "field_id": AmoCrm::field("Topic"),
            "values": [{ "value": "https://t.me/c/1/2" }],
        }],
        "_embedded": {
            "tags": [{ "name": "telegram" }],
            "contacts": [desk.contact("Zoë", "1234")],
            "companies": [{ "name": "Hart & Co" }],
        },
    }]);
    let (status, added) = desk
        .ask("POST", "/api/v4/leads/complex", lead.clone())
        .await;
    assert_eq!(status, 200, "{added}");
    let one = &added[0];
    assert_eq!(
        (&one["request_id"], &one["merged"]),
        (&json!(["r1"]), &json!(false))
    );
    assert!(one["company_id"].is_number());
    let (_, list) = desk.get("/api/v4/leads?query=support&with=contacts").await;
    let read = &list["_embedded"]["leads"][0];
    assert_eq!(read["id"], one["id"]);
    assert_eq!(read["_embedded"]["contacts"][0]["id"], one["contact_id"]);
    let (_, contact) = desk
        .get(&format!(
            "/api/v4/contacts/{}?with=leads",
            one["contact_id"]
        ))
        .await;
    assert_eq!(contact["_embedded"]["leads"][0]["id"], one["id"]);
    // A contact that is there already is linked, and not made again.
    let linked = json!([{ "_embedded": { "contacts": [{ "id": one["contact_id"] }] } }]);
    let (_, second) = desk.ask("POST", "/api/v4/leads/complex", linked).await;
    assert_eq!(second[0]["contact_id"], one["contact_id"]);
    assert_ne!(second[0]["id"], one["id"]);
    assert_eq!(second[0]["company_id"], Value::Null);
    let path = format!("/api/v4/leads/{}", second[0]["id"]);
    let (status, _) = desk
        .ask("PATCH", &path, json!({ "name": "Again", "price": 5 }))
        .await;
    assert_eq!(status, 200);
    assert_eq!(desk.get(&path).await.1["name"], "Again");
    let made = desk.systems.amocrm().records().len();
    desk.systems.amocrm().set_duplicate_control(true);
    let (_, merged) = desk.ask("POST", "/api/v4/leads/complex", lead).await;
    assert_eq!(
        (&merged[0]["merged"], &merged[0]["id"]),
        (&json!(true), &second[0]["id"])
    );
    assert_eq!(merged[0]["contact_id"], one["contact_id"]);
    assert_eq!(desk.systems.amocrm().records().len(), made);
}

#[tokio::test]
async fn requests_are_checked() {
    let desk = desk().await;
    let field = |value: Value| json!([{ "name": "Zoë", "custom_fields_values": [value] }]);
    let text =
        |value: Value| field(json!({ "field_id": desk.field, "values": [{ "value": value }] }));
    for (body, code, path) in [
        (
            field(json!({ "field_id": 7, "values": [{ "value": "x" }] })),
            "NotSupportedChoice",
            "custom_fields_values.0.field_id",
        ),
        (
            field(json!({ "field_code": "TELEGRAM", "values": [{ "value": "x" }] })),
            "NotSupportedChoice",
            "custom_fields_values.0.field_code",
        ),
        (
            text(json!(1234)),
            "InvalidType",
            "custom_fields_values.0.values.0.value",
        ),
        (
            text(json!("")),
            "NotBlank",
            "custom_fields_values.0.values.0.value",
        ),
        (
            field(json!({ "field_id": desk.field })),
            "FieldMissing",
            "custom_fields_values.0.values",
        ),
        (
            field(json!({ "field_code": "PHONE", "values": [{ "value": "1", "enum_code": "X" }] })),
            "NotSupportedChoice",
            "custom_fields_values.0.values.0.enum_code",
        ),
        (json!([{ "name": 7 }]), "InvalidType", "name"),
        (json!([{ "phone": "+1" }]), "NotExpected", "phone"),
        (json!({ "name": "Zoë" }), "InvalidType", ""),
        (json!([]), "TooMany", ""),
        (
            json!([{ "tags_to_add": [{}] }]),
            "FieldMissing",
            "tags_to_add.0.name",
        ),
    ] {
        let refused = desk.refused("POST", "/api/v4/contacts", body).await;
        assert_eq!((refused.0.as_str(), refused.1.as_str()), (code, path));
    }
    let many: Vec<Value> = (0..51).map(|_| json!({ "name": "x" })).collect();
    let refused = desk
        .refused("POST", "/api/v4/leads/complex", json!(many))
        .await;
    assert_eq!(refused.0, "TooMany");
    let two = json!([{ "_embedded": { "contacts": [{ "name": "a" }, { "name": "b" }] } }]);
    let refused = desk.refused("POST", "/api/v4/leads/complex", two).await;
    assert_eq!(refused.1, "_embedded.contacts");
    let stage = json!([{ "name": "ok" }, { "status_id": 7 }]);
    let refused = desk.refused("POST", "/api/v4/leads/complex", stage).await;
    assert_eq!(refused.1, "status_id");
    assert!(
        desk.systems.amocrm().records().is_empty(),
        "nothing of a list with a fault"
    );
    let plain = desk.request("POST", "/api/v4/contacts").body("[]");
    assert_eq!(sent(plain).await.0, 400);
    let stranger = request("GET", &format!("{}/api/v4/contacts", desk.url)).bearer_auth("x");
    assert_eq!(sent(stranger).await.0, 401);
}

#[tokio::test]
async fn refresh_tokens_are_good_once() {
    let desk = desk().await;
    let facts = desk.systems.facts().amocrm;
    let body = |refresh: &str| {
        json!({
            "client_id": facts.client_id,
            "client_secret": facts.client_secret,
            "grant_type": "refresh_token",
            "refresh_token": refresh,
            "redirect_uri": facts.redirect_uri,
        })
    };
    let url = format!("{}/oauth2/access_token", desk.url);
    let fetch = |refresh: String| sent(request("POST", &url).json(&body(&refresh)));
    let (status, first) = fetch(facts.refresh_token.clone()).await;
    assert_eq!((status, &first["expires_in"]), (200, &json!(86_400)));
    let (status, again) = fetch(facts.refresh_token.clone()).await;
    assert_eq!(
        (status, &again["hint"]),
        (400, &json!("Token has been revoked"))
    );
    let ask = |token: &Value| {
        let token = token.as_str().unwrap().to_owned();
        let url = format!("{}/api/v4/contacts", desk.url);
        async move { sent(request("GET", &url).bearer_auth(token)).await.0 }
    };
    assert_eq!(ask(&first["access_token"]).await, 204);
    desk.systems.clock().forward(Duration::from_secs(86_400));
    assert_eq!(ask(&first["access_token"]).await, 401);
    let (_, second) = fetch(first["refresh_token"].as_str().unwrap().to_owned()).await;
    assert_eq!(ask(&second["access_token"]).await, 204);
    desk.systems.amocrm().faults.push(Fault::ExpiredToken);
    assert_eq!(ask(&second["access_token"]).await, 401);
    assert_eq!(ask(&second["access_token"]).await, 401);
    let (_, third) = fetch(second["refresh_token"].as_str().unwrap().to_owned()).await;
    assert_eq!(ask(&third["access_token"]).await, 204);
    let mut wrong = body(third["refresh_token"].as_str().unwrap());
    wrong["client_secret"] = json!("x");
    assert_eq!(sent(request("POST", &url).json(&wrong)).await.0, 400);
}

#[tokio::test]
async fn whoever_does_not_wait_is_blocked() {
    let desk = desk().await;
    desk.systems.clock().stop();
    desk.systems.amocrm().set_limit(Limit::Window {
        most: 7,
        within: Duration::from_secs(1),
    });
    let ask = || async { desk.get("/api/v4/contacts").await.0 };
    for _ in 0..7 {
        assert_eq!(ask().await, 204);
    }
    for _ in 0..10 {
        assert_eq!(ask().await, 429);
    }
    desk.systems.clock().forward(Duration::from_secs(1));
    assert_eq!(ask().await, 403, "for good");
    desk.systems.amocrm().unblock();
    assert_eq!(ask().await, 204);
}

#[tokio::test]
async fn faults_are_worded_as_amocrm_words_them() {
    let desk = desk().await;
    for (fault, status) in [
        (Fault::ExpiredToken, 401),
        (Fault::Forbidden, 403),
        (Fault::NotFound, 404),
        (Fault::TooMany { retry_after: None }, 429),
        (Fault::Overloaded, 503),
        (Fault::ServerError, 500),
    ] {
        desk.systems.amocrm().faults.push(fault);
        let answer = desk
            .request("GET", "/api/v4/contacts")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        assert_eq!(answer.json::<Value>().await.unwrap()["status"], status);
    }
}
