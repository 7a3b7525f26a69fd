//! The simulator over the wire.

use wh_authority::{
    ContextValue, IamRequest, MatchedStatement, Place, SimulateCall, Simulation, SimulationResult,
};

use crate::fault::Fault;
use crate::query::form::{Form, Xml, invalid};
use crate::query::page::{Page, write_next};
use crate::query::unknown_action;

/// Reads a request to the simulator.
pub(super) fn read(action: &str, form: &mut Form) -> Result<IamRequest, Fault> {
    let source = |form: &mut Form| form.need("PolicySourceArn");
    Ok(IamRequest::Simulate(match action {
        "SimulateCustomPolicy" => SimulateCall::Custom(read_simulation(form)?),
        "SimulatePrincipalPolicy" => {
            SimulateCall::Principal { source: source(form)?, ask: read_simulation(form)? }
        }
        "GetContextKeysForCustomPolicy" => {
            SimulateCall::CustomKeys { policies: form.list("PolicyInputList") }
        }
        "GetContextKeysForPrincipalPolicy" => SimulateCall::PrincipalKeys {
            source: source(form)?,
            policies: form.list("PolicyInputList"),
        },
        _ => return Err(unknown_action(action)),
    }))
}

fn read_simulation(form: &mut Form) -> Result<Simulation, Fault> {
    let mut boundaries = form.list("PermissionsBoundaryPolicyInputList");
    if boundaries.len() > 1 {
        let why = "PermissionsBoundaryPolicyInputList may hold one policy.".to_owned();
        return Err(invalid(why));
    }
    Ok(Simulation {
        actions: form.list("ActionNames"),
        resources: form.list("ResourceArns"),
        context: read_context(form)?,
        policies: form.list("PolicyInputList"),
        boundary: boundaries.pop(),
        resource_policy: form.take("ResourcePolicy"),
        caller: form.take("CallerArn"),
    })
}

/// `ContextEntries.member.1.ContextKeyName`, `….ContextKeyValues.member.1`, `….ContextKeyType`.
fn read_context(form: &mut Form) -> Result<Vec<(String, ContextValue)>, Fault> {
    let mut entries = Vec::new();
    for n in 1.. {
        let entry = format!("ContextEntries.member.{n}");
        let Some(name) = form.take(&format!("{entry}.ContextKeyName")) else { break };
        let mut values = form.list(&format!("{entry}.ContextKeyValues"));
        let kind = form.need(&format!("{entry}.ContextKeyType"))?;
        let value = match (kind.ends_with("List"), values.len()) {
            (true, _) => ContextValue::Many(values),
            (false, 1) => ContextValue::One(values.pop().unwrap_or_default()),
            (false, _) => {
                return Err(invalid(format!("ContextKeyValues of `{name}` must hold one value.")));
            }
        };
        entries.push((name, value));
    }
    Ok(entries)
}

/// Writes a page of results.
pub(super) fn write(results: Vec<SimulationResult>, page: &Page) -> Xml {
    let numbered: Vec<(usize, SimulationResult)> = results.into_iter().enumerate().collect();
    let (results, next) = page.cut(numbered, |(n, _)| format!("{n:06}"));
    let xml = Xml::default()
        .members("EvaluationResults", &results, |xml, (_, result)| write_result(xml, result));
    write_next(xml, next)
}

fn write_result(xml: Xml, result: &SimulationResult) -> Xml {
    let xml = xml
        .text("EvalActionName", &result.action)
        .text("EvalResourceName", &result.resource)
        .text("EvalDecision", result.decision)
        .members("MatchedStatements", &result.matched, write_matched)
        .texts("MissingContextValues", &result.missing);
    match result.boundary_allows {
        None => xml,
        Some(allows) => xml.within("PermissionsBoundaryDecisionDetail", |xml| {
            xml.text("AllowedByPermissionsBoundary", allows.to_string())
        }),
    }
}

fn write_matched(xml: Xml, matched: &MatchedStatement) -> Xml {
    let xml = xml.text("SourcePolicyId", &matched.source).text("SourcePolicyType", matched.kind);
    let Some((begin, end)) = matched.place else { return xml };
    let write = |xml: Xml, place: Place| {
        xml.text("Line", place.line.to_string()).text("Column", place.column.to_string())
    };
    xml.within("StartPosition", |xml| write(xml, begin))
        .within("EndPosition", |xml| write(xml, end))
}
