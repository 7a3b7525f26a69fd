//! The page and the diagram: nothing of an estate becomes mark-up, and no text meets another.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;

use wh_provision::{Description, Estate, diagram, document, document_html};

const FIVE_LINES: &str = include_str!("../../../tests/estates/five-lines.toml");
const EVERYTHING: &str = include_str!("../../../tests/estates/everything.toml");

fn estate(text: &str) -> Estate {
    Estate::of(Description::read(text).expect("a description")).expect("an estate")
}

/// Names as long as they may be, of the widest letters.
fn long() -> String {
    let name = |last: &str| format!("{}{last}", "w".repeat(62));
    EVERYTHING
        .replace("example-files-123456789012-eu-central-1-an", &name("1"))
        .replace("\"example-archive\"", &format!("\"{}\"", name("2")))
        .replace("\"example-drafts\"", &format!("\"{}\"", name("3")))
        .replace("\"example-logs\"", &format!("\"{}\"", name("4")))
        .replace("example-trail", &"W".repeat(128))
        .replace("alias/example/files", &format!("alias/{}", "W".repeat(250)))
        .replace("\"everything\"", &format!("\"{}\"", "w".repeat(32)))
}

fn estates() -> Vec<Estate> {
    let embedded = FIVE_LINES.replace("[[bucket]]", "target = \"embedded\"\n[[bucket]]");
    let bare = format!("{FIVE_LINES}\n[logs]\nenabled = false\n[trail]\nenabled = false");
    let bare = bare.replace("[[bucket]]", "encryption = \"s3\"\n[[bucket]]");
    [FIVE_LINES, EVERYTHING, &long(), &embedded, &bare].map(estate).to_vec()
}

/// What stands between two texts, each time.
fn between<'t>(text: &'t str, before: &str, after: &str) -> Vec<&'t str> {
    let parts = text.split(before).skip(1);
    parts.map(|part| part.split(after).next().expect("an end")).collect()
}

fn attribute(tag: &str, name: &str) -> f64 {
    let value = between(tag, &format!(" {name}=\""), "\"");
    value[0].parse().expect("a number")
}

/// A text with the room that it takes: left, top, right, bottom.
struct Room {
    text: String,
    edges: [f64; 4],
}

/// By the advance of a common monospaced face, and for all other letters alike a generous one.
fn rooms(svg: &str) -> Vec<Room> {
    let texts = between(svg, "<text", "</text>").into_iter();
    let room = |tag: &str| {
        let (attributes, text) = tag.split_once('>').expect("a text");
        let class = between(attributes, "class=\"", "\"")[0];
        let advance = if class.contains("name") { 6.63 } else { 6.0 };
        let (x, y) = (attribute(attributes, "x"), attribute(attributes, "y"));
        let letters = u32::try_from(text.replace("&#39;", "'").chars().count()).expect("a count");
        let width = f64::from(letters) * advance;
        let left = if class.contains("end") { x - width } else { x };
        Room { text: text.to_owned(), edges: [left, y - 9.0, left + width, y + 3.0] }
    };
    texts.map(room).collect()
}

fn meet(a: &[f64; 4], b: &[f64; 4]) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

#[test]
fn no_text_of_a_diagram_meets_another_or_leaves_its_box() {
    for estate in estates() {
        let svg = diagram(&estate);
        let height: f64 = between(&svg, "viewBox=\"0 0 1000 ", "\"")[0].parse().expect("a height");
        let rooms = rooms(&svg);
        assert!(rooms.len() > 20);
        for (number, room) in rooms.iter().enumerate() {
            let [left, top, right, bottom] = room.edges;
            let inside = left >= 0.0 && top >= 0.0 && right <= 1000.0 && bottom <= height;
            assert!(inside, "`{}` leaves the picture", room.text);
            for other in &rooms[number + 1..] {
                let met = meet(&room.edges, &other.edges);
                assert!(!met, "`{}` meets `{}`", room.text, other.text);
            }
        }
        for tag in between(&svg, "<rect", "/>") {
            if tag.contains("frame") || tag.contains("paper") {
                continue;
            }
            let (x, y) = (attribute(tag, "x"), attribute(tag, "y"));
            let edges = [x, y, x + attribute(tag, "width"), y + attribute(tag, "height")];
            for room in rooms.iter().filter(|room| meet(&room.edges, &edges)) {
                let [left, top, right, bottom] = room.edges;
                let inside =
                    left >= edges[0] && top >= edges[1] && right <= edges[2] && bottom <= edges[3];
                assert!(inside, "`{}` leaves its box", room.text);
            }
        }
    }
}

