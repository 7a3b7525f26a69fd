//! The pages of file requests, as HTML.

use std::time::Duration;

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use wh_files::{OpenedRequest, StandingRequest};
use wh_ledger::{FileRequestRow, SentRow};

use super::sender::Sender;
use crate::headers::SharedPage;
use crate::shared::sheet::Sheet;
use crate::shared::text::{as_value, escaped, size};

/// The script that sends, and nothing of the application.
const SCRIPT: &str = "<script type=\"module\" src=\"/request.js\"></script>\n";

/// What was wrong about what somebody said of themselves.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wrong {
    /// The name is none.
    Name,
    /// The mail address is none.
    Email,
    /// It is not the request's password.
    Password,
    /// It was tried too often, and may be tried again after so long.
    TooOften(Duration),
    /// It was tried so often that it is not judged any more.
    Closed,
    /// Too many are asking at the moment.
    Busy,
}

/// What senders may know of a request.
pub(super) struct Bounds {
    row: FileRequestRow,
    ends: Option<Timestamp>,
}

impl Bounds {
    pub(super) fn of(request: &StandingRequest) -> Self {
        Self { row: request.row().clone(), ends: request.ends() }
    }
}

fn sheet(sender: &Sender, (wrong, title): (&str, &str), kind: SharedPage) -> Sheet {
    let words = sender.words;
    let head = match kind {
        SharedPage::Plain => "",
        SharedPage::Sending => SCRIPT,
    };
    let mut sheet = Sheet::new((words.language, kind), (wrong, title), head);
    if title != words.asked {
        sheet.say("shared", words.asked);
    }
    sheet.put(format_args!("<h1><bdi>{}</bdi></h1>\n", escaped(title)));
    sheet
}

fn short(sender: &Sender, (title, why): (&str, &str), status: StatusCode) -> Response {
    let mut sheet = Sheet::new((sender.words.language, SharedPage::Plain), ("", title), "");
    sheet.put(format_args!("<h1>{}</h1>\n", escaped(title)));
    sheet.say("soft", why);
    sheet.sent(status)
}

/// The page of a request that takes nothing, whatever the reason.
pub(super) fn unavailable(sender: &Sender) -> Response {
    let words = sender.words;
    short(sender, (words.unavailable, words.unavailable_why), StatusCode::NOT_FOUND)
}

/// The page of a request that has as much as was asked for.
pub(super) fn full(sender: &Sender) -> Response {
    short(sender, (sender.words.full, sender.words.full_why), StatusCode::CONFLICT)
}

/// The page where something is out of reach for a moment.
pub(super) fn later(sender: &Sender) -> Response {
    let words = sender.words;
    let mut page = short(sender, (words.later, words.later_why), StatusCode::SERVICE_UNAVAILABLE);
    page.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    page
}

/// What is asked for, and within which bounds.
fn put_bounds(sheet: &mut Sheet, sender: &Sender, bounds: &Bounds) {
    let (words, row) = (sender.words, &bounds.row);
    if !row.message.is_empty() {
        sheet.say("message", &row.message);
    }
    sheet.put("<ul class=\"bounds soft\">\n");
    let mut line = |text: String| sheet.put(format_args!("<li>{}</li>\n", escaped(&text)));
    if let Some(end) = bounds.ends {
        line(words.until.replace("{}", &end.strftime(words.moment).to_string()));
    }
    if !row.kinds.is_empty() {
        line(words.kinds.replace("{}", &row.kinds.join(", ")));
    }
    line(words.largest.replace("{}", &size(row.file_bytes_max, words.decimal)));
    line(words.most.replace("{}", &row.sender_files_max.to_string()));
    line(words.alone.to_owned());
    sheet.put("</ul>\n");
}

