//! A document as one page of HTML.
//!
//! Invariant: no text reaches the page but through [`escaped`].

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::blocks::Block;

const STYLE: &str = include_str!("page.css");

/// The page; the diagram is SVG and stands in it as it is.
pub(super) fn page(installation: &str, blocks: &[Block], diagram: &str) -> String {
    let mut anchors = Anchors::default();
    let (mut contents, mut body) = (String::new(), String::new());
    let mut after_diagram = 0;
    for block in blocks {
        match block {
            Block::Heading(level, text) => {
                let anchor = anchors.of(text);
                if *level == 2 {
                    put(
                        &mut contents,
                        format_args!("<li><a href=\"#{anchor}\">{}</a></li>\n", inline(text)),
                    );
                }
                put(
                    &mut body,
                    format_args!(
                        "<h{level} id=\"{anchor}\">{} <a class=\"anchor\" href=\"#{anchor}\" \
                         aria-label=\"Link to this part\">#</a></h{level}>\n",
                        inline(text)
                    ),
                );
            }
            Block::Diagram => {
                put(&mut body, format_args!("<figure>\n{diagram}</figure>\n"));
                after_diagram = body.len();
            }
            Block::Text(_) | Block::List(_) | Block::Table(..) | Block::Json(_) => {
                body.push_str(&simple(block));
            }
        }
    }
    let nav = format!("<nav aria-label=\"Contents\"><ul>\n{contents}</ul></nav>\n");
    body.insert_str(after_diagram, &nav);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>The estate {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n\
         </body>\n</html>\n",
        escaped(installation)
    )
}

/// Writing to a String cannot fail.
fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    if out.write_fmt(text).is_err() {
        out.push('\n');
    }
}

fn simple(block: &Block) -> String {
    match block {
        Block::Text(text) => format!("<p>{}</p>\n", inline(text)),
        Block::List(items) => {
            let items: Vec<String> =
                items.iter().map(|item| format!("<li>{}</li>\n", inline(item))).collect();
            format!("<ul>\n{}</ul>\n", items.concat())
        }
        Block::Table(head, rows) => table(head, rows),
        Block::Json(json) => format!(
            "<details>\n<summary>As JSON</summary>\n<pre><code>{}</code></pre>\n</details>\n",
            escaped(json)
        ),
        Block::Heading(..) | Block::Diagram => String::new(),
    }
}

fn table(head: &[String], rows: &[Vec<String>]) -> String {
    let head: Vec<String> =
        head.iter().map(|cell| format!("<th scope=\"col\">{}</th>", inline(cell))).collect();
    let row = |cells: &Vec<String>| {
        let cells = cells.iter().enumerate().map(|(number, cell)| match (number, cell.as_str()) {
            (0, _) => format!("<th scope=\"row\">{}</th>", inline(cell)),
            (_, "✔") => "<td class=\"yes\" aria-label=\"allowed\">✔</td>".to_owned(),
            (_, "✘") => "<td class=\"no\" aria-label=\"denied\">✘</td>".to_owned(),
            (_, "·") => "<td class=\"not\" aria-label=\"not allowed\">·</td>".to_owned(),
            _ => format!("<td>{}</td>", inline(cell)),
        });
        format!("<tr>{}</tr>\n", cells.collect::<Vec<_>>().concat())
    };
    let rows: Vec<String> = rows.iter().map(row).collect();
    format!(
        "<div class=\"wide\"><table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody>\n</table></div>\n",
        head.concat(),
        rows.concat()
    )
}

/// A text with its code and its emphasis.
fn inline(text: &str) -> String {
    let mut out = String::new();
    for (number, part) in text.split('`').enumerate() {
        if number % 2 == 1 {
            put(&mut out, format_args!("<code>{}</code>", escaped(part)));
            continue;
        }
        for (number, part) in part.split('*').enumerate() {
            if number % 2 == 1 {
                put(&mut out, format_args!("<em>{}</em>", escaped(part)));
            } else {
                out.push_str(&escaped(part));
            }
        }
    }
    out
}

/// Text that is text, in elements and in attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// Anchors of headings: their words in lower case; a second of the same name gets a number.
#[derive(Default)]
struct Anchors(BTreeMap<String, u32>);

impl Anchors {
    fn of(&mut self, heading: &str) -> String {
        let plain = heading.chars().filter_map(|c| match c {
            ' ' | '-' | '/' => Some('-'),
            _ => c.is_ascii_alphanumeric().then(|| c.to_ascii_lowercase()),
        });
        let name: String = plain.collect();
        let count = self.0.entry(name.clone()).or_default();
        *count += 1;
        if *count == 1 { name } else { format!("{name}-{count}") }
    }
}
