//! What an export takes.

use super::*;

fn chosen(place: &Place, filter: Filter) -> Vec<i32> {
    place.ids(&Options {
        filter,
        ..options(Format::Jsonl)
    })
}

#[test]
fn filters_choose_by_role_and_media() {
    let place = archive();
    let role = |wanted: Role| {
        let rules = rules();
        let bots = [100, 200];
        let of = |message: &Message| {
            crate::transcript::role(message, &rules, &|it| bots.contains(&it.0))
        };
        let all = conversation();
        let ids: Vec<i32> = all
            .iter()
            .filter(|it| of(&it.message) == wanted)
            .map(|it| it.message.id.0)
            .collect();
        ids
    };
    for wanted in [Role::Customer, Role::Operator, Role::Note, Role::Service] {
        let filter = Filter {
            roles: vec![wanted],
            ..Filter::default()
        };
        let ids = chosen(&place, filter);
        assert!(!ids.is_empty());
        assert_eq!(ids, role(wanted), "{wanted:?}");
    }
    let with = |media| {
        chosen(
            &place,
            Filter {
                media,
                ..Filter::default()
            },
        )
    };
    let photos = with(MediaFilter::Kinds(vec![MediaKind::Photo]));
    assert_eq!(photos, [5360]);
    let (any, none) = (with(MediaFilter::Any), with(MediaFilter::None));
    assert!(any.contains(&5360) && any.len() > 10, "{any:?}");
    assert!(none.contains(&5344) && !none.contains(&5343), "{none:?}");
}

#[test]
fn filters_choose_topics_by_customer_language_turns_and_state() {
    let mut place = archive();
    let everything = chosen(&place, Filter::default());
    let of_topic: Vec<i32> = (conversation().iter())
        .filter(|it| it.message.topic == TOPIC)
        .map(|it| it.message.id.0)
        .collect();
    // Anna is a customer, and her topic is the only one whose customer is known.
    let hers = Filter {
        people: vec![PersonId(987_654_321)],
        ..Filter::default()
    };
    // An operator wrote in several.
    let operator = Filter {
        people: vec![PersonId(400)],
        ..Filter::default()
    };
    let german = Filter {
        languages: vec!["de-DE".to_owned()],
        ..Filter::default()
    };
    let long = Filter {
        min_turns: 3,
        ..Filter::default()
    };
    let both = Filter {
        languages: vec!["ru".to_owned()],
        min_turns: 3,
        ..Filter::default()
    };
    for sealed in [false, true] {
        assert_eq!(chosen(&place, hers.clone()), of_topic);
        assert_eq!(chosen(&place, german.clone()), of_topic);
        assert_eq!(chosen(&place, long.clone()), of_topic);
        assert_eq!(chosen(&place, both.clone()), [0; 0]);
        let his = chosen(&place, operator.clone());
        assert!(his.contains(&5346) && his.len() < everything.len());
        let closed = Filter {
            closed: true,
            ..Filter::default()
        };
        assert_eq!(chosen(&place, closed), of_topic);
        let last = place.ids(&Options {
            filter: operator.clone(),
            last: Some(2),
            ..options(Format::Jsonl)
        });
        assert_eq!(last, his[his.len() - 2..]);
        if !sealed {
            place.seal();
        }
    }
}
