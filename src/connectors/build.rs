//! From a file as written to a connector: every template, expression and path is read here, so
//! that whatever can be wrong is found when the file is read and not when an operator needs it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Map;
use serde_json_path::JsonPath;
use toml::Spanned;

use super::definition::{
    Action, Auth, Base, Connector, Errors, Grant, Limits, OAuth2, Say, SecretPlace, SendAs,
};
use super::names;
use super::presets;
use super::problem::{Problem, hint};
use super::spot::{Source, Spot, Text};
use super::step;
use super::template::{Place, Template};
use super::written::{
    Texts, Written, WrittenAction, WrittenAuth, WrittenErrors, WrittenLimits, WrittenSay,
};

/// A preset's steps belong together.
const FIXED: &str = "a preset's own steps stay as they are; to change them, copy what \
     `topicvault connector show NAME` prints and leave out `preset`";

/// Reads a connector's file. Everything that is wrong is told, in the order of the file.
pub(super) fn connector(name: &str, file: &str, text: &str) -> Result<Connector, Vec<Problem>> {
    let source = Source {
        file: file.into(),
        text,
    };
    let written = parse(&source).map_err(|problem| vec![problem])?;
    let base = match &written.preset {
        None => blank(name, file),
        Some(preset) => {
            let known = presets::named(preset.get_ref()).ok_or_else(|| {
                let names: Vec<&str> = presets::names().collect();
                let spot = source.spot(preset.span().start);
                let what = format!("there is no preset `{}`", preset.get_ref());
                vec![Problem::new(spot, what).help(hint(preset.get_ref(), &names))]
            })?;
            let of_preset = Source {
                file: format!("preset {}", preset.get_ref()).into(),
                text: known,
            };
            let written = parse(&of_preset).map_err(|problem| vec![problem])?;
            let mut builder = Builder::new(of_preset, blank(name, file));
            builder.take(&written);
            let mut base = builder.finish()?;
            base.preset = Some(preset.get_ref().clone());
            base.digest = blake3::hash(known.as_bytes());
            base
        }
    };
    let mut builder = Builder::new(source, base);
    builder.take(&written);
    let mut connector = builder.finish()?;
    let mut digest = blake3::Hasher::new();
    digest.update(connector.digest.as_bytes());
    connector.digest = digest.update(text.as_bytes()).finalize();
    let problems = names::check(&connector);
    if problems.is_empty() {
        connector.actions.retain(|_, action| !is_off(action));
        Ok(connector)
    } else {
        Err(problems)
    }
}

fn is_off(action: &Action) -> bool {
    action.steps.is_empty() && action.reply.all().next().is_none()
}

fn blank(name: &str, file: &str) -> Connector {
    Connector {
        name: name.into(),
        title: name.to_owned(),
        preset: None,
        file: file.into(),
        digest: blake3::hash(&[]),
        base: Base::Nowhere,
        insecure_http: false,
        required: Vec::new(),
        settings: Map::new(),
        secrets: BTreeMap::new(),
        headers: Vec::new(),
        auth: Auth::None,
        limits: Limits::default(),
        errors: Errors::default(),
        actions: BTreeMap::new(),
    }
}

fn parse(source: &Source<'_>) -> Result<Written, Problem> {
    toml::from_str(source.text).map_err(|error| {
        let spot = source.spot(error.span().map_or(0, |span| span.start));
        unknown_key(error.message()).map_or_else(
            || {
                let what = error.message().lines().next().unwrap_or_default();
                Problem::new(spot.clone(), what)
            },
            |(key, known)| {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                Problem::new(spot.clone(), format!("unknown key `{key}`")).help(hint(&key, &known))
            },
        )
    })
}

/// Reads serde's message about an unknown key: the key, and those that there are.
fn unknown_key(message: &str) -> Option<(String, Vec<String>)> {
    let rest = message.strip_prefix("unknown field `")?;
    let (key, rest) = rest.split_once('`')?;
    let known = rest.split('`').skip(1).step_by(2).map(str::to_owned);
    Some((key.to_owned(), known.collect()))
}

/// Puts a connector together, and keeps what is wrong.
pub(super) struct Builder<'t> {
    source: Source<'t>,
    connector: Connector,
    problems: Vec<Problem>,
    /// It began as a preset.
    overlay: bool,
}

