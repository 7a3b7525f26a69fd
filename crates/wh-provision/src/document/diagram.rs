//! The estate as a picture: principals, the roles that they may assume, and what those reach.
//!
//! Laid out by hand on 1000 units of width. Names are set in lines of a fixed number of characters, and
//! every box is as high as its lines ask, so that no text meets another however long names are.

use std::fmt::Write as _;

use wh_policy::Outcome;

use super::html::escaped;
use super::judged::{On, is_persons, judged, service_of};
use crate::bucket::Holds;
use crate::estate::Estate;
use crate::roles::{PORTAL_ROLE, RoleSpec};

const STYLE: &str = include_str!("diagram.css");

const WIDTH: u32 = 1000;
const LINE: u32 = 15;
/// From a box's edge to its text.
const PAD: u32 = 10;
/// Between boxes of a column.
const GAP: u32 = 16;
/// Where the first row of boxes begins, below the captions.
const TOP: u32 = 56;
/// Of a box with two lines of text.
const ROW: u32 = 52;

/// The columns: where each begins, and how wide it is.
const WHO: (u32, u32) = (12, 150);
const PORTAL: (u32, u32) = (190, 130);
const ROLES: (u32, u32) = (356, 150);
const THINGS: (u32, u32) = (700, 288);
/// As many characters of 11 px as the column of things has room for between its frame's edges.
const NAME_CHARS: usize = 37;
/// As many as there is room for across the columns of principals and roles.
const LINKED_CHARS: usize = 45;

/// The estate as SVG, 1000 units wide; light or dark as its reader prefers.
pub fn diagram(estate: &Estate) -> String {
    let mut picture = Picture::default();
    let persons: Vec<&RoleSpec> = estate.roles().iter().filter(|role| is_persons(role)).collect();
    let others = estate.roles().iter().filter(|role| !is_persons(role));
    let machines: Vec<&RoleSpec> =
        others.filter(|role| role.name.as_str() != PORTAL_ROLE).collect();
    picture.captions();
    let rows = picture.roles(&persons, &machines);
    let things = picture.things(estate, rows.end);
    picture.portal(estate, rows.of_persons);
    for (role, at) in &rows.all {
        picture.reach(estate, role, *at);
    }
    let linked = picture.service_linked(estate, rows.end + 2 * GAP);
    picture.finish(estate, things.max(linked) + GAP)
}

/// The rows of roles: each with the height of its middle, where those of persons begin and end, and
/// where all end.
struct Rows<'e> {
    all: Vec<(&'e RoleSpec, u32)>,
    of_persons: (u32, u32),
    end: u32,
}

/// What is drawn so far.
#[derive(Default)]
struct Picture(String);

