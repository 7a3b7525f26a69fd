//! The simulator decides as the gate does, and says where.

use wh_authority::{
    ContextValue, GroupCall, Holder, IamReply, IamRequest as R, Place, PolicyCall, SimulateCall,
    Simulation, SimulationResult, UserCall as U,
};
use wh_names::{GroupName, UserName};

use crate::kit::{Kit, create, role, trust};

const READ: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*"}]}"#;
const NOT_TAPE: &str = "{\"Version\":\"2012-10-17\",\n\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::b/tape/*\"}]}";
const HOME: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:PrincipalTag/team}/*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}]}"#;

fn ask(action: &str, resource: &str) -> Simulation {
    let (actions, resources) = (vec![action.to_owned()], vec![resource.to_owned()]);
    Simulation { actions, resources, ..Simulation::default() }
}

async fn run(kit: &Kit, call: SimulateCall) -> SimulationResult {
    let IamReply::Simulated(mut results) = kit.iam(R::Simulate(call)).await else {
        panic!("no results")
    };
    assert_eq!(results.len(), 1);
    results.remove(0)
}

async fn custom(kit: &Kit, policies: &[&str], ask: Simulation) -> SimulationResult {
    let policies = policies.iter().map(|text| (*text).to_owned()).collect();
    run(kit, SimulateCall::Custom(Simulation { policies, ..ask })).await
}

#[tokio::test]
async fn given_policies_are_judged_by_the_engine_and_the_statement_is_pointed_at() {
    let kit = Kit::build().await;
    let both = [READ, NOT_TAPE];
    let allowed = custom(&kit, &both, ask("s3:GetObject", "arn:aws:s3:::b/x")).await;
    assert_eq!((allowed.decision, allowed.matched.len()), ("allowed", 1));
    assert_eq!(allowed.matched[0].source, "PolicyInputList.1");
    let denied = custom(&kit, &both, ask("s3:GetObject", "arn:aws:s3:::b/tape/x")).await;
    assert_eq!(denied.decision, "explicitDeny");
    assert_eq!(denied.matched[0].source, "PolicyInputList.2");
    let begin = Place { line: 2, column: 14 };
    assert_eq!(denied.matched[0].place.map(|(begin, _)| begin), Some(begin));
    let silent = custom(&kit, &both, ask("s3:PutObject", "arn:aws:s3:::b/x")).await;
    assert_eq!((silent.decision, silent.matched.len()), ("implicitDeny", 0));
    let nowhere = Simulation { resources: Vec::new(), ..ask("s3:GetObject", "*") };
    assert_eq!(custom(&kit, &both, nowhere).await.decision, "implicitDeny");
    let bounded = Simulation {
        boundary: Some(READ.replace("s3:Get*", "s3:Put*")),
        ..ask("s3:GetObject", "arn:aws:s3:::b/x")
    };
    let bounded = custom(&kit, &both, bounded).await;
    assert_eq!((bounded.decision, bounded.boundary_allows), ("implicitDeny", Some(false)));
}

#[tokio::test]
async fn what_a_request_lacks_is_named() {
    let kit = Kit::build().await;
    let at = ask("s3:GetObject", "arn:aws:s3:::b/red/x");
    let lacking = custom(&kit, &[HOME], at.clone()).await;
    assert_eq!(lacking.decision, "implicitDeny");
    assert_eq!(lacking.missing, ["aws:principaltag/team", "aws:securetransport"]);
    let one = |key: &str, value: &str| (key.to_owned(), ContextValue::One(value.to_owned()));
    let context = vec![one("aws:PrincipalTag/Team", "red"), one("aws:SecureTransport", "true")];
    let whole = custom(&kit, &[HOME], Simulation { context, ..at }).await;
    assert_eq!((whole.decision, whole.missing.len()), ("allowed", 0));
    let keys = SimulateCall::CustomKeys { policies: vec![HOME.to_owned()] };
    let keys = kit.iam(R::Simulate(keys)).await;
    let named = ["aws:principaltag/team", "aws:securetransport"].map(str::to_owned);
    assert_eq!(keys, IamReply::ContextKeys(named.into()));
}

#[tokio::test]
async fn a_principal_is_simulated_with_its_groups_boundary_and_tags() {
    let kit = Kit::build().await;
    let (user, group) =
        (UserName::parse("tool").expect("a name"), GroupName::parse("g").expect("a name"));
    let tags = vec![("team".to_owned(), "red".to_owned())];
    let (path, boundary) = ("/".to_owned(), None);
    kit.iam(R::User(user.clone(), U::Create { path: path.clone(), boundary, tags })).await;
    kit.iam(R::Group(group.clone(), GroupCall::Create { path })).await;
    kit.iam(R::Group(group.clone(), GroupCall::AddUser { user: user.clone() })).await;
    let put = |on, text: &str| {
        let (name, document) = ("p".to_owned(), text.to_owned());
        R::Policies(on, PolicyCall::PutInline { name, document })
    };
    kit.iam(put(Holder::User(user.clone()), READ)).await;
    kit.iam(put(Holder::Group(group), NOT_TAPE)).await;
    let source = "arn:aws:iam::111122223333:user/tool".to_owned();
    let principal = |ask| SimulateCall::Principal { source: source.clone(), ask };
    let denied = run(&kit, principal(ask("s3:GetObject", "arn:aws:s3:::b/tape/x"))).await;
    assert_eq!((denied.decision, denied.matched[0].kind), ("explicitDeny", "group"));
    assert_eq!(denied.matched[0].place.map(|(begin, _)| begin.line), Some(2), "the group's text");
    let mut with = ask("s3:PutObject", "arn:aws:s3:::b/red/x");
    with.policies = vec![HOME.to_owned()];
    with.context = vec![("aws:SecureTransport".to_owned(), ContextValue::One("true".to_owned()))];
    assert_eq!(run(&kit, principal(with)).await.decision, "allowed");
    let ec2 = trust(r#"{"Service":"ec2.amazonaws.com"}"#, r#""sts:AssumeRole""#, "");
    kit.iam(R::CreateRole(create("Reader", ec2))).await;
    let (name, document) = ("p".to_owned(), READ.to_owned());
    kit.iam(R::PutRolePolicy { role: role("Reader"), name, document }).await;
    let source = "arn:aws:iam::111122223333:role/Reader".to_owned();
    let ask = ask("s3:GetObject", "arn:aws:s3:::b/x");
    let read = run(&kit, SimulateCall::Principal { source, ask: ask.clone() }).await;
    assert_eq!((read.decision, read.matched[0].kind), ("allowed", "role"));
    let source = "arn:aws:iam::111122223333:user/nobody".to_owned();
    let nobody = R::Simulate(SimulateCall::Principal { source, ask });
    assert_eq!(kit.try_iam(nobody).await.map_err(|e| e.code()).err(), Some("NoSuchEntity"));
}
