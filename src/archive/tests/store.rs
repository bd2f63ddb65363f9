//! Contents of files: whole under their final name, or not there.

use std::fs;
use std::io::Read as _;

use super::*;

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 31 % 251) as u8).collect()
}

fn begin(store: &MediaStore, file: i64, size: u64) -> Partial {
    store.begin(group(), file, "d", Some(size)).unwrap()
}

fn store(place: &Place) -> MediaStore {
    place.vault.media()
}

fn partials(store: &MediaStore) -> Vec<String> {
    let dir = fs::read_dir(store.dir().join("partial")).unwrap();
    let names = dir.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

fn read(store: &MediaStore, hash: &blake3::Hash) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut file = store.open(hash).unwrap()?;
    file.read_to_end(&mut bytes).unwrap();
    Some(bytes)
}

#[test]
fn pieces_become_a_content_under_its_hash() {
    let place = Place::new();
    let store = store(&place);
    for length in [0, 1, 255, 1_000_000] {
        let bytes = content(length);
        let mut partial = begin(&store, 5, length as u64);
        for piece in bytes.chunks(300_000) {
            partial.write(piece).unwrap();
        }
        let hash = blake3::hash(&bytes);
        assert!(read(&store, &hash).is_none(), "nothing before it is whole");
        assert_eq!(partial.finish().unwrap(), (hash, length as u64));
        assert_eq!(read(&store, &hash), Some(bytes));
        store.forget_file(group(), 5).unwrap();
        assert_eq!(partials(&store), [""; 0]);
    }
    assert_eq!(store.used().unwrap(), 1_000_256);
}

#[test]
fn the_same_content_is_kept_once() {
    let place = Place::new();
    let store = store(&place);
    for file in [5, 6] {
        let mut partial = begin(&store, file, 1000);
        partial.write(&content(1000)).unwrap();
        partial.finish().unwrap();
        store.forget_file(group(), file).unwrap();
    }
    assert_eq!(store.used().unwrap(), 1000);
}

#[test]
fn a_download_goes_on_where_it_stopped() {
    let place = Place::new();
    let store = store(&place);
    let bytes = content(1000);
    begin(&store, 5, 1000).write(&bytes[..400]).unwrap();
    begin(&store, 5, 1000).write(&bytes[400..700]).unwrap();
    let mut partial = begin(&store, 5, 1000);
    assert_eq!(partial.length(), 700);
    partial.write(&bytes[700..]).unwrap();
    assert_eq!(partial.finish().unwrap().0, blake3::hash(&bytes));
}

#[test]
fn only_what_is_known_to_be_right_is_gone_on_from() {
    let place = Place::new();
    let store = store(&place);
    let bytes = content(1000);
    let at = |name: &str| store.dir().join("partial").join(name);
    let name = format!("{}_5_d_1000", group());
    let sum = format!("{name}.sum");
    let fresh = || {
        let mut partial = begin(&store, 5, 1000);
        partial.restart().unwrap();
        partial.write(&bytes[..600]).unwrap();
    };
    let length = || begin(&store, 5, 1000).length();
    fresh();
    assert_eq!(length(), 600);
    // A piece of which the sum does not know: passed over.
    fs::write(at(&name), &bytes[..800]).unwrap();
    assert_eq!(length(), 600);
    assert_eq!(fs::metadata(at(&name)).unwrap().len(), 600);
    // Other bytes, fewer bytes, a torn sum, none: from the start.
    for spoil in 0..4 {
        fresh();
        match spoil {
            0 => fs::write(at(&name), content(601).split_off(1)).unwrap(),
            1 => fs::write(at(&name), &bytes[..599]).unwrap(),
            2 => fs::write(at(&sum), b"600 ab").unwrap(),
            _ => fs::remove_file(at(&sum)).unwrap(),
        }
        assert_eq!(length(), 0, "{spoil}");
        assert_eq!(fs::metadata(at(&name)).unwrap().len(), 0);
    }
}

#[test]
fn another_size_or_form_is_another_download() {
    let place = Place::new();
    let store = store(&place);
    begin(&store, 5, 1000).write(&content(400)).unwrap();
    begin(&store, 55, 1000).write(&content(300)).unwrap();
    assert_eq!(begin(&store, 5, 900).length(), 0);
    assert_eq!(begin(&store, 5, 1000).length(), 0, "the other was removed");
    assert_eq!(
        begin(&store, 55, 1000).length(),
        300,
        "another file's was not"
    );
    let photo = store.begin(group(), 5, "../y", None).unwrap();
    assert_eq!(photo.length(), 0);
    let name = format!("{}_5_y_x", group());
    assert!(partials(&store).contains(&name), "{:?}", partials(&store));
}

#[test]
fn what_is_left_says_what_it_is() {
    let place = Place::new();
    let store = store(&place);
    begin(&store, 5, 1000).write(&content(400)).unwrap();
    let mut whole = begin(&store, 6, 400);
    whole.write(&content(400)).unwrap();
    let (hash, length) = whole.finish().unwrap();
    let left = store.unfinished(group()).unwrap();
    let said: Vec<_> = left.iter().map(|left| (left.file, left.whole)).collect();
    assert_eq!(said, [(5, None), (6, Some((hash, length)))]);
    for left in left {
        store.forget(&left).unwrap();
    }
    assert_eq!(partials(&store), [""; 0]);
    assert!(read(&store, &hash).is_some(), "the content itself stays");
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_contents() {
    use std::os::unix::fs::PermissionsExt as _;

    let place = Place::new();
    let store = store(&place);
    let mut partial = begin(&store, 5, 3);
    partial.write(b"abc").unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for name in partials(&store) {
        assert_eq!(mode(&store.dir().join("partial").join(name)), 0o600);
    }
    let (hash, _) = partial.finish().unwrap();
    let path = store.path(&hash);
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(mode(store.dir()), 0o700);
}

proptest::proptest! {
    /// Whatever lies about in the directory of partials, nothing breaks and nothing is believed.
    #[test]
    fn leftovers_of_any_kind_are_survived(
        name in "[a-z0-9_.\\-]{1,40}", body in proptest::collection::vec(0_u8.., 0..200)
    ) {
        let place = Place::new();
        let store = store(&place);
        store.prepare().unwrap();
        let name = format!("{}_{}", group(), name);
        let partial = store.dir().join("partial");
        fs::write(partial.join(&name), &body).unwrap();
        fs::write(partial.join(format!("{name}.sum")), &body).unwrap();
        for left in store.unfinished(group()).unwrap() {
            assert!(left.whole.is_none());
            store.forget(&left).unwrap();
        }
        assert_eq!(begin(&store, 5, 10).length(), 0);
    }
}