impl Picture {
    /// Writing to a String cannot fail.
    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        if writeln!(self.0, "{text}").is_err() {
            self.0.push('\n');
        }
    }

    fn text(&mut self, (x, y): (u32, u32), class: &str, text: &str) {
        let text = escaped(text);
        self.put(format_args!("<text x=\"{x}\" y=\"{y}\" class=\"{class}\">{text}</text>"));
    }

    fn rect(&mut self, (x, y): (u32, u32), (width, height): (u32, u32), class: &str) {
        self.put(format_args!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"6\" class=\"{class}\"/>"
        ));
    }

    /// A box of lines of text, each with its class; gives where it ends.
    fn card(
        &mut self,
        (x, y): (u32, u32),
        (width, class): (u32, &str),
        lines: &[(&str, String)],
    ) -> u32 {
        let height = lines.iter().fold(2 * PAD - 3, |height, _| height + LINE);
        self.rect((x, y), (width, height), class);
        let mut at = y + PAD + 9;
        for (class, line) in lines {
            self.text((x + PAD, at), class, line);
            at += LINE;
        }
        y + height
    }

    /// A line through these points, with an arrow's head at its end, which it comes to from the left.
    fn arrow(&mut self, points: &[(u32, u32)]) {
        let path: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
        self.put(format_args!("<polyline class=\"edge\" points=\"{}\"/>", path.join(" ")));
        if let Some((x, y)) = points.last() {
            let (back, up, down) = (x - 8, y - 4, y + 4);
            self.put(format_args!(
                "<path class=\"head\" d=\"M{x} {y}L{back} {up}L{back} {down}Z\"/>"
            ));
        }
    }

    fn captions(&mut self) {
        for ((x, _), caption) in
            [(WHO, "Who"), (PORTAL, "acts by"), (ROLES, "in the role"), (THINGS, "and reaches")]
        {
            self.text((x, 24), "soft", caption);
        }
    }

    fn roles<'e>(&mut self, persons: &[&'e RoleSpec], machines: &[&'e RoleSpec]) -> Rows<'e> {
        let mut all = Vec::new();
        let mut y = TOP;
        for role in persons {
            self.role(role, y);
            all.push((*role, y + ROW / 2));
            y += ROW + GAP;
        }
        let of_persons = (TOP, y.saturating_sub(GAP));
        for role in machines {
            self.role(role, y);
            let middle = y + ROW / 2;
            let (who, name, way) = match service_of(role) {
                None => ("The portal's host,", "for the scan".to_owned(), PORTAL_ROLE),
                Some(service) => ("Instances", service, "by an instance profile"),
            };
            let who = [("", who.to_owned()), ("name", name)];
            self.card((WHO.0, y + 2), (WHO.1, "who"), &who);
            self.arrow(&[(WHO.0 + WHO.1, middle), (ROLES.0, middle)]);
            self.text((PORTAL.0, middle - 6), "soft", way);
            all.push((*role, middle));
            y += ROW + GAP;
        }
        let end = y - GAP;
        let frame = (ROLES.0 - 10, TOP - 22);
        self.rect(frame, (ROLES.1 + 20, end + 10 - frame.1), "frame");
        let bounds = persons.first().map_or("", |role| role.boundary.name.as_str());
        let bounds = format!("bounded by {bounds}");
        self.text((ROLES.0 - 10, end + 26), "soft", &bounds);
        Rows { all, of_persons, end: end + 26 }
    }

    fn role(&mut self, role: &RoleSpec, y: u32) {
        let minutes = format!("{} min at most", role.max_session_seconds / 60);
        let lines = [("name", role.name.to_string()), ("soft", minutes)];
        self.card((ROLES.0, y + 2), (ROLES.1, "role"), &lines);
    }

    /// People, the portal that acts for them, and its ways to their roles.
    fn portal(&mut self, estate: &Estate, (top, bottom): (u32, u32)) {
        let Some(portal) = estate.roles().iter().find(|r| r.name.as_str() == PORTAL_ROLE) else {
            return;
        };
        let middle = u32::midpoint(top, bottom);
        let who = service_of(portal).unwrap_or_default();
        let lines = [
            ("", "The portal's host,".to_owned()),
            ("", "for who is signed in".to_owned()),
            ("name", who),
        ];
        self.card((WHO.0, middle - 31), (WHO.1, "who"), &lines);
        self.arrow(&[(WHO.0 + WHO.1, middle), (PORTAL.0, middle)]);
        let minutes = format!("{} min at most", portal.max_session_seconds / 60);
        let lines = [("name", portal.name.to_string()), ("soft", minutes)];
        self.card((PORTAL.0, middle - 24), (PORTAL.1, "role"), &lines);
        let bus = PORTAL.0 + PORTAL.1 + 16;
        for role in estate.roles().iter().filter(|role| is_persons(role)) {
            if judged(estate, portal, "sts:AssumeRole", On::Role(role)) != Some(Outcome::Allow) {
                continue;
            }
            let number =
                estate.roles().iter().filter(|r| is_persons(r)).position(|r| r.name == role.name);
            let number = number.and_then(|number| u32::try_from(number).ok()).unwrap_or_default();
            let at = TOP + number * (ROW + GAP) + ROW / 2;
            self.arrow(&[(PORTAL.0 + PORTAL.1, middle), (bus, middle), (bus, at), (ROLES.0, at)]);
        }
    }

    /// What a role reaches of the files, in words above its way there.
    fn reach(&mut self, estate: &Estate, role: &RoleSpec, at: u32) {
        let may = |action: &str, on| judged(estate, role, action, on) == Some(Outcome::Allow);
        let verbs = [
            ("s3:ListBucket", On::Bucket, "lists"),
            ("s3:GetObject", On::Object, "reads"),
            ("s3:PutObject", On::Object, "writes"),
            ("s3:DeleteObject", On::Object, "deletes"),
        ];
        let can: Vec<&str> =
            verbs.into_iter().filter(|(a, on, _)| may(a, *on)).map(|(_, _, verb)| verb).collect();
        if can.is_empty() {
            return;
        }
        let words = if may("s3:PutBucketPolicy", On::Bucket) {
            "all of S3".to_owned()
        } else {
            can.join(", ")
        };
        let below = if may("s3:PutObject", On::OtherObject) || !can.contains(&"writes") {
            ""
        } else {
            ", in its folders"
        };
        self.arrow(&[(ROLES.0 + ROLES.1, at), (THINGS.0, at)]);
        self.text((ROLES.0 + ROLES.1 + 16, at - 6), "soft", &format!("{words}{below}"));
    }

    /// The buckets of files in their frame, and below them what stands behind them; gives where they
    /// end.
    fn things(&mut self, estate: &Estate, roles_end: u32) -> u32 {
        let (left, width) = THINGS;
        let inner = (left + 8, width - 16);
        let mut y = TOP + 4;
        self.text((inner.0, TOP - 8), "soft", "buckets of files");
        for bucket in estate.buckets_of_files() {
            let name = bucket.name.as_str();
            let lines = named(name, NAME_CHARS, "");
            y = self.card((inner.0, y), (inner.1, "thing"), &lines) + GAP / 2;
        }
        let end = y.max(roles_end + GAP);
        self.rect((left, TOP - 22), (width, end + GAP - (TOP - 22)), "frame");
        let mut y = end + GAP;
        let from = end + 4;
        let bus = left - 20;
        for (label, lines) in behind(estate) {
            y += GAP;
            let at = y + 22;
            let below = self.card((inner.0, y), (inner.1, "thing"), &lines);
            self.arrow(&[(left, from), (bus, from), (bus, at), (inner.0, at)]);
            self.text((bus - 8, at + 4), "soft end", label);
            y = below;
        }
        y
    }

    fn service_linked(&mut self, estate: &Estate, top: u32) -> u32 {
        let mut y = top + LINE;
        self.text((WHO.0, y), "soft", "AWS's own, for its services; neither edited nor deleted:");
        y += 10;
        for linked in estate.service_linked_roles() {
            let lines = [
                ("name", cut(linked.name, LINKED_CHARS)),
                ("name", format!("by {}", cut(linked.service, LINKED_CHARS - 3))),
            ];
            y = self.card((WHO.0, y), (322, "role"), &lines) + GAP / 2;
        }
        y
    }

    fn finish(self, estate: &Estate, height: u32) -> String {
        let name = escaped(estate.installation());
        let buckets = estate.buckets_of_files().count();
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"estate\" viewBox=\"0 0 {WIDTH} {height}\" \
             width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-labelledby=\"estate-title estate-desc\">\n\
             <title id=\"estate-title\">The estate {name}: who may assume what, and what that reaches\
             </title>\n<desc id=\"estate-desc\">The portal's host acts by {PORTAL_ROLE}, which may assume \
             the roles of persons; instances have a role of their own. Those roles reach {buckets} \
             bucket(s) of files, each as its arrow says.</desc>\n<style>\n{STYLE}</style>\n\
             <rect width=\"{WIDTH}\" height=\"{height}\" class=\"paper\"/>\n{}</svg>\n",
            self.0
        )
    }
}

/// What stands behind the buckets of files: the key, the bucket of logs, the trail.
fn behind(estate: &Estate) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let key =
        estate.key().map(|key| ("encrypted with", named(&key.alias, NAME_CHARS, "key under KMS")));
    let logs = estate.buckets().find(|bucket| bucket.holds == Holds::Logs);
    let logs = logs
        .map(|logs| ("access logged to", named(logs.name.as_str(), NAME_CHARS, "bucket of logs")));
    let trail = estate.trail().map(|trail| {
        ("reads and writes in", named(&trail.name, NAME_CHARS, "trail, kept in the bucket of logs"))
    });
    [key, logs, trail].into_iter().flatten().collect()
}

/// A name in lines that fit, and below it what it is.
fn named(name: &str, chars: usize, what: &str) -> Vec<(&'static str, String)> {
    let letters: Vec<char> = name.chars().collect();
    let lines = letters.chunks(chars).map(|line| ("name", line.iter().collect()));
    let what = (!what.is_empty()).then(|| ("soft", what.to_owned()));
    lines.chain(what).collect()
}

/// A name that is AWS's, which is not as long as this.
fn cut(name: &str, chars: usize) -> String {
    name.chars().take(chars).collect()
}
