use serde_json::{Value, json};

use super::super::{Fault, Limit, Systems};
use super::{request, sent, start};

struct Desk {
    systems: Systems,
    url: String,
    token: String,
    source: String,
}

async fn desk() -> Desk {
    let systems = start().await;
    systems.notion().set_limit(Limit::Off);
    let facts = systems.facts().notion;
    Desk {
        systems,
        url: facts.url,
        token: facts.token,
        source: facts.data_source_id,
    }
}

impl Desk {
    fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        request(method, &format!("{}{path}", self.url))
            .bearer_auth(&self.token)
            .header("Notion-Version", "2026-03-11")
    }

    async fn ask(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        sent(self.request(method, path).json(&body)).await
    }

    fn page(&self, properties: Value) -> Value {
        json!({
            "parent": { "type": "data_source_id", "data_source_id": self.source },
            "properties": properties,
        })
    }

    async fn create(&self, name: &str, id: i64) -> Value {
        let page = self.page(json!({
            "Name": { "title": [{ "text": { "content": name } }] },
            "Telegram ID": { "number": id },
            "Tags": { "multi_select": [{ "name": "vip" }, { "name": "new" }] },
            "Phone": { "phone_number": "+44 770 1" },
            "Topic": { "url": "https://t.me/c/1/2" },
            "Language": { "select": { "name": "de" } },
            "Updated": { "date": { "start": "2026-05-04T12:00:00Z" } },
        }));
        let (status, page) = self.ask("POST", "/v1/pages", page).await;
        assert_eq!(status, 200, "{page}");
        page
    }

    async fn query(&self, body: Value) -> Value {
        let path = format!("/v1/data_sources/{}/query", self.source);
        let (status, list) = self.ask("POST", &path, body).await;
        assert_eq!(status, 200, "{list}");
        list
    }

    /// Code and message of a refusal with status 400.
    async fn refused(&self, method: &str, path: &str, body: Value) -> (String, String) {
        let (status, error) = self.ask(method, path, body.clone()).await;
        assert_eq!(status, 400, "{body}: {error}");
        assert_eq!(
            (&error["object"], &error["status"]),
            (&json!("error"), &json!(400))
        );
        let text = |name: &str| error[name].as_str().unwrap().to_owned();
        (text("code"), text("message"))
    }
}

