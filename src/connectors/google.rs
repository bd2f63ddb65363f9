//! A Google service account's way to a token: RFC 7523's assertion, signed with its own key.
//!
//! <https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests>

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Url;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;
use serde_json::json;

use super::failure::{Cause, Failure};
use crate::config::Secret;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// The longest that Google takes.
const LASTS: i64 = 3600;

/// What of the key's file is needed.
#[derive(Deserialize)]
struct Key {
    client_email: String,
    private_key: String,
    private_key_id: Option<String>,
    token_uri: String,
}

/// Where to ask for a token, and with which form.
pub(super) fn assertion(
    key: &Secret,
    scope: &str,
    now: i64,
) -> Result<(Url, Vec<(String, String)>), Failure> {
    let wrong =
        |what: &str| Failure::new(Cause::Setup, format!("the service account's key {what}"));
    let key: Key = serde_json::from_str(key.expose())
        .map_err(|_| wrong("is not the JSON file that Google's console gives"))?;
    let url = Url::parse(&key.token_uri).map_err(|_| wrong("has no usable token_uri"))?;
    if url.scheme() != "https" && !super::wire::is_local(&url) {
        return Err(wrong("has a token_uri that is not https"));
    }
    let pem = PrivatePkcs8KeyDer::from_pem_slice(key.private_key.as_bytes())
        .map_err(|_| wrong("has no private_key in PEM"))?;
    let pair = RsaKeyPair::from_pkcs8(pem.secret_pkcs8_der())
        .map_err(|_| wrong("has a private_key that is no RSA key"))?;
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": key.private_key_id });
    let claims = json!({
        "iss": key.client_email,
        "scope": scope,
        "aud": key.token_uri,
        "iat": now,
        "exp": now + LASTS,
    });
    let encoded = |part: &serde_json::Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let signed = format!("{}.{}", encoded(&header), encoded(&claims));
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        signed.as_bytes(),
        &mut signature,
    )
    .map_err(|_| wrong("cannot sign"))?;
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
    let fields = [("grant_type", GRANT), ("assertion", &token)];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok((url, fields.into()))
}
