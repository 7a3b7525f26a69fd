//! The automaton against trying all short texts.

use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, prop_oneof, proptest};
use proptest::sample::select;

use super::{Form, Found, Wanted, shortest};
use crate::analysis::pattern::Pattern;
use crate::glob::compile;

fn texts() -> Vec<String> {
    let mut out = vec![String::new()];
    let mut last = out.clone();
    for _ in 0..5 {
        last = last.iter().flat_map(|t| ["a", "b", ":"].map(|c| format!("{t}{c}"))).collect();
        out.extend(last.clone());
    }
    out
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let plain = "[ab:*?]{0,6}".prop_map(|text| Pattern::glob(&compile(&text)));
    let folded = "[abAB]{0,4}".prop_map(|text| Pattern::folded(&text).expect("plain letters"));
    prop_oneof![6 => plain, 1 => folded, 1 => Just(Pattern::any())]
}

fn languages(most: usize) -> impl Strategy<Value = Vec<Vec<Pattern>>> {
    vec(vec(pattern(), 0..3), 0..=most)
}

fn forms() -> impl Strategy<Value = Form> {
    select(vec![Form::Text, Form::Filled, Form::Field, Form::FilledField])
}

fn has_form(form: Form, text: &str) -> bool {
    match form {
        Form::Text => true,
        Form::Filled => !text.is_empty(),
        Form::Field => !text.contains(':'),
        Form::FilledField => !text.is_empty() && !text.contains(':'),
        Form::Action => crate::analysis::tests::is_action(text),
    }
}

fn fits(wanted: &Wanted<'_>, text: &str) -> bool {
    let within = |language: &&[Pattern]| language.iter().any(|pattern| pattern.matches(text));
    has_form(wanted.form, text)
        && wanted.required.iter().all(within)
        && !wanted.forbidden.iter().any(within)
}

fn wanted<'q>(
    form: Form,
    required: &'q [Vec<Pattern>],
    forbidden: &'q [Vec<Pattern>],
) -> Wanted<'q> {
    let slices = |all: &'q [Vec<Pattern>]| all.iter().map(Vec::as_slice).collect();
    Wanted { form, required: slices(required), forbidden: slices(forbidden) }
}

fn chosen<T: Clone>(all: &[T], places: &[usize]) -> Vec<T> {
    places.iter().map(|at| all[*at].clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn what_is_found_is_a_shortest_text(
        form in forms(), required in languages(2), forbidden in languages(3),
    ) {
        let wanted = wanted(form, &required, &forbidden);
        let all = texts();
        let first = all.iter().find(|text| fits(&wanted, text));
        match shortest(&wanted, &mut 100_000) {
            Found::Text(text) => {
                assert!(fits(&wanted, &text), "{text}");
                let least = first.map_or(usize::MAX, |first| first.chars().count());
                assert!(text.chars().count() <= least, "{text} is longer than {first:?}");
            }
            Found::Nothing { .. } => assert_eq!(first, None),
            Found::Exhausted => panic!("so few patterns need few states"),
        }
    }

    #[test]
    fn the_languages_to_blame_are_enough(
        form in forms(), required in languages(3), forbidden in languages(4),
    ) {
        let found = shortest(&wanted(form, &required, &forbidden), &mut 100_000);
        if let Found::Nothing { required: some, forbidden: others } = found {
            let (required, forbidden) = (chosen(&required, &some), chosen(&forbidden, &others));
            let again = shortest(&wanted(form, &required, &forbidden), &mut 100_000);
            assert!(matches!(again, Found::Nothing { .. }), "{again:?}");
        }
    }

    #[test]
    fn a_pattern_that_covers_another_matches_all_that_it_matches(
        wide in "[ab*?]{0,5}", narrow in "[ab*?]{0,5}",
    ) {
        let one = |text: &str| vec![vec![Pattern::glob(&compile(text))]];
        let (wide, narrow) = (one(&wide), one(&narrow));
        let found = shortest(&wanted(Form::Text, &narrow, &wide), &mut 100_000);
        if wide[0][0].covers(&narrow[0][0]) {
            assert!(matches!(found, Found::Nothing { .. }), "{found:?}");
        }
    }

    #[test]
    fn fields_of_arns_do_not_cross_colons(
        head in "[ab*?]{0,3}", rest in "[ab:*?]{0,3}", other in "[ab:*?]{0,4}",
    ) {
        let heads = ["arn", "a", &head, "", &head].map(compile);
        let head = heads.each_ref().map(AsRef::as_ref);
        let arns = vec![vec![Pattern::arn(head, &compile(&rest)).expect("a pattern")]];
        let texts = vec![vec![Pattern::glob(&compile(&format!("arn:a:{other}")))]];
        let wanted = wanted(Form::Text, &arns, &texts);
        let all: Vec<String> = texts_of_arns();
        let first = all.iter().filter(|t| fits(&wanted, t)).map(|t| t.chars().count()).min();
        match shortest(&wanted, &mut 100_000) {
            Found::Text(text) => {
                assert!(fits(&wanted, &text), "{text}");
                assert!(text.chars().count() <= first.unwrap_or(usize::MAX));
            }
            Found::Nothing { .. } => assert_eq!(first, None),
            Found::Exhausted => panic!("so few patterns need few states"),
        }
    }
}

fn texts_of_arns() -> Vec<String> {
    let short = ["", "a", "b", "ab", "ba", "aa", "a:b", ":"];
    let mut out = Vec::new();
    for one in short {
        for two in short {
            out.extend(short.iter().map(|rest| format!("arn:a:{one}::{two}:{rest}")));
        }
    }
    out
}

#[test]
fn an_action_has_a_service_and_a_name() {
    let any = vec![vec![Pattern::any()]];
    let none = vec![vec![Pattern::glob(&compile("a*"))], vec![Pattern::glob(&compile("b:?"))]];
    let found = shortest(&wanted(Form::Action, &any, &none), &mut 1_000);
    assert!(matches!(&found, Found::Text(text) if text.len() == 3 && has_form(Form::Action, text)));
    let dots = vec![vec![Pattern::glob(&compile("s3.*"))]];
    let found = shortest(&wanted(Form::Action, &dots, &[]), &mut 1_000);
    assert!(matches!(found, Found::Nothing { .. }));
}

#[test]
fn states_run_out() {
    let marks = "?".repeat(16);
    let one = |text: String| vec![Pattern::glob(&compile(&text))];
    let required = vec![one(format!("*a{marks}*"))];
    let forbidden = vec![one(format!("*a{marks}")), one(format!("*a{marks}?*"))];
    assert_eq!(shortest(&wanted(Form::Text, &required, &forbidden), &mut 500), Found::Exhausted);
}