impl<'t> Builder<'t> {
    fn new(source: Source<'t>, connector: Connector) -> Self {
        Self {
            overlay: connector.preset.is_some(),
            source,
            connector,
            problems: Vec::new(),
        }
    }

    fn finish(mut self) -> Result<Connector, Vec<Problem>> {
        if self.problems.is_empty() {
            return Ok(self.connector);
        }
        self.problems.sort_by_key(|problem| problem.spot.line);
        Err(self.problems)
    }

    pub(super) fn spot<T>(&self, at: &Spanned<T>) -> Spot {
        self.source.spot(at.span().start)
    }

    pub(super) fn wrong(&mut self, spot: Spot, what: impl Into<String>, help: impl Into<String>) {
        self.problems.push(Problem::new(spot, what).help(help));
    }

    pub(super) fn text(&self, text: &Spanned<String>) -> Text {
        self.source.text(text)
    }

    /// Keeps the problem, if that is what there is.
    pub(super) fn keep<T>(&mut self, made: Result<T, impl Into<Problem>>) -> Option<T> {
        made.map_err(|problem| self.problems.push(problem.into()))
            .ok()
    }

    pub(super) fn template(&mut self, text: &Spanned<String>, place: Place) -> Option<Template> {
        let text = self.text(text);
        self.keep(Template::new(text, place))
    }

    /// Named templates, in the order of the file.
    pub(super) fn templates(&mut self, texts: &Texts, place: Place) -> Vec<(String, Template)> {
        let mut texts: Vec<_> = texts.iter().collect();
        texts.sort_by_key(|(key, _)| key.span().start);
        let mut named = Vec::with_capacity(texts.len());
        for (key, text) in texts {
            if let Some(template) = self.template(text, place) {
                named.push((key.get_ref().clone(), template));
            }
        }
        named
    }

    pub(super) fn say(&mut self, written: &WrittenSay, place: Place) -> Say {
        let mut one = |text: &Option<Spanned<String>>| {
            let text = text.as_ref()?;
            self.template(text, place)
        };
        Say {
            english: one(&written.en),
            german: one(&written.de),
            russian: one(&written.ru),
        }
    }

    fn take(&mut self, written: &Written) {
        if let Some(title) = &written.title {
            self.connector.title.clone_from(title);
        }
        if let Some(insecure) = written.insecure_http {
            self.connector.insecure_http = insecure;
        }
        if let Some(address) = &written.base_url
            && let Some(template) = self.template(address, Place::Plain)
        {
            self.connector.base = Base::Address(template);
        }
        if let Some(secret) = &written.base_url_secret {
            self.connector.base = Base::Secret(secret.get_ref().clone());
        }
        let required = written.required.iter().map(|name| name.get_ref().clone());
        self.connector.required.extend(required);
        self.settings(written);
        self.secrets(written);
        if !written.headers.is_empty() {
            self.connector.headers = self.templates(&written.headers, Place::Plain);
        }
        if let Some(auth) = &written.auth
            && let Some(auth) = self.auth(auth)
        {
            self.connector.auth = auth;
        }
        self.limits(&written.limits);
        self.errors(&written.errors);
        for (name, action) in &written.actions {
            self.action(name, action);
        }
    }

    fn settings(&mut self, written: &Written) {
        for (name, value) in &written.settings {
            let known: Vec<&str> = self.connector.settings.keys().map(String::as_str).collect();
            if self.overlay && !known.contains(&name.as_str()) {
                let help = hint(name, &known);
                let what = format!("the preset has no setting `{name}`");
                self.wrong(self.spot(value), what, help);
                continue;
            }
            match serde_json::to_value(value.get_ref()) {
                Ok(value) => {
                    self.connector.settings.insert(name.clone(), value);
                }
                Err(error) => self.wrong(self.spot(value), error.to_string(), "use a text"),
            }
        }
    }

    fn secrets(&mut self, written: &Written) {
        for (name, place) in &written.secrets {
            let lies = match (&place.get_ref().env, &place.get_ref().file) {
                (Some(variable), None) => SecretPlace::Environment(variable.clone()),
                (None, Some(file)) => SecretPlace::File(file.into()),
                _ => {
                    self.wrong(
                        self.spot(place),
                        format!("the secret `{name}` needs one place"),
                        format!("write {name} = {{ env = \"NAME\" }} or {{ file = \"path\" }}"),
                    );
                    continue;
                }
            };
            self.connector.secrets.insert(name.clone(), lies);
        }
    }

