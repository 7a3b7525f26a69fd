//! `docs/fields.md`: the rule of every field that the API takes. A field that has none there, and a
//! rule whose field is gone, are breaches.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use crate::run::root;

const DOCUMENT: &str = "docs/fields.md";
const SCHEMAS: &str = "#/components/schemas/";

/// Holds the table against `openapi.json`.
pub(super) fn check(breaches: &mut Vec<String>) -> Result<()> {
    let read = |path: &str| fs::read_to_string(root().join(path)).context(path.to_owned());
    let api: Value = serde_json::from_str(&read("openapi.json")?)?;
    breaches.extend(compare(&taken(&api), &ruled(&read(DOCUMENT)?)));
    Ok(())
}

/// Every field of a request: `Schema.field` of bodies, `?field` of parameters.
fn taken(api: &Value) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    let paths = api.get("paths").and_then(Value::as_object);
    let operations = paths.into_iter().flat_map(Map::values).filter_map(Value::as_object);
    for operation in operations.flat_map(Map::values) {
        let parameters = operation.get("parameters").and_then(Value::as_array);
        let names = parameters.into_iter().flatten().filter_map(|p| p.get("name")?.as_str());
        fields.extend(names.map(|name| format!("?{name}")));
        if let Some(body) = operation.get("requestBody") {
            collect(api, "", body, &mut fields);
        }
    }
    fields
}

/// The properties below a part of the document, whose schema is called so.
fn collect(api: &Value, schema: &str, part: &Value, fields: &mut BTreeSet<String>) {
    match part {
        Value::Object(object) => {
            if let Some(name) = object.get("$ref").and_then(Value::as_str) {
                let name = name.trim_start_matches(SCHEMAS);
                let named = api.pointer(&format!("/components/schemas/{name}"));
                if let Some(named) = named {
                    collect(api, name, named, fields);
                }
            }
            let properties = object.get("properties").and_then(Value::as_object);
            for (name, property) in properties.into_iter().flatten() {
                fields.insert(format!("{schema}.{name}"));
                collect(api, schema, property, fields);
            }
            let rest = object.iter().filter(|(name, _)| name.as_str() != "properties");
            rest.for_each(|(_, value)| collect(api, schema, value, fields));
        }
        Value::Array(parts) => parts.iter().for_each(|part| collect(api, schema, part, fields)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What stands in backticks in the first column of the tables.
fn ruled(document: &str) -> BTreeSet<String> {
    let rows = document.lines().filter_map(|line| line.strip_prefix("| `"));
    let cells = rows.map(|row| format!("`{}", row.split(" | ").next().unwrap_or_default()));
    let named = |cell: String| {
        let inside = cell.split('`').skip(1).step_by(2).map(str::to_owned);
        inside.collect::<Vec<String>>()
    };
    cells.flat_map(named).collect()
}

/// A rule is for a field of one schema (`KeyForm.name`), or for all fields of that name (`path`).
fn compare(taken: &BTreeSet<String>, ruled: &BTreeSet<String>) -> Vec<String> {
    let bare = |field: &str| field.rsplit(['.', '?']).next().unwrap_or_default().to_owned();
    let without = taken.iter().filter(|f| !ruled.contains(*f) && !ruled.contains(&bare(f)));
    let names: BTreeSet<String> = taken.iter().map(|field| bare(field)).collect();
    let gone = ruled.iter().filter(|rule| !taken.contains(*rule) && !names.contains(*rule));
    let without = without.map(|field| format!("{DOCUMENT}: no row has the rule of `{field}`"));
    let gone = gone.map(|rule| format!("{DOCUMENT}: `{rule}` is no field of the API"));
    without.chain(gone).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{compare, ruled, taken};

    #[test]
    fn a_field_without_a_rule_is_told_and_so_is_a_rule_without_a_field() {
        let api = json!({
            "paths": { "/a": { "post": {
                "parameters": [{ "name": "cursor" }],
                "requestBody": { "content": { "application/json": { "schema":
                    { "$ref": "#/components/schemas/Form" } } } },
            } } },
            "components": { "schemas": {
                "Form": { "properties": {
                    "name": { "type": "string" },
                    "to": { "oneOf": [{ "$ref": "#/components/schemas/To" }] },
                } },
                "To": { "properties": { "uid": {} } },
                "Answer": { "properties": { "size": {} } },
            } },
        });
        let fields = taken(&api);
        let found: Vec<&str> = fields.iter().map(String::as_str).collect();
        assert_eq!(found, ["?cursor", "Form.name", "Form.to", "To.uid"]);
        let table =
            "| field | rule |\n|---|---|\n| `Form.name`, `cursor` | a `word` |\n| `To.id` | |";
        assert_eq!(
            compare(&fields, &ruled(table)),
            [
                "docs/fields.md: no row has the rule of `Form.to`",
                "docs/fields.md: no row has the rule of `To.uid`",
                "docs/fields.md: `To.id` is no field of the API",
            ]
        );
    }
}
