//! A little SOQL: `SELECT a, b FROM Contact WHERE c = 'x' AND d = null LIMIT 5`.

use super::object::{Contact, FIELDS, OBJECT, Wrong, named, wrong};

/// A query.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) fields: Vec<&'static str>,
    /// Fields and what they have to be; `None` is null.
    conditions: Vec<(&'static str, Option<String>)>,
    pub(super) limit: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Comma,
    Equals,
}

impl Query {
    pub(super) fn read(text: &str) -> Result<Self, Wrong> {
        let tokens = tokens(text)?;
        let mut tokens = tokens.iter().peekable();
        keyword(tokens.next(), "SELECT")?;
        let mut fields = Vec::new();
        loop {
            fields.push(column(tokens.next())?);
            if tokens.next_if_eq(&&Token::Comma).is_none() {
                break;
            }
        }
        keyword(tokens.next(), "FROM")?;
        match tokens.next() {
            Some(Token::Word(object)) if object.eq_ignore_ascii_case(OBJECT) => {}
            Some(Token::Word(object)) => {
                let message = format!("sObject type '{object}' is not supported.");
                return Err(wrong("INVALID_TYPE", message, &[]));
            }
            other => return Err(unexpected(other)),
        }
        let mut query = Self {
            fields,
            conditions: Vec::new(),
            limit: None,
        };
        if tokens.next_if(|token| is(token, "WHERE")).is_some() {
            loop {
                let field = column(tokens.next())?;
                if FIELDS
                    .iter()
                    .any(|known| known.name == field && !known.filtered)
                {
                    let message = format!("field '{field}' can not be filtered in a query call");
                    return Err(wrong("INVALID_FIELD", message, &[]));
                }
                if tokens.next() != Some(&Token::Equals) {
                    return Err(malformed("expecting '='"));
                }
                let value = match tokens.next() {
                    Some(Token::Text(text)) => Some(text.clone()),
                    Some(token) if is(token, "NULL") => None,
                    other => return Err(unexpected(other)),
                };
                query.conditions.push((field, value));
                if tokens.next_if(|token| is(token, "AND")).is_none() {
                    break;
                }
            }
        }
        if tokens.next_if(|token| is(token, "LIMIT")).is_some() {
            query.limit = match tokens.next() {
                Some(Token::Word(number)) => {
                    Some(number.parse().map_err(|_| malformed("invalid LIMIT"))?)
                }
                other => return Err(unexpected(other)),
            };
        }
        match tokens.next() {
            None => Ok(query),
            other => Err(unexpected(other)),
        }
    }

    /// Whether a contact fits. Text is compared without regard to case, as Salesforce does.
    pub(super) fn fits(&self, contact: &Contact) -> bool {
        self.conditions
            .iter()
            .all(|(field, wanted)| match (contact.value(field), wanted) {
                (Some(value), Some(wanted)) => value.to_lowercase() == wanted.to_lowercase(),
                (None, None) => true,
                (Some(_), None) | (None, Some(_)) => false,
            })
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, Wrong> {
    let mut tokens = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            letter if letter.is_whitespace() => {}
            ',' => tokens.push(Token::Comma),
            '=' => tokens.push(Token::Equals),
            '\'' => {
                let mut text = String::new();
                loop {
                    match letters.next() {
                        Some('\'') => break,
                        Some('\\') => match letters.next() {
                            Some(escaped @ ('\'' | '\\' | '"')) => text.push(escaped),
                            Some('n' | 'N') => text.push('\n'),
                            Some('r' | 'R') => text.push('\r'),
                            Some('t' | 'T') => text.push('\t'),
                            _ => return Err(malformed("invalid escape")),
                        },
                        Some(letter) => text.push(letter),
                        None => return Err(malformed("unterminated string")),
                    }
                }
                tokens.push(Token::Text(text));
            }
            letter if letter.is_ascii_alphanumeric() || letter == '_' => {
                let mut word = letter.to_string();
                while let Some(next) =
                    letters.next_if(|next| next.is_ascii_alphanumeric() || *next == '_')
                {
                    word.push(next);
                }
                tokens.push(Token::Word(word));
            }
            other => return Err(malformed(&format!("unexpected '{other}'"))),
        }
    }
    Ok(tokens)
}

fn is(token: &Token, keyword: &str) -> bool {
    matches!(token, Token::Word(word) if word.eq_ignore_ascii_case(keyword))
}

fn keyword(token: Option<&Token>, keyword: &str) -> Result<(), Wrong> {
    match token {
        Some(token) if is(token, keyword) => Ok(()),
        other => Err(unexpected(other)),
    }
}

fn column(token: Option<&Token>) -> Result<&'static str, Wrong> {
    let Some(Token::Word(name)) = token else {
        return Err(unexpected(token));
    };
    named(name).ok_or_else(|| {
        let message = format!("No such column '{name}' on entity '{OBJECT}'.");
        wrong("INVALID_FIELD", message, &[])
    })
}

fn unexpected(token: Option<&Token>) -> Wrong {
    let what = match token {
        None => "<EOF>".to_owned(),
        Some(Token::Word(word)) => format!("'{word}'"),
        Some(Token::Text(_)) => "a string".to_owned(),
        Some(Token::Comma) => "','".to_owned(),
        Some(Token::Equals) => "'='".to_owned(),
    };
    malformed(&format!("unexpected token: {what}"))
}

fn malformed(message: &str) -> Wrong {
    wrong("MALFORMED_QUERY", message, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_read() {
        let query = Query::read(
            "select id, lastname from CONTACT where Telegram_Id__c = 'it\\'s' AND phone = null limit 5",
        );
        let query = query.unwrap();
        assert_eq!(query.fields, ["Id", "LastName"]);
        assert_eq!(
            query.conditions,
            [("Telegram_Id__c", Some("it's".to_owned())), ("Phone", None)]
        );
        assert_eq!(query.limit, Some(5));
    }

    #[test]
    fn what_is_no_query_is_named() {
        for (text, code) in [
            ("", "MALFORMED_QUERY"),
            ("SELECT Id", "MALFORMED_QUERY"),
            (
                "SELECT Id FROM Contact WHERE LastName = 'x",
                "MALFORMED_QUERY",
            ),
            (
                "SELECT Id FROM Contact WHERE LastName = x",
                "MALFORMED_QUERY",
            ),
            (
                "SELECT Id FROM Contact WHERE LastName = 'a' OR Id = 'b'",
                "MALFORMED_QUERY",
            ),
            (
                "SELECT Id FROM Contact WHERE LastName = 'x'' '",
                "MALFORMED_QUERY",
            ),
            ("SELECT Shoe FROM Contact", "INVALID_FIELD"),
            (
                "SELECT Id FROM Contact WHERE Description = 'x'",
                "INVALID_FIELD",
            ),
            ("SELECT Id FROM Lead", "INVALID_TYPE"),
        ] {
            assert_eq!(Query::read(text).unwrap_err().code, code, "{text}");
        }
    }
}