    fn auth(&mut self, written: &Spanned<WrittenAuth>) -> Option<Auth> {
        let auth = written.get_ref();
        let spot = self.spot(&auth.kind);
        let kind = auth.kind.get_ref().as_str();
        let mut need = |value: &Option<Spanned<String>>, key: &str| match value {
            Some(value) => Some(value.get_ref().clone()),
            None => {
                let what = format!("authentication of type \"{kind}\" needs `{key}`");
                let help = format!("add {key} = \"…\" to [auth]");
                self.problems
                    .push(Problem::new(spot.clone(), what).help(help));
                None
            }
        };
        match kind {
            "none" => Some(Auth::None),
            "header" => Some(Auth::Header {
                header: need(&auth.header, "header")?,
                prefix: auth.prefix.clone().unwrap_or_default(),
                secret: need(&auth.secret, "secret")?,
            }),
            "bearer" => Some(Auth::Header {
                header: "Authorization".to_owned(),
                prefix: "Bearer ".to_owned(),
                secret: need(&auth.secret, "secret")?,
            }),
            "basic" => {
                let secret = need(&auth.secret, "secret")?;
                need(&auth.user, "user")?;
                let user = self.template(auth.user.as_ref()?, Place::Plain)?;
                Some(Auth::Basic { user, secret })
            }
            "google_service_account" => Some(Auth::GoogleServiceAccount {
                secret: need(&auth.secret, "secret")?,
                scope: auth.scope.clone().unwrap_or_default(),
            }),
            "oauth2" => {
                let grant = need(&auth.grant, "grant")?;
                let client_id = need(&auth.client_id, "client_id")?;
                let client_secret = need(&auth.client_secret, "client_secret")?;
                need(&auth.token_url, "token_url")?;
                let grant = match grant.as_str() {
                    "client_credentials" => Grant::ClientCredentials,
                    "refresh_token" => {
                        Grant::RefreshToken(need(&auth.refresh_token, "refresh_token")?)
                    }
                    other => {
                        let known = hint(other, &["client_credentials", "refresh_token"]);
                        self.wrong(spot, format!("unknown grant `{other}`"), known);
                        return None;
                    }
                };
                let send_as = match auth.send_as.as_ref().map(Spanned::get_ref) {
                    None => SendAs::Form,
                    Some(form) if form == "form" => SendAs::Form,
                    Some(json) if json == "json" => SendAs::Json,
                    Some(other) => {
                        let known = hint(other, &["form", "json"]);
                        self.wrong(spot, format!("unknown form `{other}`"), known);
                        return None;
                    }
                };
                Some(Auth::OAuth2(OAuth2 {
                    grant,
                    token_url: self.template(auth.token_url.as_ref()?, Place::Plain)?,
                    client_id,
                    client_secret,
                    scope: auth.scope.clone(),
                    send_as,
                    extra: self.templates(&auth.extra, Place::Plain),
                }))
            }
            other => {
                let known = [
                    "none",
                    "header",
                    "bearer",
                    "basic",
                    "oauth2",
                    "google_service_account",
                ];
                let help = hint(other, &known);
                self.wrong(spot, format!("unknown authentication `{other}`"), help);
                None
            }
        }
    }

    fn limits(&mut self, written: &WrittenLimits) {
        let mut limits = self.connector.limits.clone();
        if let Some(rate) = &written.per_second {
            match *rate.get_ref() {
                0.0 => limits.per_second = 0.0,
                given if (0.001..=10_000.0).contains(&given) => limits.per_second = given,
                _ => self.wrong(
                    self.spot(rate),
                    "`per_second` is out of range",
                    "use a number from 0.001 to 10000, or 0.0 for no limit",
                ),
            }
        }
        for (given, into) in [
            (&written.timeout, &mut limits.timeout),
            (&written.budget, &mut limits.budget),
        ] {
            let Some(given) = given else { continue };
            match Duration::try_from_secs_f64(*given.get_ref()) {
                Ok(span) if span >= Duration::from_millis(100) && span <= MOST_TIME => *into = span,
                _ => {
                    let spot = self.source.spot(given.span().start);
                    let problem = Problem::new(spot, "this span is out of range");
                    self.problems
                        .push(problem.help("use seconds from 0.1 to 600.0"));
                }
            }
        }
        if let Some(burst) = &written.burst {
            limits.burst = (*burst.get_ref()).clamp(1, 10_000);
        }
        if let Some(attempts) = &written.attempts {
            limits.attempts = (*attempts.get_ref()).clamp(1, 10);
        }
        if let Some(largest) = &written.largest {
            limits.largest = (*largest.get_ref()).clamp(1_000, MOST_BYTES);
        }
        self.connector.limits = limits;
    }

