use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use super::super::{Fault, Quotas, Systems};
use super::{request, sent, start};

struct Desk {
    systems: Systems,
    url: String,
    key: Value,
    values: String,
    token: String,
}

async fn desk() -> Desk {
    let systems = start().await;
    let facts = systems.facts().google;
    let mut desk = Desk {
        values: format!(
            "{}/v4/spreadsheets/{}/values",
            facts.url, facts.spreadsheet_id
        ),
        url: facts.url,
        key: facts.service_account,
        systems,
        token: String::new(),
    };
    desk.log_in().await;
    desk
}

fn signed(key: &Value, claims: &Value) -> String {
    let coded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": key["private_key_id"] });
    let text = format!("{}.{}", coded(&header), coded(claims));
    let pem = key["private_key"].as_str().unwrap();
    let der: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let pair = RsaKeyPair::from_pkcs8(&STANDARD.decode(der).unwrap()).unwrap();
    let mut signature = vec![0; pair.public().modulus_len()];
    let random = SystemRandom::new();
    pair.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature)
        .unwrap();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

impl Desk {
    fn claims(&self) -> Value {
        let now = self.systems.clock().now().as_second();
        json!({
            "iss": self.key["client_email"],
            "aud": self.key["token_uri"],
            "scope": "https://www.googleapis.com/auth/spreadsheets",
            "iat": now,
            "exp": now + 3_600,
        })
    }

    async fn exchange(&self, assertion: &str) -> (u16, Value) {
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", assertion),
        ];
        sent(request("POST", &format!("{}/token", self.url)).form(&form)).await
    }

    async fn log_in(&mut self) {
        let (status, token) = self.exchange(&signed(&self.key, &self.claims())).await;
        assert_eq!(
            (status, &token["token_type"]),
            (200, &json!("Bearer")),
            "{token}"
        );
        assert_eq!(token["expires_in"], 3_599);
        self.token = token["access_token"].as_str().unwrap().to_owned();
    }

    fn request(&self, method: &str, rest: &str) -> reqwest::RequestBuilder {
        request(method, &format!("{}/{rest}", self.values)).bearer_auth(&self.token)
    }

    async fn get(&self, range: &str) -> Value {
        let (status, body) = sent(self.request("GET", range)).await;
        assert_eq!(status, 200, "{range}: {body}");
        body
    }

    async fn put(&self, range: &str, option: &str, values: Value) -> (u16, Value) {
        let rest = format!("{range}?valueInputOption={option}");
        sent(
            self.request("PUT", &rest)
                .json(&json!({ "values": values })),
        )
        .await
    }

    async fn append(&self, range: &str, values: Value) -> Value {
        let rest = format!("{range}:append?valueInputOption=RAW&insertDataOption=INSERT_ROWS");
        let request = self
            .request("POST", &rest)
            .json(&json!({ "values": values }));
        let (status, body) = sent(request).await;
        assert_eq!(status, 200, "{range}: {body}");
        body
    }
}

fn status(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["error"]["status"].as_str().unwrap())
}

#[tokio::test]
async fn assertions_are_checked() {
    let desk = desk().await;
    let with = |name: &str, value: Value| {
        let mut claims = desk.claims();
        claims[name] = value;
        claims
    };
    let now = desk.systems.clock().now().as_second();
    for (claims, code) in [
        (with("iss", json!("nobody@example.com")), "invalid_grant"),
        (
            with("aud", json!("https://example.com/token")),
            "invalid_grant",
        ),
        (with("exp", json!(now + 7_200)), "invalid_grant"),
        (with("exp", json!(now - 1)), "invalid_grant"),
        (with("iat", json!(now + 600)), "invalid_grant"),
        (
            with("scope", json!("https://www.googleapis.com/auth/drive")),
            "invalid_scope",
        ),
        (
            with("sub", json!("boss@example.com")),
            "unauthorized_client",
        ),
    ] {
        let (status, error) = desk.exchange(&signed(&desk.key, &claims)).await;
        assert_eq!(
            (status, error["error"].as_str()),
            (400, Some(code)),
            "{claims}"
        );
    }
    let good = signed(&desk.key, &desk.claims());
    let other = signed(&desk.key, &with("iat", json!(now - 1)));
    let (text, _) = good.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    for forged in [
        format!("{text}.{signature}"),
        format!("{text}."),
        "x".to_owned(),
    ] {
        let (status, error) = desk.exchange(&forged).await;
        assert_eq!(
            (status, error["error"].as_str()),
            (400, Some("invalid_grant"))
        );
    }
    let form = [("grant_type", "password"), ("assertion", good.as_str())];
    let (status, error) = sent(request("POST", &format!("{}/token", desk.url)).form(&form)).await;
    assert_eq!(
        (status, &error["error"]),
        (400, &json!("unsupported_grant_type"))
    );
}

