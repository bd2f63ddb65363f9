use std::time::Duration;

use serde_json::{Value, json};

use super::super::{Fault, Limit, Systems};
use super::{request, sent, start};

struct Desk {
    systems: Systems,
    url: String,
    token: String,
}

async fn desk() -> Desk {
    let systems = start().await;
    let facts = systems.facts().salesforce;
    let mut desk = Desk {
        systems,
        url: facts.url,
        token: String::new(),
    };
    desk.log_in().await;
    desk
}

impl Desk {
    async fn log_in(&mut self) {
        let facts = self.systems.facts().salesforce;
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", facts.client_id.as_str()),
            ("client_secret", facts.client_secret.as_str()),
        ];
        let url = format!("{}/services/oauth2/token", self.url);
        let (status, token) = sent(request("POST", &url).form(&form)).await;
        assert_eq!(status, 200, "{token}");
        assert_eq!(token["instance_url"], facts.url);
        assert!(token.get("expires_in").is_none(), "nobody is told");
        self.token = token["access_token"].as_str().unwrap().to_owned();
    }

    fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}/services/data/v62.0{path}", self.url);
        request(method, &url).bearer_auth(&self.token)
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        sent(self.request("GET", path)).await
    }

    async fn upsert(&self, id: &str, body: Value) -> (u16, Value) {
        let path = format!("/sobjects/Contact/Telegram_Id__c/{id}");
        sent(self.request("PATCH", &path).json(&body)).await
    }

    async fn query(&self, text: &str) -> (u16, Value) {
        sent(self.request("GET", "/query").query(&[("q", text)])).await
    }
}

fn code(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1[0]["errorCode"].as_str().unwrap())
}

#[tokio::test]
async fn contacts_are_upserted_and_found() {
    let desk = desk().await;
    let (status, made) = desk
        .upsert(
            "7000000007",
            json!({ "LastName": "Hart", "Tags__c": "vip;new" }),
        )
        .await;
    assert_eq!(
        (status, &made["created"], &made["success"]),
        (201, &json!(true), &json!(true))
    );
    let (status, changed) = desk
        .upsert("7000000007", json!({ "FirstName": "Zoë", "Tags__c": null }))
        .await;
    assert_eq!(
        (status, &changed["created"], &changed["id"]),
        (200, &json!(false), &made["id"])
    );
    let (status, read) = desk
        .get("/sobjects/Contact/Telegram_Id__c/7000000007")
        .await;
    assert_eq!((status, &read["Name"]), (200, &json!("Zoë Hart")));
    assert_eq!(read["Tags__c"], Value::Null);
    assert_eq!(read["attributes"]["type"], "Contact");
    let id = made["id"].as_str().unwrap();
    assert_eq!(id.len(), 18);
    let (_, same) = desk.get(&format!("/sobjects/Contact/{id}")).await;
    assert_eq!(same, read);
    let (_, part) = desk
        .get(&format!("/sobjects/Contact/{id}?fields=Id,LastName"))
        .await;
    assert_eq!(
        (&part["LastName"], part.get("FirstName")),
        (&json!("Hart"), None)
    );
    let text = "SELECT Id, Name FROM Contact WHERE Telegram_Id__c = '7000000007' LIMIT 2";
    let (status, found) = desk.query(text).await;
    assert_eq!(
        (status, &found["totalSize"], &found["done"]),
        (200, &json!(1), &json!(true))
    );
    assert_eq!(found["records"][0]["Id"], made["id"]);
    assert_eq!(desk.systems.salesforce().records(), [read]);
    // Older versions say nothing.
    let old = format!(
        "{}/services/data/v45.0/sobjects/Contact/Telegram_Id__c/7000000007",
        desk.url
    );
    let old = request("PATCH", &old).bearer_auth(&desk.token);
    let silent = sent(old.json(&json!({ "Phone": "+1" }))).await;
    assert_eq!(silent, (204, Value::Null));
}

#[tokio::test]
async fn several_that_match_are_listed() {
    let desk = desk().await;
    let salesforce = desk.systems.salesforce();
    for name in ["Hart", "Lowe"] {
        assert!(salesforce.add(&json!({ "LastName": name, "Telegram_Id__c": "7" })));
    }
    let before = salesforce.records();
    let (status, urls) = desk.upsert("7", json!({ "Phone": "+1" })).await;
    assert_eq!((status, urls.as_array().unwrap().len()), (300, 2));
    assert_eq!(urls[0], before[0]["attributes"]["url"]);
    assert_eq!(desk.get("/sobjects/Contact/Telegram_Id__c/7").await.0, 300);
    assert_eq!(salesforce.records(), before);
}

#[tokio::test]
async fn queries_come_in_pages() {
    let desk = desk().await;
    desk.systems.salesforce().set_page_size(2);
    for id in 1..=5 {
        desk.upsert(&id.to_string(), json!({ "LastName": "Hart" }))
            .await;
    }
    let text = "SELECT Telegram_Id__c FROM Contact WHERE LastName = 'hart'";
    let mut list = desk.query(text).await.1;
    let mut seen = Vec::new();
    loop {
        assert_eq!(list["totalSize"], 5);
        for record in list["records"].as_array().unwrap() {
            seen.push(record["Telegram_Id__c"].as_str().unwrap().to_owned());
        }
        let Some(next) = list["nextRecordsUrl"].as_str() else {
            assert_eq!(list["done"], true);
            break;
        };
        let url = format!("{}{next}", desk.url);
        list = sent(request("GET", &url).bearer_auth(&desk.token)).await.1;
    }
    assert_eq!(seen, ["1", "2", "3", "4", "5"]);
    assert_eq!(
        code(&desk.get("/query/01gx-2").await),
        (400, "INVALID_QUERY_LOCATOR")
    );
}

