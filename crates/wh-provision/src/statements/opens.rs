//! What a statement of others opens, and to whom.
//!
//! A statement that allows is the one way in that no role's policy shows. What it comes to is judged
//! beside our own: whoever is not of the account is refused by `DenyForeignAccountPrincipals`.

use serde_json::Value;
use wh_names::AccountId;

use super::MARK;

/// What a statement opens, as the end of a sentence; none where it denies, or leaves the decision to the
/// account's own policies.
pub(super) fn opens(statement: &Value, account: &AccountId) -> Option<String> {
    if statement.get("Effect").and_then(Value::as_str) != Some("Allow") {
        return None;
    }
    let what = match statement.get("Action") {
        Some(actions) => format!("`{}`", texts(actions).join("`, `")),
        None => "all actions but those that it names".to_owned(),
    };
    let whom = match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(principal), _) => to_whom(principal, account)?,
        (None, Some(_)) => {
            format!("everyone of account {account} but those that it names; {}", refused("others"))
        }
        (None, None) => return None,
    };
    let conditions = statement.get("Condition").and_then(Value::as_object);
    let held = if conditions.is_some_and(|all| !all.is_empty()) {
        " where its conditions are met"
    } else {
        ""
    };
    Some(format!("it opens {what}{held} to {whom}"))
}

fn refused(whom: &str) -> String {
    format!("{whom} are refused by `{MARK}` alone")
}

fn to_whom(principal: &Value, account: &AccountId) -> Option<String> {
    if principal.as_str() == Some("*") {
        return Some(everyone(account));
    }
    let mut whom = Vec::new();
    for (kind, named) in principal.as_object()? {
        for name in texts(named) {
            whom.extend(match kind.as_str() {
                "AWS" => of_aws(&name, account),
                _ => Some(format!("`{name}`")),
            });
        }
    }
    (!whom.is_empty()).then(|| whom.join(", "))
}

fn everyone(account: &AccountId) -> String {
    format!("everyone of account {account}; {}", refused("all others, and the anonymous,"))
}

fn of_aws(name: &str, account: &AccountId) -> Option<String> {
    if name == "*" {
        return Some(everyone(account));
    }
    let of = name.split(':').nth(4).unwrap_or(name);
    let whole = name == of || name.ends_with(":root");
    if of != account.as_str() {
        return Some(format!("account {of} (its principals are refused by `{MARK}` alone)"));
    }
    (!whole).then(|| format!("`{name}`"))
}

fn texts(value: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match value.as_array() {
        Some(list) => list.iter().filter_map(text).collect(),
        None => text(value).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use wh_names::AccountId;

    use super::opens;

    #[track_caller]
    fn check(more: &Value, expected: Option<&str>) {
        let mut statement = json!({"Effect": "Allow", "Action": "s3:GetObject"});
        for (key, value) in more.as_object().expect("elements") {
            statement[key] = value.clone();
        }
        let account = AccountId::parse("111122223333").expect("an account");
        assert_eq!(opens(&statement, &account).as_deref(), expected, "{more}");
    }

    #[test]
    fn what_a_statement_opens_is_told_with_whom() {
        let everyone = "it opens `s3:GetObject` to everyone of account 111122223333; all others, and \
                        the anonymous, are refused by `DenyForeignAccountPrincipals` alone";
        check(&json!({"Principal": "*"}), Some(everyone));
        check(&json!({"Principal": {"AWS": ["*"]}}), Some(everyone));
        check(
            &json!({"Principal": {"AWS": "arn:aws:iam::999999999999:role/x"}}),
            Some(
                "it opens `s3:GetObject` to account 999999999999 (its principals are refused by \
                 `DenyForeignAccountPrincipals` alone)",
            ),
        );
        let ours = "arn:aws:iam::111122223333:role/x";
        check(
            &json!({"Principal": {"AWS": ours}, "Action": ["s3:GetObject", "s3:PutObject"]}),
            Some("it opens `s3:GetObject`, `s3:PutObject` to `arn:aws:iam::111122223333:role/x`"),
        );
        check(
            &json!({"Principal": {"Service": "logging.s3.amazonaws.com"},
                "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}),
            Some(
                "it opens `s3:GetObject` where its conditions are met to `logging.s3.amazonaws.com`",
            ),
        );
        check(&json!({"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}), None);
        check(&json!({"Principal": {"AWS": "111122223333"}}), None);
        check(&json!({"Principal": "*", "Effect": "Deny"}), None);
    }
}
