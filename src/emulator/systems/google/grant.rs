//! A service account's signed word, exchanged for a token.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::rsa::KeyPair;
use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::{Value, json};

/// The service account's key. It opens nothing but the emulator, and is the same in all of them.
const KEY: &str = include_str!("key.pem");

/// What a token has to be good for.
const SCOPE: &str = "https://www.googleapis.com/auth/spreadsheets";

/// How far the clocks may differ, seconds.
const SKEW: i64 = 300;

/// Who signs, and how it is checked.
#[derive(Debug)]
pub(super) struct Account {
    email: String,
    key_id: String,
    token_uri: String,
    /// RSAPublicKey in DER.
    public: Vec<u8>,
}

#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    scope: Option<String>,
    iat: i64,
    exp: i64,
    sub: Option<String>,
}

/// Why there is no token: Google's code and words.
pub(super) type Refused = (&'static str, String);

impl Account {
    pub(super) fn new(key_id: String, token_uri: String) -> Self {
        Self {
            email: "topic-desk@emulated-desk.iam.gserviceaccount.com".to_owned(),
            key_id,
            token_uri,
            // The key is one of ours; if it were none, no signature would fit.
            public: public_key().unwrap_or_default(),
        }
    }

    /// The content of the key file that Google hands out.
    pub(super) fn key_file(&self) -> Value {
        json!({
            "type": "service_account",
            "project_id": "emulated-desk",
            "private_key_id": self.key_id,
            "private_key": KEY,
            "client_email": self.email,
            "client_id": "100000000000000000001",
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": self.token_uri,
            "universe_domain": "googleapis.com",
        })
    }

    /// Checks a signed assertion.
    pub(super) fn check(&self, assertion: &str, now: Timestamp) -> Result<(), Refused> {
        let grant = |words: &str| ("invalid_grant", words.to_owned());
        let malformed = || grant("Invalid JWT: the assertion cannot be read.");
        let (signed, signature) = assertion.rsplit_once('.').ok_or_else(malformed)?;
        let (header, claims) = signed.split_once('.').ok_or_else(malformed)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed())?;
        let header: Header = part(header).ok_or_else(malformed)?;
        let claims: Claims = part(claims).ok_or_else(malformed)?;
        if header.alg != "RS256" || header.typ.is_some_and(|kind| kind != "JWT") {
            return Err(grant("Invalid JWT: unsupported algorithm or type."));
        }
        if header.kid.is_some_and(|kid| kid != self.key_id) {
            return Err(grant("Invalid JWT Signature."));
        }
        if claims.iss != self.email {
            return Err(grant("Invalid grant: account not found"));
        }
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.public)
            .verify(signed.as_bytes(), &signature)
            .map_err(|_| grant("Invalid JWT Signature."))?;
        if claims.aud != self.token_uri {
            return Err(grant(&format!(
                "Invalid JWT: Failed audience check. The right audience is {}",
                self.token_uri
            )));
        }
        if claims.sub.is_some_and(|sub| sub != self.email) {
            let words = "Client is unauthorized to retrieve access tokens using this method";
            return Err(("unauthorized_client", words.to_owned()));
        }
        let now = now.as_second();
        let short = claims.exp.saturating_sub(claims.iat) <= 3_600 && claims.iat < claims.exp;
        if !short || claims.iat > now + SKEW || claims.iat < now - 3_600 || claims.exp <= now {
            return Err(grant(
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable \
                 timeframe. Check your iat and exp values in the JWT claim.",
            ));
        }
        let scopes = claims.scope.unwrap_or_default();
        if !scopes.split(' ').any(|scope| scope == SCOPE) {
            let words = format!("{scopes:?} is not a valid audience string or scope.");
            return Err(("invalid_scope", words));
        }
        Ok(())
    }
}

fn part<T: serde::de::DeserializeOwned>(coded: &str) -> Option<T> {
    let bytes = URL_SAFE_NO_PAD.decode(coded).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn public_key() -> Option<Vec<u8>> {
    let coded: String = KEY.lines().filter(|line| !line.starts_with('-')).collect();
    let pair = KeyPair::from_pkcs8(&STANDARD.decode(coded).ok()?).ok()?;
    Some(pair.public_key().as_ref().to_vec())
}
