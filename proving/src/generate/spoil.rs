//! Spoils documents: what no reader takes for a policy, and what it takes with a grain of salt.

use serde_json::{Value, json};

use crate::dice::Dice;

/// Spoils a document in one place.
pub(super) fn spoil(dice: &mut Dice<'_>, document: &mut Value) {
    let choice = dice.below(16);
    match choice {
        0 => *document = json!("a policy"),
        1 => set(document, "Statment", json!([])),
        2 => set(document, "Version", json!(2012)),
        3 => set(document, "Statement", json!([])),
        4 => unset(document, "Statement"),
        _ => {
            if let Some(statement) = some_statement(dice, document) {
                spoil_statement(choice, statement);
            }
        }
    }
}

fn spoil_statement(choice: usize, statement: &mut Value) {
    match choice {
        5 => *statement = json!("Allow"),
        6 => set(statement, "Resources", json!("*")),
        7 => set(statement, "Effect", json!("allow")),
        8 => unset(statement, "Effect"),
        9 => unset(statement, "Action"),
        10 => set(statement, "Action", json!([])),
        11 => unset(statement, "Resource"),
        12 => set(statement, "NotAction", json!("s3:*")),
        13 => set(statement, "Principal", json!({"AWS": "*"})),
        14 => set(statement, "Condition", json!({"StringEquals": {"s3:prefix": []}})),
        _ => set(statement, "Condition", json!({"StringEquals": {"s3:prefix": null}})),
    }
}

fn set(value: &mut Value, name: &str, to: Value) {
    if let Value::Object(members) = value {
        members.insert(name.to_owned(), to);
    }
}

fn unset(value: &mut Value, name: &str) {
    if let Value::Object(members) = value {
        members.remove(name);
    }
}

fn some_statement<'v>(dice: &mut Dice<'_>, document: &'v mut Value) -> Option<&'v mut Value> {
    let statements = document.get_mut("Statement")?;
    if let Value::Array(list) = statements {
        let at = dice.below(list.len());
        return list.get_mut(at);
    }
    Some(statements)
}
