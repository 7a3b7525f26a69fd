//! The pages themselves, as HTML.

use std::fmt::Display;
use std::time::Duration;

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use wh_files::{Entry, FolderPage, OpenedLink, SharedFile, is_shown};

use super::sheet::Sheet;
use super::text::{as_value, escaped, query, size};
use super::visitor::Visitor;
use super::words::Words;
use crate::headers::SharedPage;

/// What was wrong about a password.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wrong {
    /// It is not the link's.
    Password,
    /// It was tried too often, and may be tried again after so long.
    TooOften(Duration),
    /// It was tried so often that it is not judged any more.
    Closed,
    /// Too many are asking at the moment.
    Busy,
}

/// A page of a folder.
pub(super) struct Folder<'a> {
    /// Its path from the folder that was shared on.
    pub(super) below: &'a str,
    pub(super) page: &'a FolderPage,
}

/// A page that is being written.
struct Page<'a> {
    visitor: &'a Visitor,
    sheet: Sheet,
}

impl<'a> Page<'a> {
    fn of(visitor: &'a Visitor, title: &str) -> Self {
        Self::after(visitor, "", title)
    }

    /// A page whose title says first what went wrong: that is read out first.
    fn after(visitor: &'a Visitor, wrong: &str, title: &str) -> Self {
        let words = visitor.words;
        let sheet = Sheet::new((words.language, SharedPage::Plain), (wrong, title), "");
        let mut page = Self { visitor, sheet };
        if title != words.shared {
            page.say("shared", words.shared);
        }
        page.put(format_args!("<h1><bdi>{}</bdi></h1>\n", escaped(title)));
        page
    }

    fn put(&mut self, text: impl Display) {
        self.sheet.put(text);
    }

    fn say(&mut self, class: &str, text: &str) {
        self.sheet.say(class, text);
    }

    fn words(&self) -> &'static Words {
        self.visitor.words
    }

    /// Until when the link works, and whether files are only looked at.
    fn say_bounds(&mut self, link: &OpenedLink) {
        let words = self.words();
        if !link.saves() {
            self.say("soft", words.only_looked_at);
        }
        if let Some(end) = link.ends() {
            let moment = end.strftime(words.moment).to_string();
            self.say("soft", &words.until.replace("{}", &moment));
        }
    }

    /// A form with one button for each thing that may be done with a file.
    fn put_file_form(&mut self, (path, name): (&str, &str), (shown, saved): (bool, bool)) {
        let words = self.words();
        let action = self.visitor.address("/file");
        self.put(format_args!(
            "<form method=\"post\" action=\"{action}\"><input type=\"hidden\" name=\"path\" \
             value=\"{}\">",
            as_value(path)
        ));
        let buttons = [
            (shown, "show", words.look, words.look_at),
            (saved, "save", words.save, words.save_what),
        ];
        for (_, value, text, label) in buttons.into_iter().filter(|(offered, ..)| *offered) {
            let label = escaped(&label.replace("{}", name));
            self.put(format_args!(
                "<button name=\"as\" value=\"{value}\" aria-label=\"{label}\">{text}</button>"
            ));
        }
        self.put("</form>");
    }

    fn sent(self, status: StatusCode) -> Response {
        self.sheet.sent(status)
    }
}

/// The page of a link that opens nothing, whatever the reason.
pub(super) fn unavailable(visitor: &Visitor) -> Response {
    let words = visitor.words;
    let mut page = Page::of(visitor, words.unavailable);
    page.say("soft", words.unavailable_why);
    page.sent(StatusCode::NOT_FOUND)
}

/// The page where a folder holds more than an archive does.
pub(super) fn too_large(visitor: &Visitor) -> Response {
    let words = visitor.words;
    let mut page = Page::of(visitor, words.too_large);
    page.say("soft", words.too_large_why);
    let address = visitor.address("");
    page.put(format_args!("<p><a href=\"{address}\">{}</a></p>\n", words.back));
    page.sent(StatusCode::CONFLICT)
}