    fn errors(&mut self, written: &WrittenErrors) {
        if let Some(path) = &written.message {
            self.connector.errors.message = self.path(path);
        }
        if let Some(path) = &written.code {
            self.connector.errors.code = self.path(path);
        }
        self.connector
            .errors
            .busy
            .extend(written.busy.iter().cloned());
    }

    fn path(&mut self, path: &Spanned<String>) -> Option<JsonPath> {
        let made = JsonPath::parse(path.get_ref()).map_err(|error| {
            Problem::new(self.spot(path), format!("this is no JSONPath: {error}"))
                .help("such as \"$.error.message\" (RFC 9535)")
        });
        self.keep(made)
    }

    fn action(&mut self, name: &str, written: &Spanned<WrittenAction>) {
        let spot = self.spot(written);
        let written = written.get_ref();
        let known: Vec<&str> = self.connector.actions.keys().map(String::as_str).collect();
        if self.overlay && !known.contains(&name) && written.steps.is_none() {
            let help = hint(name, &known);
            self.wrong(spot, format!("the preset has no action `{name}`"), help);
            return;
        }
        if written.off == Some(true) {
            self.connector.actions.remove(name);
            return;
        }
        let known = self.connector.actions.get(name);
        let mut action =
            known.map_or_else(|| Action::new(name, spot), |known| Action::clone(known));
        let fixed = self.overlay && known.is_some();
        if let Some(command) = &written.command {
            action.command = self.command(command);
        }
        if !written.aliases.is_empty() {
            let aliases = written.aliases.iter();
            action.aliases = aliases.filter_map(|alias| self.command(alias)).collect();
        }
        if let Some(info) = written.info {
            action.info = info;
        }
        if let Some(link) = written.link {
            action.link = link;
        }
        if let Some(about) = &written.about {
            action.about = self.say(about, Place::Plain);
        }
        if let Some(permission) = &written.permission {
            let names = permission.iter().map(|name| name.get_ref().clone());
            action.permission = Some(names.collect());
        }
        if let Some(arguments) = &written.arguments {
            action.grammar = step::grammar(self, arguments);
        }
        if let Some(confirm) = &written.confirm {
            action.confirm = Some(self.say(confirm, Place::Html));
        }
        if let Some(reply) = &written.reply {
            action.reply = self.say(reply, Place::Html);
        }
        if let Some(notice) = &written.notice {
            // It reaches the customer as a plain text.
            action.notice = Some(self.say(notice, Place::Plain));
        }
        match &written.steps {
            Some(steps) if fixed => {
                let spot = steps
                    .first()
                    .map_or(action.spot.clone(), |step| self.spot(step));
                self.wrong(spot, "`steps` cannot be changed here", FIXED);
            }
            Some(steps) => {
                action.steps = steps
                    .iter()
                    .filter_map(|one| step::build(self, one))
                    .collect();
            }
            None => {}
        }
        if action.reply.all().next().is_none() {
            self.wrong(
                action.spot.clone(),
                format!("the action `{name}` has no reply"),
                "add reply.en = \"…\": what the operator reads when it is done",
            );
        }
        self.connector
            .actions
            .insert(name.to_owned(), Arc::new(action));
    }

    fn command(&mut self, name: &Spanned<String>) -> Option<String> {
        let text = name.get_ref().trim_start_matches('/');
        let fits = (1..=32).contains(&text.len())
            && text
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        if !fits {
            self.wrong(
                self.spot(name),
                format!("`{}` cannot be a command", name.get_ref()),
                "use 1 to 32 of a-z, 0-9 and _",
            );
        }
        fits.then(|| text.to_owned())
    }
}

const MOST_TIME: Duration = Duration::from_secs(600);
const MOST_BYTES: usize = 50_000_000;
