//! The frame of a page that strangers see: what stands around it, and the headers that it goes out with.

use std::fmt::{Display, Write};

use axum::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, HeaderName, VARY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::text::escaped;
use crate::headers::SharedPage;

const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// A page that is being written.
pub(crate) struct Sheet {
    language: &'static str,
    kind: SharedPage,
    out: String,
}

impl Sheet {
    /// A page in this language, with more in its head. Its title says first what went wrong: that is read out first.
    pub(crate) fn new(
        (language, kind): (&'static str, SharedPage),
        (wrong, title): (&str, &str),
        head: &str,
    ) -> Self {
        let mut sheet = Self { language, kind, out: String::new() };
        sheet.put(format_args!(
            "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"robots\" content=\"noindex, nofollow\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>{wrong}{}</title>\n\
             <link rel=\"stylesheet\" href=\"/s/page.css\">\n{head}</head>\n<body>\n<main>\n",
            escaped(title),
            wrong = escaped(wrong),
        ));
        sheet
    }

    pub(crate) fn put(&mut self, text: impl Display) {
        if write!(self.out, "{text}").is_err() {
            tracing::error!("a page could not be written");
        }
    }

    pub(crate) fn say(&mut self, class: &str, text: &str) {
        self.put(format_args!("<p class=\"{class}\">{}</p>\n", escaped(text)));
    }

    pub(crate) fn sent(mut self, status: StatusCode) -> Response {
        self.put("</main>\n</body>\n</html>\n");
        let head = [
            (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
            (CONTENT_LANGUAGE, HeaderValue::from_static(self.language)),
            (VARY, HeaderValue::from_static("accept-language")),
            (ROBOTS, HeaderValue::from_static("noindex, nofollow")),
        ];
        let mut response = (status, head, self.out).into_response();
        response.extensions_mut().insert(self.kind);
        response
    }
}