/// The page where something is out of reach for a moment.
pub(super) fn later(visitor: &Visitor) -> Response {
    let words = visitor.words;
    let mut page = Page::of(visitor, words.later);
    page.say("soft", words.later_why);
    let mut response = page.sent(StatusCode::SERVICE_UNAVAILABLE);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

/// The page that asks for the password.
pub(super) fn password(visitor: &Visitor, wrong: Option<Wrong>) -> Response {
    let words = visitor.words;
    let (status, why, wait) = match wrong {
        None => (StatusCode::OK, None, None),
        Some(Wrong::Password) => (StatusCode::FORBIDDEN, Some(words.wrong.to_owned()), None),
        Some(Wrong::Closed) => (StatusCode::FORBIDDEN, Some(words.closed.to_owned()), None),
        Some(Wrong::Busy) => {
            (StatusCode::SERVICE_UNAVAILABLE, Some(words.busy.to_owned()), Some(2))
        }
        Some(Wrong::TooOften(wait)) => {
            let seconds = wait.as_secs().saturating_add(1);
            let why = words.too_often.replace("{}", &seconds.to_string());
            (StatusCode::TOO_MANY_REQUESTS, Some(why), Some(seconds))
        }
    };
    let before = why.as_ref().map(|why| format!("{why} ")).unwrap_or_default();
    let mut page = Page::after(visitor, &before, words.shared);
    page.say("soft", words.password_asked);
    let action = visitor.address("");
    let said = match wrong {
        None => "",
        Some(Wrong::Password) => " aria-invalid=\"true\" aria-describedby=\"why\"",
        Some(Wrong::TooOften(_) | Wrong::Closed | Wrong::Busy) => " aria-describedby=\"why\"",
    };
    page.put(format_args!(
        "<form class=\"password\" method=\"post\" action=\"{action}\">\n\
         <label for=\"password\">{}</label>\n<input id=\"password\" name=\"password\" \
         type=\"password\" autocomplete=\"off\" required maxlength=\"256\"{said}>\n",
        words.password
    ));
    if let Some(why) = why {
        page.put(format_args!(
            "<p id=\"why\" class=\"bad\" role=\"alert\">{}</p>\n",
            escaped(&why)
        ));
    }
    page.put(format_args!("<button class=\"first\">{}</button>\n</form>\n", words.open));
    let mut response = page.sent(status);
    if let Some(seconds) = wait {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The page of one file.
pub(super) fn file(visitor: &Visitor, link: &OpenedLink, file: &SharedFile) -> Response {
    let mut page = Page::of(visitor, &file.name);
    let words = visitor.words;
    page.say("soft", &size(file.size, words.decimal));
    page.say_bounds(link);
    if !link.saves() && !file.shown {
        page.say("soft", words.not_shown);
    } else {
        page.put_file_form(("", &file.name), (file.shown, link.saves()));
    }
    page.sent(StatusCode::OK)
}

/// A page of a folder.
pub(super) fn folder(visitor: &Visitor, link: &OpenedLink, folder: &Folder<'_>) -> Response {
    let mut page = Page::of(visitor, link.name());
    page.say_bounds(link);
    put_way(&mut page, link, folder.below);
    if folder.page.entries.is_empty() {
        page.say("soft", visitor.words.empty);
    } else {
        put_entries(&mut page, link, folder);
    }
    let (action, words) = (visitor.address("/archive"), visitor.words);
    if link.saves() && !folder.page.entries.is_empty() {
        page.put(format_args!(
            "<form class=\"all\" method=\"post\" action=\"{action}\"><input type=\"hidden\" \
             name=\"path\" value=\"{}\"><button>{}</button></form>\n",
            as_value(folder.below),
            words.save_all
        ));
    }
    page.sent(StatusCode::OK)
}

/// The folders from the one that was shared to this one.
fn put_way(page: &mut Page<'_>, link: &OpenedLink, below: &str) {
    if below.is_empty() {
        return;
    }
    let (address, label) = (page.visitor.address(""), page.words().way);
    page.put(format_args!(
        "<nav aria-label=\"{label}\"><ol><li><a href=\"{address}\"><bdi>{}</bdi></a></li>",
        escaped(link.name())
    ));
    let mut path = String::new();
    for name in below.trim_end_matches('/').split('/') {
        path.push_str(name);
        path.push('/');
        let name = escaped(name);
        if path == below {
            page.put(format_args!("<li aria-current=\"page\"><bdi>{name}</bdi></li>"));
        } else {
            let query = query(&[("path", &path)]);
            page.put(format_args!("<li><a href=\"{address}?{query}\"><bdi>{name}</bdi></a></li>"));
        }
    }
    page.put("</ol></nav>\n");
}

fn put_entries(page: &mut Page<'_>, link: &OpenedLink, folder: &Folder<'_>) {
    let (words, below) = (page.words(), folder.below);
    page.put(format_args!("<ul class=\"entries\" aria-label=\"{}\">\n", words.entries));
    for entry in &folder.page.entries {
        match entry {
            Entry::Folder { name } => {
                let query = query(&[("path", &format!("{below}{name}/"))]);
                let (address, name) = (page.visitor.address(""), escaped(name));
                page.put(format_args!(
                    "<li><a class=\"name\" href=\"{address}?{query}\"><bdi>{name}</bdi></a>\
                     <span class=\"soft\">{}</span></li>\n",
                    words.folder
                ));
            }
            Entry::File { name, size: bytes, .. } => {
                let (shown, bytes) = (escaped(name), size(*bytes, words.decimal));
                page.put(format_args!(
                    "<li><span class=\"name\"><bdi>{shown}</bdi></span><span class=\"soft\">{bytes}\
                     </span>"
                ));
                let path = format!("{below}{name}");
                page.put_file_form((&path, name), (is_shown(name), link.saves()));
                page.put("</li>\n");
            }
        }
    }
    page.put("</ul>\n");
    if let Some(next) = &folder.page.next {
        let query = query(&[("path", below), ("cursor", next)]);
        let address = page.visitor.address("");
        page.put(format_args!("<p><a href=\"{address}?{query}\">{}</a></p>\n", words.more));
    }
}