#[tokio::test]
async fn pages_are_made_found_and_changed() {
    let desk = desk().await;
    let page = desk.create("Zoë Hart", 7_000_000_007).await;
    assert!(
        page["url"]
            .as_str()
            .unwrap()
            .starts_with("https://www.notion.so/Zo-Hart-"),
        "{page}"
    );
    assert_eq!(page["parent"]["data_source_id"], desk.source);
    assert_eq!(
        page["properties"]["Telegram ID"]["number"],
        7_000_000_007_i64
    );
    assert_eq!(
        page["properties"]["Name"]["title"][0]["plain_text"],
        "Zoë Hart"
    );
    assert_eq!(page["properties"]["Username"]["rich_text"], json!([]));
    desk.create("Another", 8).await;

    for filter in [
        json!({ "property": "Telegram ID", "number": { "equals": 7_000_000_007_i64 } }),
        json!({ "property": "Name", "title": { "equals": "Zoë Hart" } }),
        json!({ "and": [
            { "property": "Phone", "phone_number": { "equals": "+44 770 1" } },
            { "property": "Tags", "multi_select": { "contains": "vip" } },
            { "property": "Name", "title": { "does_not_equal": "Another" } },
            { "property": "Username", "rich_text": { "is_empty": true } },
        ] }),
    ] {
        let list = desk.query(json!({ "filter": filter })).await;
        assert_eq!(list["results"].as_array().unwrap().len(), 1, "{filter}");
        assert_eq!(list["results"][0]["id"], page["id"]);
        assert_eq!(list["has_more"], false);
    }
    let path = format!("/v1/pages/{}", page["id"].as_str().unwrap());
    let change = json!({ "properties": {
        "Username": { "rich_text": [{ "type": "text", "text": { "content": "zoe" } }] },
        "Tags": { "multi_select": [{ "name": "vip" }] },
        "Phone": { "phone_number": null },
    } });
    let (status, changed) = desk.ask("PATCH", &path, change).await;
    assert_eq!(status, 200, "{changed}");
    let (_, read) = sent(desk.request("GET", &path)).await;
    assert_eq!(changed, read);
    assert_eq!(
        read["properties"]["Username"]["rich_text"][0]["plain_text"],
        "zoe"
    );
    assert_eq!(
        read["properties"]["Tags"]["multi_select"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(read["properties"]["Phone"]["phone_number"], Value::Null);
    assert_eq!(
        read["properties"]["Telegram ID"]["number"],
        7_000_000_007_i64
    );

    let (status, _) = desk.ask("PATCH", &path, json!({ "in_trash": true })).await;
    assert_eq!(status, 200);
    let rest = desk.query(json!({})).await;
    assert_eq!(rest["results"].as_array().unwrap().len(), 1);
    let (code, _) = desk
        .refused("PATCH", &path, json!({ "properties": {} }))
        .await;
    assert_eq!(code, "validation_error");
    assert_eq!(desk.systems.notion().records().len(), 2);
}

#[tokio::test]
async fn the_schema_is_told() {
    let desk = desk().await;
    desk.create("A", 1).await;
    let path = format!("/v1/data_sources/{}", desk.source.replace('-', ""));
    let (status, source) = sent(desk.request("GET", &path)).await;
    assert_eq!(status, 200, "{source}");
    assert_eq!(source["properties"]["Telegram ID"]["type"], "number");
    let tags = &source["properties"]["Tags"]["multi_select"]["options"];
    assert_eq!(tags[1]["name"], "new");
    let database = desk.systems.facts().notion.database_id;
    let (status, database) = sent(desk.request("GET", &format!("/v1/databases/{database}"))).await;
    assert_eq!(status, 200, "{database}");
    assert_eq!(database["data_sources"][0]["id"], desk.source);
}

#[tokio::test]
async fn lists_come_in_pages() {
    let desk = desk().await;
    desk.systems.notion().set_page_size(2);
    for id in 1..=5 {
        desk.create("A", id).await;
    }
    let mut seen = Vec::new();
    let mut body = json!({});
    loop {
        let list = desk.query(body).await;
        for page in list["results"].as_array().unwrap() {
            seen.push(
                page["properties"]["Telegram ID"]["number"]
                    .as_i64()
                    .unwrap(),
            );
        }
        if list["has_more"] == false {
            assert_eq!(list["next_cursor"], Value::Null);
            break;
        }
        body = json!({ "start_cursor": list["next_cursor"] });
    }
    assert_eq!(seen, [1, 2, 3, 4, 5]);
    let path = format!("/v1/data_sources/{}/query", desk.source);
    for wrong in [
        json!({ "start_cursor": "x" }),
        json!({ "start_cursor": desk.source }),
        json!({ "page_size": 101 }),
        json!({ "page_size": "5" }),
        json!({ "limit": 5 }),
        json!({ "filter": { "property": "Telegram ID", "rich_text": { "equals": "7" } } }),
        json!({ "filter": { "property": "Telegram ID", "number": { "equals": "7" } } }),
        json!({ "filter": { "property": "Nobody", "number": { "equals": 7 } } }),
        json!({ "filter": { "property": "Tags", "multi_select": { "equals": "vip" } } }),
        json!({ "filter": { "number": { "equals": 7 } } }),
    ] {
        let (code, _) = desk.refused("POST", &path, wrong).await;
        assert_eq!(code, "validation_error");
    }
}

#[tokio::test]
async fn properties_are_checked() {
    let desk = desk().await;
    let long = "я".repeat(2_001);
    for (properties, words) in [
        (
            json!({ "Telegram ID": { "number": "7" } }),
            "should be a number",
        ),
        (
            json!({ "Telegram ID": { "rich_text": [] } }),
            "is expected to be number",
        ),
        (
            json!({ "Shoe size": { "number": 7 } }),
            "is not a property that exists",
        ),
        (
            json!({ "Name": { "title": [{ "text": { "content": long } }] } }),
            "should be ≤ `2000`, instead was `2001`",
        ),
        (json!({ "Name": { "title": "A" } }), "should be an array"),
        (
            json!({ "Name": { "title": [{ "text": { "content": 7 } }] } }),
            "should be a string",
        ),
        (json!({ "Name": [] }), "should be an object"),
        (
            json!({ "Tags": { "multi_select": ["vip"] } }),
            "should be an object",
        ),
        (
            json!({ "Tags": { "multi_select": [{ "name": "a,b" }] } }),
            "commas not allowed",
        ),
        (json!({ "Topic": { "url": "" } }), "should be ≥ `1`"),
        (
            json!({ "Updated": { "date": { "start": "yesterday" } } }),
            "ISO 8601",
        ),
        (
            json!({ "Phone": { "phone_number": 7 } }),
            "should be a string",
        ),
    ] {
        let (code, message) = desk
            .refused("POST", "/v1/pages", desk.page(properties))
            .await;
        assert_eq!(code, "validation_error");
        assert!(message.contains(words), "{message}");
    }
    // Two thousand letters as JavaScript counts them: some take two.
    let emoji = "🙂".repeat(1_000);
    let page = desk.page(json!({ "Name": { "title": [{ "text": { "content": emoji } }] } }));
    assert_eq!(desk.ask("POST", "/v1/pages", page).await.0, 200);
    let emoji = "🙂".repeat(1_001);
    let page = desk.page(json!({ "Name": { "title": [{ "text": { "content": emoji } }] } }));
    assert_eq!(desk.ask("POST", "/v1/pages", page).await.0, 400);
    let page = desk.create("A", 1).await;
    let path = format!("/v1/pages/{}", page["id"].as_str().unwrap());
    let (_, message) = desk
        .refused("PATCH", &path, json!({ "archived": true }))
        .await;
    assert!(message.contains("body.archived"), "{message}");
}

#[tokio::test]
async fn requests_are_checked() {
    let desk = desk().await;
    let url = format!("{}/v1/pages/{}", desk.url, desk.source);
    let bare = || request("GET", &url).bearer_auth(&desk.token);
    let (status, error) = sent(request("GET", &url)).await;
    assert_eq!((status, &error["code"]), (401, &json!("unauthorized")));
    let (status, error) = sent(bare()).await;
    assert_eq!((status, &error["code"]), (400, &json!("missing_version")));
    let (status, _) = sent(bare().header("Notion-Version", "2022-06-28")).await;
    assert_eq!(status, 400);
    let (status, error) = sent(bare().header("Notion-Version", "2026-03-11")).await;
    assert_eq!((status, &error["code"]), (404, &json!("object_not_found")));
    let (status, error) = sent(desk.request("POST", "/v1/pages").body("{}")).await;
    assert_eq!((status, &error["code"]), (400, &json!("invalid_json")));
    let (code, _) = desk
        .refused("POST", "/v1/databases/x/query", json!({}))
        .await;
    assert_eq!(code, "invalid_request_url");
    let filler = "x".repeat(600 * 1024);
    let (status, _) = desk.ask("POST", "/v1/pages", json!({ "x": filler })).await;
    assert_eq!(status, 413);
    assert!(desk.systems.notion().records().is_empty());
}

#[tokio::test]
async fn a_second_data_source_makes_a_database_ambiguous() {
    let desk = desk().await;
    let database = desk.systems.facts().notion.database_id;
    let page = json!({
        "parent": { "type": "database_id", "database_id": database },
        "properties": { "Telegram ID": { "number": 7 } },
    });
    assert_eq!(desk.ask("POST", "/v1/pages", page.clone()).await.0, 200);
    let second = desk.systems.notion().add_data_source("Partners");
    let (status, error) = desk.ask("POST", "/v1/pages", page).await;
    assert_eq!((status, &error["code"]), (400, &json!("validation_error")));
    assert_eq!(
        error["additional_data"]["error_type"],
        "multiple_data_sources_for_database"
    );
    assert_eq!(error["additional_data"]["child_data_source_ids"][1], second);
    desk.create("still possible", 8).await;
}

#[tokio::test]
async fn three_a_second_and_no_more() {
    let desk = desk().await;
    let notion = desk.systems.notion();
    desk.systems.clock().stop();
    notion.set_limit(Limit::Bucket {
        size: 3,
        per_second: 3,
    });
    let path = format!("/v1/data_sources/{}", desk.source);
    for _ in 0..3 {
        assert_eq!(sent(desk.request("GET", &path)).await.0, 200);
    }
    let answer = desk.request("GET", &path).send().await.unwrap();
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["retry-after"], "1");
    let error: Value = answer.json().await.unwrap();
    assert_eq!(error["code"], "rate_limited");
    desk.systems
        .clock()
        .forward(std::time::Duration::from_secs(1));
    assert_eq!(sent(desk.request("GET", &path)).await.0, 200);
}

#[tokio::test]
async fn faults_are_worded_as_notion_words_them() {
    let desk = desk().await;
    let faults = &desk.systems.notion().faults;
    for (fault, status, code) in [
        (Fault::ExpiredToken, 401, "unauthorized"),
        (Fault::Forbidden, 403, "restricted_resource"),
        (Fault::NotFound, 404, "object_not_found"),
        (
            Fault::TooMany {
                retry_after: Some(9),
            },
            429,
            "rate_limited",
        ),
        (Fault::Overloaded, 529, "service_overload"),
        (Fault::ServerError, 500, "internal_server_error"),
    ] {
        faults.push(fault);
        let (answered, error) = sent(desk.request("GET", "/v1/pages/x")).await;
        assert_eq!((answered, error["code"].as_str()), (status, Some(code)));
        assert_eq!(error["object"], "error");
    }
    assert_eq!(faults.waiting(), 0);
}
