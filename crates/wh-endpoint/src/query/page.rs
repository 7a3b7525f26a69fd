//! Lists in pages: `MaxItems`, `Marker`, `IsTruncated`.
//!
//! Source: IAM API Reference, "Common parameters" of the lists. A marker is the key of the last item
//! of the page before, in base64; what came or went meanwhile moves no other item from its page.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::form::{Form, Xml, invalid};
use crate::fault::Fault;

const ITEMS_DEFAULT: usize = 100;
const ITEMS_MAX: usize = 1000;

/// Which part of a list is asked for.
#[derive(Debug)]
pub(crate) struct Page {
    max: usize,
    after: Option<String>,
}

impl Page {
    /// Takes what a form says of pages.
    pub(crate) fn take(form: &mut Form) -> Result<Self, Fault> {
        let max = form.number("MaxItems")?.unwrap_or(ITEMS_DEFAULT);
        if !(1..=ITEMS_MAX).contains(&max) {
            return Err(invalid(format!("Value '{max}' at 'MaxItems' must be from 1 to 1000.")));
        }
        let marker = form.take("Marker").map(|text| {
            let bytes = URL_SAFE_NO_PAD.decode(&text).ok();
            let key = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
            key.ok_or_else(|| invalid("Value at 'Marker' was not given out by a list.".to_owned()))
        });
        Ok(Self { max, after: marker.transpose()? })
    }

    /// The items of the page, and the marker of the next, if there is one.
    pub(crate) fn cut<T>(
        &self,
        items: Vec<T>,
        key: impl Fn(&T) -> String,
    ) -> (Vec<T>, Option<String>) {
        let mut keyed: Vec<(String, T)> =
            items.into_iter().map(|item| (key(&item), item)).collect();
        keyed.sort_by(|a, b| a.0.cmp(&b.0));
        keyed.retain(|(key, _)| self.after.as_ref().is_none_or(|after| key > after));
        let more = keyed.len() > self.max;
        keyed.truncate(self.max);
        let last = keyed.last().map(|(key, _)| URL_SAFE_NO_PAD.encode(key));
        (keyed.into_iter().map(|(_, item)| item).collect(), last.filter(|_| more))
    }
}

/// Writes whether a list goes on, and where.
pub(crate) fn write_next(xml: Xml, next: Option<String>) -> Xml {
    xml.text("IsTruncated", next.is_some().to_string()).maybe("Marker", next)
}

#[cfg(test)]
mod tests {
    use super::Page;
    use crate::query::form::Form;

    fn page(text: &str) -> Result<Page, crate::fault::Fault> {
        Page::take(&mut Form::parse(text.as_bytes()).expect("a form"))
    }

    #[test]
    fn the_pages_of_a_list_are_the_list() {
        let all: Vec<String> = (0..10).map(|n| format!("{n}")).collect();
        let (mut found, mut marker) = (Vec::new(), String::new());
        for round in 0.. {
            let (items, next) = page(&format!("MaxItems=3{marker}"))
                .expect("a page")
                .cut(all.clone(), String::clone);
            assert!(items.len() <= 3 && round < 5);
            found.extend(items);
            let Some(next) = next else { break };
            marker = format!("&Marker={next}");
        }
        assert_eq!(found, all);
    }

    #[test]
    fn what_is_no_page_is_refused() {
        for wrong in ["MaxItems=0", "MaxItems=1001", "MaxItems=x", "Marker=%20", "Marker=_w"] {
            assert!(page(wrong).is_err(), "{wrong}");
        }
    }
}