/// The page that asks who sends.
pub(super) fn enter(
    sender: &Sender,
    bounds: &Bounds,
    wrong: Option<(Wrong, (&str, &str))>,
) -> Response {
    let (wrong, (name, email)) = wrong.map_or((None, ("", "")), |(wrong, was)| (Some(wrong), was));
    let (status, why, wait) = told(sender, wrong);
    let before = why.as_ref().map(|why| format!("{why} ")).unwrap_or_default();
    let mut page = sheet(sender, (&before, &bounds.row.title), SharedPage::Plain);
    put_bounds(&mut page, sender, bounds);
    let (action, words) = (sender.address(""), sender.words);
    page.put(format_args!("<form class=\"password\" method=\"post\" action=\"{action}\">\n"));
    let at = |field: Wrong| {
        let here =
            wrong.is_some_and(|w| std::mem::discriminant(&w) == std::mem::discriminant(&field));
        if here { " aria-invalid=\"true\" aria-describedby=\"why\"" } else { "" }
    };
    page.put(format_args!(
        "<label for=\"name\">{}</label>\n<input id=\"name\" name=\"name\" autocomplete=\"name\" \
         required maxlength=\"80\" value=\"{}\"{}>\n<p class=\"soft\">{}</p>\n",
        words.name,
        as_value(name),
        at(Wrong::Name),
        words.name_hint
    ));
    if bounds.row.asks_email {
        page.put(format_args!(
            "<label for=\"email\">{}</label>\n<input id=\"email\" name=\"email\" type=\"email\" \
             autocomplete=\"email\" required maxlength=\"254\" value=\"{}\"{}>\n",
            words.email,
            as_value(email),
            at(Wrong::Email)
        ));
    }
    if bounds.row.password.is_some() {
        page.put(format_args!(
            "<label for=\"password\">{}</label>\n<input id=\"password\" name=\"password\" \
             type=\"password\" autocomplete=\"off\" required maxlength=\"256\"{}>\n",
            words.password,
            at(Wrong::Password)
        ));
    }
    if let Some(why) = why {
        let why = escaped(&why);
        page.put(format_args!("<p id=\"why\" class=\"bad\" role=\"alert\">{why}</p>\n"));
    }
    page.put(format_args!("<button class=\"first\">{}</button>\n</form>\n", words.go_on));
    let mut response = page.sent(status);
    if let Some(seconds) = wait {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn told(sender: &Sender, wrong: Option<Wrong>) -> (StatusCode, Option<String>, Option<u64>) {
    let words = sender.words;
    match wrong {
        None => (StatusCode::OK, None, None),
        Some(Wrong::Name) => (StatusCode::BAD_REQUEST, Some(words.wrong_name.to_owned()), None),
        Some(Wrong::Email) => (StatusCode::BAD_REQUEST, Some(words.wrong_email.to_owned()), None),
        Some(Wrong::Password) => {
            (StatusCode::FORBIDDEN, Some(words.wrong_password.to_owned()), None)
        }
        Some(Wrong::Closed) => (StatusCode::FORBIDDEN, Some(words.closed.to_owned()), None),
        Some(Wrong::Busy) => {
            (StatusCode::SERVICE_UNAVAILABLE, Some(words.busy.to_owned()), Some(2))
        }
        Some(Wrong::TooOften(wait)) => {
            let seconds = wait.as_secs().saturating_add(1);
            let why = words.too_often.replace("{}", &seconds.to_string());
            (StatusCode::TOO_MANY_REQUESTS, Some(why), Some(seconds))
        }
    }
}

/// The page on which somebody sends, with what has arrived of them.
pub(super) fn send(
    sender: &Sender,
    bounds: &Bounds,
    (request, sent): (&OpenedRequest, &[SentRow]),
) -> Response {
    let words = sender.words;
    let mut page = sheet(sender, ("", &bounds.row.title), SharedPage::Sending);
    put_bounds(&mut page, sender, bounds);
    page.say("", &words.you_are.replace("{}", &request.sender().name));
    let kinds: Vec<String> = bounds.row.kinds.iter().map(|kind| format!(".{kind}")).collect();
    page.put(format_args!(
        "<noscript><p class=\"bad\">{}</p></noscript>\n<div id=\"send\" data-kinds=\"{}\"></div>\n",
        escaped(words.no_script),
        as_value(&kinds.join(","))
    ));
    let hidden = if sent.is_empty() { " hidden" } else { "" };
    page.put(format_args!(
        "<section id=\"sent\" aria-labelledby=\"sent-title\"{hidden}>\n<h2 id=\"sent-title\">{}</h2>\n\
         <ul class=\"entries\">\n",
        words.sent
    ));
    for file in sent {
        page.put(format_args!(
            "<li><span class=\"name\"><bdi>{}</bdi></span><span class=\"soft\">{}</span></li>\n",
            escaped(&file.name),
            size(file.bytes, words.decimal)
        ));
    }
    page.put("</ul>\n</section>\n");
    page.sent(StatusCode::OK)
}