#[test]
fn a_diagram_names_every_role_and_says_what_the_engine_says() {
    let estate = estate(EVERYTHING);
    let svg = diagram(&estate);
    for role in estate.roles() {
        assert!(svg.contains(&format!(">{}<", role.name)), "{}", role.name);
    }
    for words in [
        ">all of S3<",
        ">lists, reads<",
        ">lists, reads, writes, deletes<",
        ">writes<",
        ">writes, in its folders<",
    ] {
        assert_eq!(svg.matches(words).count(), 1, "{words}");
    }
    let titled =
        svg.contains("<title id=\"estate-title\">") && svg.contains("<desc id=\"estate-desc\">");
    assert!(titled && svg.contains("prefers-color-scheme: dark"));
}

#[test]
fn nothing_of_an_estate_becomes_markup() {
    let bad = "<script>alert(\\\"1\\\")</script>&'";
    let described = EVERYTHING
        .replace("machines/in/", &format!("{bad}/"))
        .replace("https://files.example.org", "https://<b>&'files");
    let estate = estate(&described);
    let page = document_html(&estate);
    assert!(!page.contains("<script") && !page.contains("<b>"), "{page}");
    assert!(
        page.contains("&lt;script&gt;alert(") && page.contains("https://&lt;b&gt;&amp;&#39;files")
    );
    // It loads nothing, either.
    for word in ["src=", "@import", "url(", "<link", "<iframe", " on"] {
        let tags = between(&page, "<", ">");
        assert!(!tags.iter().any(|tag| tag.contains(word) && !tag.starts_with("desc")), "{word}");
    }
}

#[test]
fn every_heading_can_be_linked_and_every_link_leads_somewhere() {
    for estate in estates() {
        let page = document_html(&estate);
        let headings =
            [2, 3].map(|level| between(&page, &format!("<h{level} id=\""), "\"")).concat();
        let anchors: BTreeSet<&str> = headings.iter().copied().collect();
        assert_eq!(anchors.len(), headings.len(), "two of one name");
        let links = between(&page, "href=\"#", "\"");
        assert!(links.len() > headings.len());
        for link in links.iter().filter(|link| !link.starts_with("the-estate")) {
            assert!(anchors.contains(link), "{link}");
        }
        for level in ["h1", "h2", "h3", "table", "ul", "p", "figure", "details", "main"] {
            let opened = page.matches(&format!("<{level}>")).count()
                + page.matches(&format!("<{level} ")).count();
            assert_eq!(opened, page.matches(&format!("</{level}>")).count(), "{level}");
        }
    }
}

#[test]
fn the_page_says_what_the_markdown_says() {
    for estate in estates() {
        let (page, text) = (document_html(&estate), document(&estate));
        for heading in text.lines().filter_map(|line| line.strip_prefix("## ")) {
            let words = heading.replace('`', "");
            let plain = page.replace("<code>", "").replace("</code>", "");
            assert!(plain.contains(&format!(">{words} <a")), "{heading}");
        }
        assert_eq!(text.matches("```json").count(), page.matches("<pre>").count());
        assert!(!text.contains("| ? ") && !page.contains("<td>?</td>"), "not judged");
    }
}

#[test]
fn keys_trails_tags_and_what_aws_keeps_are_explained() {
    let text = document(&estate(EVERYTHING));
    for words in [
        "## Key `alias/example/files`",
        "| `kms:Decrypt` | · | ✔ | ✔ | ✔ | ✔ | ✔ |",
        "| `kms:ScheduleKeyDeletion` | · | · | · | · | · | · |",
        "| `ec2.amazonaws.com` | ✔ | ✔ | · | · | · | · |",
        "| `PortalRole` | · | · | ✔ | ✔ | ✔ | ✔ |",
        "| `iam:CreateUser` | · | · | · | · | · | · |",
        "## Trail `example-trail`",
        "`owner` = `files@example.org`",
        "Why they cannot be edited",
        "Why they are not deleted",
        "Public access is blocked for the account as a whole",
    ] {
        assert!(text.contains(words), "`{words}` is missing from:\n{text}");
    }
}
