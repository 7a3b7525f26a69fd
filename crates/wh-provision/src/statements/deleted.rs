//! Principals that were deleted.
//!
//! AWS puts a principal's unique id in the place of its ARN once it is gone, and gives that id to nobody
//! again: even one of the same name is another. So what names such an id holds for nobody; and no policy
//! that names one is taken any more ("Invalid principal in policy"). Source: IAM User Guide, "AWS JSON
//! policy elements: Principal" and "IAM identifiers".

use serde_json::{Value, json};

/// How the unique ids of roles and users begin.
const IDS: [&str; 2] = ["AROA", "AIDA"];
/// The shortest of them.
const ID_CHARS_MIN: usize = 16;

/// A session of a deleted role has its name behind the id.
fn is_deleted(principal: &str) -> bool {
    let id = principal.split(':').next().unwrap_or_default();
    let plain = id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    plain && id.len() >= ID_CHARS_MIN && IDS.iter().any(|kind| id.starts_with(kind))
}

/// A statement without principals that were deleted, and these. It says the same to everybody who is
/// there; none is left where it named nobody else.
pub(super) fn without_deleted(statement: &Value) -> (Option<Value>, Vec<String>) {
    let mut left = statement.clone();
    let mut gone = Vec::new();
    for element in ["Principal", "NotPrincipal"] {
        let Some(named) = left.pointer_mut(&format!("/{element}/AWS")) else { continue };
        gone.extend(take_deleted(named));
        let nobody = named.as_array().is_some_and(Vec::is_empty);
        if gone.is_empty() || !nobody {
            continue;
        }
        let others = left.get(element).and_then(Value::as_object).is_some_and(|all| all.len() > 1);
        let Some(fields) = left.as_object_mut() else { continue };
        if others {
            if let Some(all) = fields.get_mut(element).and_then(Value::as_object_mut) {
                all.remove("AWS");
            }
        } else if element == "Principal" {
            return (None, gone);
        } else {
            // All but nobody is everybody.
            fields.remove(element);
            fields.insert("Principal".to_owned(), json!({"AWS": "*"}));
        }
    }
    (Some(left), gone)
}

/// What a statement says of a principal that was deleted, and what has become of that. One that is named
/// by `NotPrincipal` was spared by a `Deny`, or not let in by an `Allow`.
pub(super) fn told(statement: &Value, principal: &str) -> String {
    let name = match statement.get("Sid").and_then(Value::as_str).filter(|sid| !sid.is_empty()) {
        Some(sid) => format!("its statement `{sid}`"),
        None => "its statement without a name".to_owned(),
    };
    let is_not = statement.get("NotPrincipal").is_some();
    let denies = statement.get("Effect").and_then(Value::as_str) == Some("Deny");
    let (says, holds, place) = match (is_not, denies) {
        (false, false) => ("lets in", "lets nobody in", "is let in only where his ARN is named"),
        (false, true) => ("denies", "denies nobody", "is denied only where his ARN is named"),
        (true, false) => {
            ("lets in all but", "leaves nobody out", "is let in until his ARN is named")
        }
        (true, true) => ("denies all but", "spares nobody", "is denied until his ARN is named"),
    };
    format!(
        "{name} {says} `{principal}`, which was deleted: that {holds}, and S3 takes no policy with it, so \
         it is left out of what is written. Whoever took its place {place}"
    )
}

/// Takes the deleted ones out of one principal or a list of them.
fn take_deleted(named: &mut Value) -> Vec<String> {
    let listed = named.as_array().cloned().unwrap_or_else(|| vec![named.clone()]);
    let dead = |value: &Value| value.as_str().is_some_and(is_deleted);
    let (gone, left): (Vec<Value>, Vec<Value>) = listed.into_iter().partition(dead);
    if !gone.is_empty() {
        *named = Value::Array(left);
    }
    gone.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{told, without_deleted};

    const DEAD: &str = "AROAEXAMPLE0123456789";

    #[track_caller]
    fn check(principal: &Value, expected: Option<&Value>, gone: usize) {
        let statement = |principal: &Value| {
            let mut statement = json!({"Effect": "Allow", "Action": "s3:GetObject"});
            for (key, value) in principal.as_object().expect("an element") {
                statement[key] = value.clone();
            }
            statement
        };
        let (left, dead) = without_deleted(&statement(principal));
        assert_eq!(left, expected.map(statement), "{principal}");
        assert_eq!(dead.len(), gone, "{principal}");
    }

    #[test]
    fn it_is_told_whom_it_would_have_been_for_and_who_has_its_place() {
        let check = |effect: &str, element: &str, expected: [&str; 3]| {
            let statement = json!({"Sid": "S", "Effect": effect, element: {"AWS": DEAD}});
            let [says, holds, place] = expected;
            assert_eq!(
                told(&statement, DEAD),
                format!(
                    "its statement `S` {says} `{DEAD}`, which was deleted: that {holds}, and S3 takes no \
                     policy with it, so it is left out of what is written. Whoever took its place {place}"
                )
            );
        };
        let named = "only where his ARN is named";
        check("Allow", "Principal", ["lets in", "lets nobody in", &format!("is let in {named}")]);
        check("Deny", "Principal", ["denies", "denies nobody", &format!("is denied {named}")]);
        let until = "until his ARN is named";
        let spared = ["denies all but", "spares nobody", &format!("is denied {until}")];
        check("Deny", "NotPrincipal", spared);
        let left_out = ["lets in all but", "leaves nobody out", &format!("is let in {until}")];
        check("Allow", "NotPrincipal", left_out);
        let nameless = told(&json!({"Effect": "Deny", "NotPrincipal": {"AWS": DEAD}}), DEAD);
        assert!(nameless.starts_with("its statement without a name denies all but"), "{nameless}");
    }

    #[test]
    fn what_holds_for_nobody_goes_and_all_else_stays() {
        let role = "arn:aws:iam::111122223333:role/x";
        let alive = json!({"Principal": {"AWS": role}});
        check(&alive, Some(&alive), 0);
        check(&json!({"Principal": "*"}), Some(&json!({"Principal": "*"})), 0);
        check(&json!({"Principal": {"AWS": DEAD}}), None, 1);
        check(&json!({"Principal": {"AWS": [format!("{DEAD}:session"), DEAD]}}), None, 2);
        check(
            &json!({"Principal": {"AWS": [DEAD, role]}}),
            Some(&json!({"Principal": {"AWS": [role]}})),
            1,
        );
        let service = json!({"Service": "logging.s3.amazonaws.com"});
        check(
            &json!({"Principal": {"AWS": DEAD, "Service": "logging.s3.amazonaws.com"}}),
            Some(&json!({ "Principal": service })),
            1,
        );
        check(
            &json!({"NotPrincipal": {"AWS": DEAD}}),
            Some(&json!({"Principal": {"AWS": "*"}})),
            1,
        );
        check(
            &json!({"NotPrincipal": {"AWS": [DEAD, role]}}),
            Some(&json!({"NotPrincipal": {"AWS": [role]}})),
            1,
        );
    }
}
