//! Two-step passwords: the server's side of <https://core.telegram.org/api/srp>.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use grammers_tl_types::{enums, types};
use num_bigint::BigUint;
use sha2::{Digest, Sha256, Sha512};

/// The safe prime that Telegram itself uses, with generator 3: clients check both.
const PRIME: &str = "c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f\
48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c37\
20fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f64\
2477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4\
a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754\
fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4\
e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f\
0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b";
/// The generator that goes with it.
pub(super) const GENERATOR: u32 = 3;
const ITERATIONS: u32 = 100_000;

/// The server's half of one password check.
#[derive(Clone)]
pub(super) struct Round {
    id: i64,
    secret: BigUint,
    public: Vec<u8>,
    verifier: BigUint,
    salts: Salts,
}

impl std::fmt::Debug for Round {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Round")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Salts {
    first: Vec<u8>,
    second: Vec<u8>,
}

/// Begins a check of `password`. Everything random in it follows from `seed` and `turn`.
/// Takes the better part of a second in an unoptimised build, the first time for a password.
pub(super) fn begin(password: &str, seed: u64, user: i64, turn: u64) -> Round {
    let salts = Salts {
        first: noise(&format!("srp salt 1:{seed}:{user}"), 40),
        second: noise(&format!("srp salt 2:{seed}:{user}"), 16),
    };
    let prime = prime();
    let generator = BigUint::from(GENERATOR);
    let verifier = verifier(password, &salts);
    let secret = BigUint::from_bytes_be(&noise(&format!("srp b:{seed}:{user}:{turn}"), 256));
    let public = (multiplier() * &verifier + generator.modpow(&secret, &prime)) % &prime;
    let id = noise(&format!("srp id:{seed}:{user}:{turn}"), 8);
    Round {
        id: i64::from_le_bytes(id.try_into().unwrap_or_default()),
        secret,
        public: pad(&public),
        verifier,
        salts,
    }
}

impl Round {
    /// What `account.getPassword` answers.
    pub(super) fn describe(&self) -> types::account::Password {
        let algorithm = self.algorithm();
        let secure_random = noise(&format!("secure random:{}", self.id), 256);
        types::account::Password {
            has_recovery: false,
            has_secure_values: false,
            has_password: true,
            current_algo: Some(algorithm.clone()),
            srp_b: Some(self.public.clone()),
            srp_id: Some(self.id),
            hint: None,
            email_unconfirmed_pattern: None,
            new_algo: algorithm,
            new_secure_algo: enums::SecurePasswordKdfAlgo::Unknown,
            secure_random,
            pending_reset_date: None,
            login_email_pattern: None,
        }
    }

    fn algorithm(&self) -> enums::PasswordKdfAlgo {
        types::PasswordKdfAlgoSha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow {
            salt1: self.salts.first.clone(),
            salt2: self.salts.second.clone(),
            g: 3,
            p: pad(&prime()),
        }
        .into()
    }

    /// Whether the client knows the password; `Err` if it answers another round.
    pub(super) fn check(&self, answer: &types::InputCheckPasswordSrp) -> Result<bool, ()> {
        if answer.srp_id != self.id {
            return Err(());
        }
        let prime = prime();
        let client = BigUint::from_bytes_be(&answer.a);
        // A multiple of the prime would make the shared secret 0 without any password.
        if answer.a.len() > 256 || &client % &prime == BigUint::ZERO {
            return Ok(false);
        }
        let a = pad(&client);
        let u = BigUint::from_bytes_be(&sha256(&[&a, &self.public]));
        let base = client * self.verifier.modpow(&u, &prime) % &prime;
        let shared = sha256(&[&pad(&base.modpow(&self.secret, &prime))]);
        let hash_of_prime = sha256(&[&pad(&prime)]);
        let hash_of_generator = sha256(&[&pad(&BigUint::from(GENERATOR))]);
        let mixed: Vec<u8> = hash_of_prime
            .iter()
            .zip(hash_of_generator)
            .map(|(one, other)| one ^ other)
            .collect();
        let expected = sha256(&[
            &mixed,
            &sha256(&[&self.salts.first]),
            &sha256(&[&self.salts.second]),
            &a,
            &self.public,
            &shared,
        ]);
        Ok(expected.as_slice() == answer.m1)
    }
}

/// The group in which passwords are checked and keys agreed on.
pub(super) fn prime() -> BigUint {
    BigUint::parse_bytes(PRIME.as_bytes(), 16).unwrap_or_default()
}

fn multiplier() -> BigUint {
    let generator = pad(&BigUint::from(GENERATOR));
    BigUint::from_bytes_be(&sha256(&[&pad(&prime()), &generator]))
}

/// `g^x mod p`, where `x` follows from password and salts. Kept, because a hundred thousand
/// rounds of HMAC for every login would dominate the tests.
fn verifier(password: &str, salts: &Salts) -> BigUint {
    static KNOWN: Mutex<BTreeMap<(String, Salts), BigUint>> = Mutex::new(BTreeMap::new());
    let name = (password.to_owned(), salts.clone());
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(verifier) = known().get(&name) {
        return verifier.clone();
    }
    let salted = |data: &[u8], salt: &[u8]| -> [u8; 32] { sha256(&[salt, data, salt]) };
    let first = salted(&salted(password.as_bytes(), &salts.first), &salts.second);
    let mut stretched = [0; 64];
    pbkdf2::pbkdf2_hmac::<Sha512>(&first, &salts.first, ITERATIONS, &mut stretched);
    let x = BigUint::from_bytes_be(&salted(&stretched, &salts.second));
    let verifier = BigUint::from(GENERATOR).modpow(&x, &prime());
    known().insert(name, verifier.clone());
    verifier
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// Big-endian, 256 bytes.
pub(super) fn pad(number: &BigUint) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    let mut padded = vec![0; 256_usize.saturating_sub(bytes.len())];
    padded.extend(bytes);
    padded
}

fn noise(of: &str, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new()
        .update(of.as_bytes())
        .finalize_xof()
        .fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use grammers_crypto::two_factor_auth::{calculate_2fa, check_p_and_g};

    use super::*;

    fn answer(round: &Round, password: &str) -> types::InputCheckPasswordSrp {
        let secret = noise("client", 256);
        let (m1, a) = calculate_2fa(
            &round.salts.first,
            &round.salts.second,
            &pad(&prime()),
            &3,
            round.public.clone(),
            secret,
            password,
        );
        types::InputCheckPasswordSrp {
            srp_id: round.id,
            a: a.to_vec(),
            m1: m1.to_vec(),
        }
    }

    #[test]
    fn only_the_right_password_passes() {
        assert!(check_p_and_g(&pad(&prime()), &3));
        let round = begin("correct horse", 1, 42, 0);
        let right = answer(&round, "correct horse");
        assert_eq!(round.check(&right), Ok(true));
        assert_eq!(round.check(&answer(&round, "wrong")), Ok(false));
        let other = begin("correct horse", 1, 42, 1);
        assert_eq!(other.check(&right), Err(()));
    }

    #[test]
    fn a_client_that_sends_zero_is_refused() {
        let round = begin("correct horse", 1, 42, 0);
        let answer = types::InputCheckPasswordSrp {
            srp_id: round.id,
            a: pad(&prime()),
            m1: vec![0; 32],
        };
        assert_eq!(round.check(&answer), Ok(false));
    }
}
