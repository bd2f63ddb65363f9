//! A connector's file as it is written. What each key means is told in `docs/connectors.md`, and
//! by what it becomes in [`super::definition`].

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

/// Keys with texts.
pub(super) type Texts = BTreeMap<Spanned<String>, Spanned<String>>;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Written {
    pub(super) preset: Option<Spanned<String>>,
    pub(super) title: Option<String>,
    pub(super) base_url: Option<Spanned<String>>,
    pub(super) base_url_secret: Option<Spanned<String>>,
    pub(super) insecure_http: Option<bool>,
    pub(super) required: Vec<Spanned<String>>,
    pub(super) settings: BTreeMap<String, Spanned<toml::Value>>,
    pub(super) secrets: BTreeMap<String, Spanned<WrittenSecret>>,
    pub(super) headers: Texts,
    pub(super) auth: Option<Spanned<WrittenAuth>>,
    pub(super) limits: WrittenLimits,
    pub(super) errors: WrittenErrors,
    pub(super) actions: BTreeMap<String, Spanned<WrittenAction>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenSecret {
    pub(super) env: Option<String>,
    pub(super) file: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenAuth {
    #[serde(rename = "type")]
    pub(super) kind: Spanned<String>,
    pub(super) header: Option<Spanned<String>>,
    pub(super) prefix: Option<String>,
    pub(super) secret: Option<Spanned<String>>,
    pub(super) user: Option<Spanned<String>>,
    pub(super) grant: Option<Spanned<String>>,
    pub(super) token_url: Option<Spanned<String>>,
    pub(super) client_id: Option<Spanned<String>>,
    pub(super) client_secret: Option<Spanned<String>>,
    pub(super) refresh_token: Option<Spanned<String>>,
    pub(super) scope: Option<String>,
    pub(super) send_as: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) extra: Texts,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenLimits {
    pub(super) per_second: Option<Spanned<f64>>,
    pub(super) burst: Option<Spanned<u32>>,
    pub(super) timeout: Option<Spanned<f64>>,
    pub(super) budget: Option<Spanned<f64>>,
    pub(super) attempts: Option<Spanned<u32>>,
    pub(super) largest: Option<Spanned<usize>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenErrors {
    pub(super) message: Option<Spanned<String>>,
    pub(super) code: Option<Spanned<String>>,
    pub(super) busy: Vec<String>,
}

/// What to say, by language.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenSay {
    pub(super) en: Option<Spanned<String>>,
    pub(super) de: Option<Spanned<String>>,
    pub(super) ru: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenAction {
    pub(super) command: Option<Spanned<String>>,
    pub(super) aliases: Vec<Spanned<String>>,
    pub(super) off: Option<bool>,
    pub(super) info: Option<bool>,
    pub(super) link: Option<bool>,
    pub(super) about: Option<WrittenSay>,
    pub(super) permission: Option<Vec<Spanned<String>>>,
    pub(super) arguments: Option<Vec<Spanned<WrittenArgument>>>,
    pub(super) confirm: Option<WrittenSay>,
    pub(super) reply: Option<WrittenSay>,
    pub(super) notice: Option<WrittenSay>,
    pub(super) steps: Option<Vec<Spanned<WrittenStep>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenArgument {
    pub(super) name: Spanned<String>,
    #[serde(default)]
    pub(super) one_of: Vec<String>,
    pub(super) pattern: Option<Spanned<String>>,
    pub(super) example: Option<String>,
    #[serde(default)]
    pub(super) optional: bool,
    #[serde(default)]
    pub(super) rest: bool,
    #[serde(default)]
    pub(super) list: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenStep {
    pub(super) name: Spanned<String>,
    pub(super) when: Option<Spanned<String>>,
    pub(super) each: Option<Spanned<String>>,
    pub(super) method: Option<Spanned<String>>,
    pub(super) url: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) query: Texts,
    #[serde(default)]
    pub(super) headers: Texts,
    pub(super) json: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) form: Texts,
    pub(super) reads: Option<bool>,
    pub(super) repeatable: Option<bool>,
    pub(super) idempotency_header: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) accept: Vec<Spanned<u16>>,
    pub(super) text: Option<bool>,
    #[serde(default)]
    pub(super) extract: Texts,
    #[serde(default)]
    pub(super) collect: Texts,
    pub(super) pages: Option<Spanned<WrittenPages>>,
    #[serde(default)]
    pub(super) set: Texts,
    pub(super) refuse: Option<WrittenRefusal>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenPages {
    pub(super) next: Spanned<String>,
    pub(super) into: Spanned<String>,
    pub(super) most: Option<Spanned<u32>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenRefusal {
    pub(super) when: Spanned<String>,
    pub(super) say: WrittenSay,
}
