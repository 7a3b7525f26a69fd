//! The analysis against going through the requests of a small world.

use proptest::prelude::{ProptestConfig, proptest};
use serde_json::{Value, json};
use wh_policy::analysis::{
    Answer, Budget, IdleReason, Requests, Witness, allows_any, idle_statements, more_permissive,
};
use wh_policy::{PolicyKind, PolicySet};

use super::universe::{Asked, length, universe};
use super::worlds::{Setting, two_worlds};
use super::{named, told};

/// Whether keys may hold lists: where some statement looks at one as a set.
fn sets_are_lists(text: &str) -> bool {
    text.contains("ForAllValues") || text.contains("ForAnyValue")
}

/// What the texts of the policies tell of the answers to come.
#[derive(Debug, Clone, Copy)]
struct Expected {
    /// A variable may matter whose value is not known.
    open: bool,
    /// Values have many spellings, and the analysis does not look for the shortest.
    typed: bool,
}

#[track_caller]
fn judge(answer: &Answer, found: &[Asked], setting: &Setting, expected: Expected) {
    let Expected { open, typed } = expected;
    match answer {
        Answer::No => assert!(found.is_empty(), "not so: {:?}", found.first()),
        Answer::Unknown(because) => {
            assert!(open && because.contains("${x:v}"), "{because}");
        }
        Answer::Yes(witness) if witness.shortest => {
            let own = length(setting, &witness.resource, &witness.context);
            let own = if typed { [own[0], own[1], 0] } else { own };
            let shorter = found.iter().find(|asked| {
                let other = length(setting, &asked.resource, &asked.context);
                let other = if typed { [other[0], other[1], 0] } else { other };
                other < own
            });
            assert!(shorter.is_none(), "{} is longer than {shorter:?}", told(answer));
        }
        Answer::Yes(_) => assert!(open, "{}", told(answer)),
    }
}

fn replays(setting: &Setting, witness: &Witness, policies: &PolicySet<'_>) -> bool {
    let Witness { action, resource, context, .. } = witness.clone();
    setting.allows(policies, &Asked { action, resource, context })
}

const CASES: u32 = 120;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn the_analysis_agrees_with_enumeration(
        (family, new, old, setting) in two_worlds(), start in 0_usize..1_000_000,
    ) {
        let text = format!("{}{}", new.text(), old.text());
        let expected = Expected { open: text.contains("${x:v}"), typed: (1..5).contains(&family) };
        let (new, old) = (new.set(), old.set());
        let mut asked = universe(&setting, family, sets_are_lists(&text), start);
        asked.retain(|asked| setting.allows(&new, asked));
        let all = Requests::all();
        let answer = allows_any(&setting.access(new), &all, Budget::default());
        judge(&answer, &asked, &setting, expected);
        if let Answer::Yes(witness) = &answer {
            assert!(replays(&setting, witness, &new));
        }
        asked.retain(|asked| !setting.allows(&old, asked));
        let (with, without) = (setting.access(new), setting.access(old));
        let answer = more_permissive(&with, &without, &all, Budget::default());
        judge(&answer, &asked, &setting, expected);
        if let Answer::Yes(witness) = &answer {
            assert!(replays(&setting, witness, &new) && !replays(&setting, witness, &old));
        }
    }

    #[test]
    fn only_requests_in_the_set_are_looked_at(
        (family, world, set, setting) in two_worlds(), start in 0_usize..1_000_000,
    ) {
        let text = format!("{}{}", world.text(), set.text());
        let expected = Expected { open: text.contains("${x:v}"), typed: (1..5).contains(&family) };
        let Some(described) = set.identity.first() else { return Ok(()) };
        let among = Requests::of(&described.document);
        let described = PolicySet { identity: std::slice::from_ref(described), ..PolicySet::default() };
        let mut asked = universe(&setting, family, sets_are_lists(&text), start);
        let world = world.set();
        let plain = Setting { owner: super::account(super::ACCOUNT), ..setting.clone() };
        let own = plain.subject.account() == Some(super::ACCOUNT)
            && !plain.subject.display_name().contains(":root")
            && !plain.subject.display_name().contains("federated");
        // An identity policy alone describes the same set, but for actions that it does not decide.
        asked.retain(|asked| {
            own && asked.action.as_str().starts_with("s3:")
                && plain.allows(&described, asked)
                && setting.allows(&world, asked)
        });
        let answer = allows_any(&setting.access(world), &among, Budget::default());
        let malformed = matches!(&answer, Answer::Unknown(because) if because.contains("malformed"));
        if !malformed {
            judge(&answer, &asked, &setting, expected);
        }
    }

    #[test]
    fn more_denials_are_never_more_and_more_grants_never_less(
        (_, world, other, setting) in two_worlds(),
    ) {
        let policies = world.set();
        let compare = |new: PolicySet<'_>, old: PolicySet<'_>| {
            let (new, old) = (setting.access(new), setting.access(old));
            more_permissive(&new, &old, &Requests::all(), Budget::default())
        };
        assert_eq!(compare(policies, policies), Answer::No);
        for (effect, grants) in [("Allow", true), ("Deny", false)] {
            let mut more = world.identity.clone();
            more.extend(other.identity.iter().map(|policy| only(&policy.document.to_json(), effect)));
            let with = PolicySet { identity: &more, ..policies };
            let answer = if grants { compare(policies, with) } else { compare(with, policies) };
            assert_eq!(answer, Answer::No, "{effect}");
        }
    }

    #[test]
    fn idle_statements_can_go(
        (family, world, _, setting) in two_worlds(), start in 0_usize..1_000_000,
    ) {
        let Some(policy) = world.identity.first() else { return Ok(()) };
        let lists = sets_are_lists(&world.text());
        let with = PolicySet { identity: std::slice::from_ref(policy), ..world.set() };
        let asked = universe(&setting, family, lists, start);
        let idle = idle_statements(&setting.access(with), Budget::default());
        let known = |idle: &&wh_policy::analysis::Idle| !matches!(idle.reason, IdleReason::Unknown(_));
        for idle in idle.iter().filter(known).filter(|idle| idle.policy == policy.name) {
            let without = [without(&policy.document.to_json(), idle.number)];
            let without = PolicySet { identity: &without, ..with };
            let differs = asked.iter().find(|a| setting.allows(&with, a) != setting.allows(&without, a));
            assert!(differs.is_none(), "{idle:?} matters for {differs:?}");
        }
    }
}

/// The statements of a policy.
fn statements(text: &str) -> Vec<Value> {
    let json: Value = serde_json::from_str(text).expect("JSON");
    let statements = &json["Statement"];
    statements.as_array().cloned().unwrap_or_else(|| vec![statements.clone()])
}

/// The policy with its statements of one effect.
fn only(text: &str, effect: &str) -> wh_policy::NamedPolicy {
    let mut statements = statements(text);
    statements.retain(|statement| statement["Effect"] == effect);
    named(&json!(statements), PolicyKind::Identity)
}

/// The policy without one of its statements.
fn without(text: &str, number: usize) -> wh_policy::NamedPolicy {
    let mut statements = statements(text);
    statements.remove(number - 1);
    named(&json!(statements), PolicyKind::Identity)
}
