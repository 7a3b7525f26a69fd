//! Makes a case smaller while something about it stays true.

use serde_json::Value;

use crate::question::Question;

/// Drops documents, statements, elements and values as long as `holds` holds.
pub fn shrink(q: &Question, holds: impl Fn(&Question) -> bool) -> Question {
    let mut best = q.clone();
    while let Some(smaller) = smaller(&best).into_iter().find(|candidate| holds(candidate)) {
        best = smaller;
    }
    best
}

/// Every case that is smaller by one thing.
fn smaller(q: &Question) -> Vec<Question> {
    let mut all = without_documents(q);
    for key in q.context.keys() {
        let mut less = q.clone();
        less.context.remove(key);
        all.push(less);
    }
    let count = q.clone().documents_mut().len();
    for at in 0..count {
        let document = q.clone().documents_mut().into_iter().nth(at).map(|d| d.clone());
        for document in document.iter().flat_map(less) {
            let mut smaller = q.clone();
            if let Some(place) = smaller.documents_mut().into_iter().nth(at) {
                *place = document;
                all.push(smaller);
            }
        }
    }
    all
}

fn without_documents(q: &Question) -> Vec<Question> {
    let mut all = Vec::new();
    let mut push = |change: &dyn Fn(&mut Question)| {
        let mut less = q.clone();
        change(&mut less);
        all.push(less);
    };
    if q.resource.is_some() {
        push(&|q| q.resource = None);
    }
    if q.boundary.is_some() {
        push(&|q| q.boundary = None);
    }
    if q.session.is_some() {
        push(&|q| q.session = None);
    }
    if q.scps.is_some() {
        push(&|q| q.scps = None);
    }
    if q.rcps.is_some() {
        push(&|q| q.rcps = None);
    }
    for at in 0..q.identity.len() {
        push(&|q| drop(q.identity.remove(at)));
    }
    for (level, at) in places(q.scps.as_ref()) {
        push(&|q| drop(q.scps.iter_mut().flatten().nth(level).map(|list| list.remove(at))));
    }
    for (level, at) in places(q.rcps.as_ref()) {
        push(&|q| drop(q.rcps.iter_mut().flatten().nth(level).map(|list| list.remove(at))));
    }
    for at in 0..q.session.as_ref().map_or(0, Vec::len) {
        push(&|q| drop(q.session.as_mut().map(|list| list.remove(at))));
    }
    all
}

fn places(levels: Option<&Vec<Vec<Value>>>) -> Vec<(usize, usize)> {
    let levels = levels.into_iter().flatten().enumerate();
    levels.flat_map(|(level, list)| (0..list.len()).map(move |at| (level, at))).collect()
}

/// Every value that is smaller by one member or item, at any depth.
fn less(value: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    match value {
        Value::Array(items) => {
            for at in 0..items.len() {
                let mut fewer = items.clone();
                fewer.remove(at);
                all.push(Value::Array(fewer));
            }
            if let [only] = items.as_slice() {
                all.push(only.clone());
            }
            for (at, item) in items.iter().enumerate() {
                all.extend(less(item).into_iter().filter_map(|smaller| {
                    let mut items = items.clone();
                    *items.get_mut(at)? = smaller;
                    Some(Value::Array(items))
                }));
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                let mut fewer = members.clone();
                fewer.remove(key);
                all.push(Value::Object(fewer));
                all.extend(less(member).into_iter().map(|smaller| {
                    let mut members = members.clone();
                    members.insert(key.clone(), smaller);
                    Value::Object(members)
                }));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    all
}