#[tokio::test]
async fn rows_are_appended_found_and_changed() {
    let desk = desk().await;
    let row = json!([[7_000_000_007_i64, "Zoë", "=1+1", "", true]]);
    let appended = desk.append("Customers!A:H", row).await;
    assert_eq!(appended["tableRange"], "Customers!A1:H1");
    assert_eq!(appended["updates"]["updatedRange"], "Customers!A2:E2");
    assert_eq!(appended["updates"]["updatedCells"], 5);
    desk.append("Customers!A1", json!([[8, "Two"], [9, "Three"]]))
        .await;
    let column = desk.get("Customers!A:A").await;
    // Three rows were inserted into the thousand.
    assert_eq!(column["range"], "Customers!A1:A1003");
    assert_eq!(
        column["values"],
        json!([["Telegram ID"], ["7000000007"], ["8"], ["9"]])
    );
    // A leading = stays text, and what is empty at the end is left out.
    let read = desk.get("Customers!A2:H2").await;
    assert_eq!(
        read["values"],
        json!([["7000000007", "Zoë", "=1+1", "", "TRUE"]])
    );
    let read = desk
        .get("Customers!A2:H2?valueRenderOption=UNFORMATTED_VALUE")
        .await;
    assert_eq!(read["values"][0][0], 7_000_000_007_i64);

    let (status, put) = desk
        .put("Customers!A3:C3", "RAW", json!([["8", null, "two"]]))
        .await;
    assert_eq!(
        (status, &put["updatedRange"]),
        (200, &json!("Customers!A3:C3"))
    );
    assert_eq!(put["updatedCells"], 2);
    let read = desk.get("Customers!A3:H3").await;
    assert_eq!(read["values"], json!([["8", "Two", "two"]]));
    assert_eq!(desk.systems.google().records()[2]["row"], 3);
    assert_eq!(desk.systems.google().records()[2]["values"][0], "8");
}

