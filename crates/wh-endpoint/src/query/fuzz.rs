//! What the fuzzer feeds: a form, and the XML of an answer.
#![expect(clippy::expect_used, reason = "a panic is the finding")]

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;

use super::form::{Form, Xml};

/// Reads a form, and answers with its first value. Panics where the answer is not well-formed, or
/// says something else.
pub(crate) fn form(data: &[u8]) {
    let Ok(mut form) = Form::parse(data) else { return };
    let said = form.take("Name").unwrap_or_default();
    drop((form.list("Names"), form.list_of("Arns", "arn"), form.tags("Tags")));
    drop((form.number::<u32>("MaxItems"), form.flag("OnlyAttached"), form.finish()));
    let answer = Xml::default().text("Name", &said).answer("urn:test", "Test", "request");
    assert_eq!(text_of(&answer, "Name"), said, "the answer says something else");
}

/// The text of the elements of a name.
fn text_of(document: &str, name: &str) -> String {
    let mut reader = Reader::from_str(document);
    let (mut open, mut heard) = (Vec::new(), String::new());
    loop {
        let event = reader.read_event().expect("an answer that is well-formed");
        let inside = open.last().is_some_and(|last| last == name);
        if let Event::Start(start) = &event {
            open.push(start.name().as_ref().to_owned());
        } else if let Event::End(_) = &event {
            open.pop().expect("as many ends as beginnings");
        } else if let (Event::Text(text), true) = (&event, inside) {
            heard.push_str(text);
        } else if let (Event::GeneralRef(entity), true) = (&event, inside) {
            let entity = format!("&{};", &**entity);
            heard.push_str(&unescape(&entity).expect("what we escaped"));
        } else if let Event::Eof = &event {
            assert!(open.is_empty(), "an element is not closed");
            return heard;
        }
    }
}