#[tokio::test]
async fn requests_are_checked() {
    let desk = desk().await;
    for (body, error) in [
        (
            json!({ "LastName": "Hart", "Telegram_Id__c": "7" }),
            "INVALID_FIELD",
        ),
        (json!({ "LastName": "Hart", "Id": "003" }), "INVALID_FIELD"),
        (
            json!({ "LastName": "Hart", "Shoe__c": "7" }),
            "INVALID_FIELD",
        ),
        (
            json!({ "LastName": "Hart", "Phone": 7 }),
            "JSON_PARSER_ERROR",
        ),
        (json!({ "FirstName": "Zoë" }), "REQUIRED_FIELD_MISSING"),
        (json!({ "LastName": "x".repeat(81) }), "STRING_TOO_LONG"),
        (json!([{ "LastName": "Hart" }]), "JSON_PARSER_ERROR"),
    ] {
        assert_eq!(
            code(&desk.upsert("7", body.clone()).await),
            (400, error),
            "{body}"
        );
    }
    let missing = desk.upsert("7", json!({})).await;
    assert_eq!(missing.1[0]["fields"], json!(["LastName"]));
    let only = "/sobjects/Contact/Telegram_Id__c/7?updateOnly=true";
    let only = sent(
        desk.request("PATCH", only)
            .json(&json!({ "LastName": "Hart" })),
    )
    .await;
    assert_eq!(code(&only), (404, "NOT_FOUND"));
    for path in [
        "/sobjects/Contact/Telegram_Id__c/7",
        "/sobjects/Contact/Email/7",
        "/sobjects/Lead/7",
        "/nothing",
    ] {
        assert_eq!(code(&desk.get(path).await), (404, "NOT_FOUND"), "{path}");
    }
    let old = format!("{}/services/data/v9.0/query", desk.url);
    let old = sent(request("GET", &old).bearer_auth(&desk.token)).await;
    assert_eq!(code(&old), (404, "NOT_FOUND"));
    let query = desk
        .query("SELECT Id FROM Contact WHERE Nobody = 'x'")
        .await;
    assert_eq!(code(&query), (400, "INVALID_FIELD"));
    assert!(desk.systems.salesforce().records().is_empty());
}

#[tokio::test]
async fn tokens_are_fetched_and_end() {
    let mut desk = desk().await;
    let facts = desk.systems.facts().salesforce;
    let url = format!("{}/services/oauth2/token", desk.url);
    let form = |grant: &str| [("grant_type", grant.to_owned())];
    let fetch = |secret: &str, grant: &str| {
        let request = request("POST", &url).basic_auth(&facts.client_id, Some(secret));
        sent(request.form(&form(grant)))
    };
    assert_eq!(
        fetch(&facts.client_secret, "client_credentials").await.0,
        200
    );
    let (status, error) = fetch("x", "client_credentials").await;
    assert_eq!((status, &error["error"]), (400, &json!("invalid_client")));
    let (_, error) = fetch(&facts.client_secret, "password").await;
    assert_eq!(error["error"], "unsupported_grant_type");
    let text = "SELECT Id FROM Contact";
    assert_eq!(desk.query(text).await.0, 200);
    desk.systems.clock().forward(Duration::from_secs(7_200));
    assert_eq!(code(&desk.query(text).await), (401, "INVALID_SESSION_ID"));
    desk.log_in().await;
    desk.systems.salesforce().faults.push(Fault::ExpiredToken);
    for _ in 0..2 {
        assert_eq!(code(&desk.query(text).await), (401, "INVALID_SESSION_ID"));
    }
    desk.log_in().await;
    assert_eq!(desk.query(text).await.0, 200);
}

#[tokio::test]
async fn a_day_has_so_many_requests() {
    let desk = desk().await;
    desk.systems.clock().stop();
    desk.systems.salesforce().set_limit(Limit::Window {
        most: 2,
        within: Duration::from_secs(60),
    });
    let answer = desk.request("GET", "/query?q=SELECT%20Id%20FROM%20Contact");
    let answer = answer.send().await.unwrap();
    assert_eq!(answer.headers()["sforce-limit-info"], "api-usage=1/15000");
    let text = "SELECT Id FROM Contact";
    assert_eq!(desk.query(text).await.0, 200);
    assert_eq!(
        code(&desk.query(text).await),
        (403, "REQUEST_LIMIT_EXCEEDED")
    );
    desk.systems.clock().forward(Duration::from_secs(60));
    assert_eq!(desk.query(text).await.0, 200);
}

#[tokio::test]
async fn faults_are_worded_as_salesforce_words_them() {
    let desk = desk().await;
    for (fault, status, error) in [
        (Fault::Forbidden, 403, "INSUFFICIENT_ACCESS"),
        (Fault::NotFound, 404, "NOT_FOUND"),
        (
            Fault::TooMany { retry_after: None },
            403,
            "REQUEST_LIMIT_EXCEEDED",
        ),
        (Fault::Overloaded, 503, "SERVER_UNAVAILABLE"),
        (Fault::ServerError, 500, "UNKNOWN_EXCEPTION"),
    ] {
        desk.systems.salesforce().faults.push(fault);
        assert_eq!(code(&desk.get("/nothing").await), (status, error));
    }
}