#[tokio::test]
async fn ranges_name_sheets_and_cells() {
    let desk = desk().await;
    assert_eq!(
        desk.get("'My%20sheet'!A2:H2").await,
        json!({ "range": "'My sheet'!A2:H2", "majorDimension": "ROWS" })
    );
    let first = desk.append("'My%20sheet'!A1", json!([["a"]])).await;
    assert_eq!(first["updates"]["updatedRange"], "'My sheet'!A1");
    assert!(first.get("tableRange").is_none());
    assert_eq!(desk.get("A1").await["values"], json!([["Telegram ID"]]));
    assert_eq!(desk.get("Customers").await["range"], "Customers!A1:Z1000");
    for wrong in ["Nobody!A1", "Customers!A0", "'open!A1", "Customers!5A"] {
        let (status, error) = sent(desk.request("GET", wrong)).await;
        assert_eq!(status, 400);
        let message = error["error"]["message"].as_str().unwrap();
        assert!(message.starts_with("Unable to parse range"), "{message}");
    }
    let (status, _) = sent(desk.request("GET", "Customers!A5000")).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn rows_are_inserted_below_the_last_table() {
    let desk = desk().await;
    desk.put("'My%20sheet'!B2:C3", "RAW", json!([["h", "i"], [1, 2]]))
        .await;
    desk.put("'My%20sheet'!B5:C5", "RAW", json!([["foot", "note"]]))
        .await;
    let above = desk.append("'My%20sheet'!B2:C3", json!([[3, 4]])).await;
    assert_eq!(above["tableRange"], "'My sheet'!B2:C3");
    assert_eq!(above["updates"]["updatedRange"], "'My sheet'!B4:C4");
    // What stood below has moved down.
    assert_eq!(
        desk.get("'My%20sheet'!B6").await["values"],
        json!([["foot"]])
    );
    let below = desk.append("'My%20sheet'!A:Z", json!([[5]])).await;
    assert_eq!(below["tableRange"], "'My sheet'!B6:C6");
}

#[tokio::test]
async fn what_is_typed_may_become_a_formula() {
    let desk = desk().await;
    let typed = json!([["=HYPERLINK(\"x\")", "12", "'12", "TRUE"]]);
    assert_eq!(
        desk.put("A2:D2", "USER_ENTERED", typed.clone()).await.0,
        200
    );
    let read = desk.get("A2:D2?valueRenderOption=FORMULA").await;
    assert_eq!(
        read["values"],
        json!([["=HYPERLINK(\"x\")", 12, "12", true]])
    );
    assert_eq!(desk.get("A2").await["values"], json!([["#NAME?"]]));
    assert_eq!(desk.put("A2:D2", "RAW", typed.clone()).await.0, 200);
    assert_eq!(desk.get("A2:D2").await["values"], typed);
}

#[tokio::test]
async fn requests_are_checked() {
    let desk = desk().await;
    let body = json!({ "values": [["x"]] });
    let long = "x".repeat(50_001);
    for (rest, body) in [
        ("A2", body.clone()),
        ("A2?valueInputOption=COOKED", body.clone()),
        ("A2?valueInputOption=RAW&upsert=true", body.clone()),
        (
            "A2:B2?valueInputOption=RAW",
            json!({ "values": [["x", "y", "z"]] }),
        ),
        (
            "A2:B2?valueInputOption=RAW",
            json!({ "values": [["x"], ["y"]] }),
        ),
        ("A2?valueInputOption=RAW", json!({ "values": ["x"] })),
        (
            "A2?valueInputOption=RAW",
            json!({ "values": [[{ "x": 1 }]] }),
        ),
        ("A2?valueInputOption=RAW", json!({ "rows": [["x"]] })),
        (
            "A2?valueInputOption=RAW",
            json!({ "range": "A3", "values": [["x"]] }),
        ),
        ("A2?valueInputOption=RAW", json!({ "values": [[long]] })),
        ("A2?valueInputOption=RAW", json!([["x"]])),
    ] {
        let answer = sent(desk.request("PUT", rest).json(&body)).await;
        assert_eq!(status(&answer), (400, "INVALID_ARGUMENT"), "{rest}");
    }
    assert_eq!(
        desk.systems.google().records().len(),
        1,
        "only the headings"
    );
    let nobody = sent(request("GET", &format!("{}/A1", desk.values))).await;
    assert_eq!(status(&nobody), (403, "PERMISSION_DENIED"));
    let wrong = request("GET", &format!("{}/A1", desk.values)).bearer_auth("x");
    assert_eq!(status(&sent(wrong).await), (401, "UNAUTHENTICATED"));
    let other = format!("{}/v4/spreadsheets/other/values/A1", desk.url);
    let other = sent(request("GET", &other).bearer_auth(&desk.token)).await;
    assert_eq!(status(&other), (404, "NOT_FOUND"));
}

#[tokio::test]
async fn tokens_end() {
    let mut desk = desk().await;
    desk.systems.clock().forward(Duration::from_secs(3_600));
    let late = sent(desk.request("GET", "A1")).await;
    assert_eq!(status(&late), (401, "UNAUTHENTICATED"));
    desk.log_in().await;
    desk.get("A1").await;
    desk.systems.google().faults.push(Fault::ExpiredToken);
    for _ in 0..2 {
        let refused = sent(desk.request("GET", "A1")).await;
        assert_eq!(status(&refused), (401, "UNAUTHENTICATED"));
    }
    desk.log_in().await;
    desk.get("A1").await;
}

#[tokio::test]
async fn quotas_are_of_users_and_the_project() {
    let desk = desk().await;
    desk.systems.clock().stop();
    desk.systems.google().set_quotas(Quotas {
        user: 2,
        project: 3,
    });
    let read = |user: &str| sent(desk.request("GET", &format!("A1?quotaUser={user}")));
    assert_eq!(read("a").await.0, 200);
    assert_eq!(read("a").await.0, 200);
    let own = read("a").await;
    assert_eq!(status(&own), (429, "RESOURCE_EXHAUSTED"));
    assert!(own.1.to_string().contains("per minute per user"), "{own:?}");
    // Writes are counted apart.
    assert_eq!(desk.put("A2", "RAW", json!([["x"]])).await.0, 200);
    assert_eq!(read("b").await.0, 200);
    let all = read("b").await;
    assert_eq!(status(&all), (429, "RESOURCE_EXHAUSTED"));
    assert!(!all.1.to_string().contains("per user"), "{all:?}");
    desk.systems.clock().forward(Duration::from_secs(60));
    assert_eq!(read("a").await.0, 200);
}

#[tokio::test]
async fn faults_are_worded_as_google_words_them() {
    let desk = desk().await;
    for (fault, answered, name) in [
        (Fault::Forbidden, 403, "PERMISSION_DENIED"),
        (Fault::NotFound, 404, "NOT_FOUND"),
        (
            Fault::TooMany { retry_after: None },
            429,
            "RESOURCE_EXHAUSTED",
        ),
        (Fault::Overloaded, 503, "UNAVAILABLE"),
        (Fault::ServerError, 500, "INTERNAL"),
    ] {
        desk.systems.google().faults.push(fault);
        let answer = sent(desk.request("GET", "A1")).await;
        assert_eq!(status(&answer), (answered, name));
        assert_eq!(answer.1["error"]["code"], answered);
    }
}
