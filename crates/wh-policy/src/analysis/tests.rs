//! What the pieces of the analysis have to keep among themselves.

use super::automaton::Form;
use super::language::Language;
use super::pattern::Pattern;
use super::text::{Demand, Sought, seek};
use crate::condition::Typed;
use crate::glob::compile;
use crate::operator::{Family, Order};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::sample::{select, subsequence};

pub(super) fn is_action(text: &str) -> bool {
    wh_names::Action::parse(text).is_ok()
}

/// How a family of typed values is written in conditions, and texts that requests may hold.
type Kind = (Vec<Family>, &'static [&'static str], &'static [&'static str]);

fn kinds() -> [Kind; 4] {
    let orders =
        [Order::Equal, Order::Less, Order::LessOrEqual, Order::Greater, Order::GreaterOrEqual];
    [
        (
            orders.map(Family::Numeric).to_vec(),
            &["-2", "-1.5", "0", "0.001", "1", "1.0", "2", "1e2"],
            &[
                "-3", "-1.7", "-1.5", "-1", "0", "0.0005", "0.001", "0.5", "1", "1.5", "2", "50",
                "100", "101", "x",
            ],
        ),
        (
            orders.map(Family::Date).to_vec(),
            &["2026", "2026-01-01T00:00:01Z", "0", "-1", "99999999999999"],
            &[
                "2025",
                "2026",
                "2026-01-01T00:00:00.5Z",
                "1",
                "-0.5",
                "-2",
                "2027",
                "999999999999990",
                "x",
            ],
        ),
        (
            vec![Family::IpAddress],
            &[
                "10.0.0.0/8",
                "10.0.0.0/7",
                "10.1.0.0/16",
                "0.0.0.0/0",
                "::/0",
                "::/80",
                "2001:db8::/32",
                "::ffff:0:0/95",
            ],
            &[
                "9.9.9.9",
                "10.0.0.1",
                "10.1.2.3",
                "11.1.1.1",
                "255.255.255.255",
                "::1",
                "2001:db8::7",
                "ffff::",
                "::fffe:1:1",
                "::1:0:0:7",
                "::ffff:10.1.1.1",
                "x",
            ],
        ),
        (
            vec![Family::Binary],
            &["", "AA==", "AAA=", "AQ=="],
            &["", "AA==", "AAA=", "AQ==", "Ag==", "!"],
        ),
    ]
}

fn tests_of_a_kind() -> impl Strategy<Value = (usize, Vec<(Typed, bool)>)> {
    (0..4_usize).prop_flat_map(|kind| {
        let (families, values, _) = kinds()[kind].clone();
        let test = (select(families), subsequence(values.to_vec(), 1..=2), any::<bool>());
        let test = test.prop_map(|(family, values, inside)| {
            let values: Vec<String> = values.into_iter().map(str::to_owned).collect();
            (Typed::read(family, &values, false).expect("values"), inside)
        });
        (proptest::strategy::Just(kind), vec(test, 1..5))
    })
}

fn sought(languages: &[(Language<'_>, bool)]) -> Sought {
    let demands = languages.iter().enumerate();
    let demands =
        demands.map(|(number, (language, inside))| Demand { number, language, inside: *inside });
    seek(Form::Text, &demands.collect::<Vec<_>>(), &mut 100_000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn one_value_of_each_piece_stands_for_all((kind, tests) in tests_of_a_kind()) {
        let languages: Vec<(Language<'_>, bool)> =
            tests.iter().map(|(typed, inside)| (Language::Typed(typed), *inside)).collect();
        let fits = |text: &str| languages.iter().all(|(l, inside)| l.holds(text) == *inside);
        let (_, _, asked) = kinds()[kind].clone();
        match sought(&languages) {
            Sought::Text(text) => assert!(fits(&text), "{text}"),
            Sought::Nothing(_) => {
                let found = asked.iter().find(|text| fits(text));
                assert_eq!(found, None);
            }
            Sought::Unclear(because) => panic!("{because}"),
        }
    }

    #[test]
    fn text_that_is_also_a_number_is_never_guessed(
        (kind, tests) in tests_of_a_kind(),
        texts in vec((prop_oneof!["[0-9a*?.]{0,3}", "(10|1|x|::1|AA==|2026)"], any::<bool>()), 1..3),
    ) {
        let patterns: Vec<Vec<Pattern>> =
            texts.iter().map(|(text, _)| vec![Pattern::glob(&compile(text))]).collect();
        let mut languages: Vec<(Language<'_>, bool)> =
            tests.iter().map(|(typed, inside)| (Language::Typed(typed), *inside)).collect();
        let of_text = patterns.into_iter().zip(&texts);
        languages.extend(of_text.map(|(p, (_, inside))| (Language::Regular(p), *inside)));
        let fits = |text: &str| languages.iter().all(|(l, inside)| l.holds(text) == *inside);
        let (_, _, asked) = kinds()[kind].clone();
        let plain = ["1", "10", "0", "a", "", "5.5", "1.5", "::1", "00", "2026"];
        match sought(&languages) {
            Sought::Text(text) => assert!(fits(&text), "{text}"),
            Sought::Nothing(core) => {
                let found = asked.iter().chain(&plain).find(|text| fits(text));
                assert_eq!(found, None);
                let blamed = languages.into_iter().enumerate().filter(|(at, _)| core.contains(at));
                let again = sought(&blamed.map(|(_, language)| language).collect::<Vec<_>>());
                assert!(matches!(again, Sought::Nothing(_)), "{again:?}");
            }
            Sought::Unclear(_) => {}
        }
    }
}
