//! JSON with places: every value knows where it stands, and no key is lost, not even a second one.
//!
//! Source: RFC 8259. Numbers keep their text, so that `1.0` is printed as it was written.

use crate::PolicyError;
use crate::error::PolicyFault;

/// How deep values may be nested. A policy needs six levels.
const DEPTH_MAX: usize = 64;

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// The byte at which it begins.
    pub(crate) at: usize,
    pub(crate) value: Value,
}

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(String),
    String(String),
    Array(Vec<Node>),
    /// Keys in the order of the text, with their places.
    Object(Vec<(usize, String, Node)>),
}

impl Node {
    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => None,
        }
    }

    /// The text of a string, number or boolean.
    pub(crate) fn scalar(&self) -> Option<String> {
        match &self.value {
            Value::String(text) | Value::Number(text) => Some(text.clone()),
            Value::Bool(value) => Some(value.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    pub(crate) fn members(&self) -> Option<&[(usize, String, Node)]> {
        match &self.value {
            Value::Object(members) => Some(members),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => None,
        }
    }

    pub(crate) fn items(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Array(items) => Some(items),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_) => None,
        }
    }

    pub(crate) fn member(&self, key: &str) -> Option<&Node> {
        self.members()?.iter().find(|(_, k, _)| k == key).map(|(_, _, node)| node)
    }

    pub(crate) fn is_null(&self) -> bool {
        self.value == Value::Null
    }
}

/// Line and column of a byte, both from 1; the column counts characters.
pub(crate) fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let last = before.rsplit('\n').next().unwrap_or(before);
    (line, last.chars().count() + 1)
}

/// Reads one value that fills the text.
pub(crate) fn parse(text: &str) -> Result<Node, PolicyError> {
    let mut reader = Reader { text, at: 0 };
    let read = reader.value(0).and_then(|node| {
        reader.skip_space();
        if reader.peek().is_some() { Err("nothing may follow the document") } else { Ok(node) }
    });
    read.map_err(|why| PolicyError::new(place(text, reader.at), "$", PolicyFault::Syntax(why)))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

type Read<T> = Result<T, &'static str>;

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn skip_space(&mut self) {
        while let Some(' ' | '\t' | '\n' | '\r') = self.peek() {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Read<Node> {
        if depth > DEPTH_MAX {
            return Err("values are nested too deeply");
        }
        self.skip_space();
        let at = self.at;
        let value = match self.peek() {
            Some('{') => self.object(depth)?,
            Some('[') => self.array(depth)?,
            Some('"') => Value::String(self.string()?),
            Some('-' | '0'..='9') => Value::Number(self.number()?),
            _ if self.eat("true") => Value::Bool(true),
            _ if self.eat("false") => Value::Bool(false),
            _ if self.eat("null") => Value::Null,
            Some(_) => return Err("a JSON value is expected"),
            None => return Err("the text ends too early"),
        };
        Ok(Node { at, value })
    }

    fn object(&mut self, depth: usize) -> Read<Value> {
        self.at += 1;
        let mut members = Vec::new();
        self.skip_space();
        if self.eat("}") {
            return Ok(Value::Object(members));
        }
        loop {
            self.skip_space();
            let at = self.at;
            if self.peek() != Some('"') {
                return Err("a key in double quotes is expected");
            }
            let key = self.string()?;
            self.skip_space();
            if !self.eat(":") {
                return Err("`:` is expected");
            }
            members.push((at, key, self.value(depth + 1)?));
            self.skip_space();
            if self.eat("}") {
                return Ok(Value::Object(members));
            }
            if !self.eat(",") {
                return Err("`,` or `}` is expected");
            }
        }
    }

    fn array(&mut self, depth: usize) -> Read<Value> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_space();
        if self.eat("]") {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_space();
            if self.eat("]") {
                return Ok(Value::Array(items));
            }
            if !self.eat(",") {
                return Err("`,` or `]` is expected");
            }
        }
    }

    fn string(&mut self) -> Read<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            match self.next() {
                None => return Err("a string is not closed"),
                Some('"') => return Ok(out),
                Some('\\') => out.push(self.escape()?),
                Some(c) if c < ' ' => return Err("a control character must be escaped"),
                Some(c) => out.push(c),
            }
        }
    }

    fn escape(&mut self) -> Read<char> {
        match self.next() {
            Some(c @ ('"' | '\\' | '/')) => Ok(c),
            Some('b') => Ok('\u{8}'),
            Some('f') => Ok('\u{c}'),
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some('u') => self.unicode_escape(),
            Some(_) | None => Err("there is no such escape"),
        }
    }

    fn unicode_escape(&mut self) -> Read<char> {
        const LONE: &str = "half of a surrogate pair stands alone";
        let high = self.hex4()?;
        if !(0xD800..0xDC00).contains(&high) {
            return char::from_u32(high).ok_or(LONE);
        }
        if !self.eat("\\u") {
            return Err(LONE);
        }
        let low = self.hex4()?;
        if !(0xDC00..0xE000).contains(&low) {
            return Err(LONE);
        }
        char::from_u32(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00)).ok_or(LONE)
    }

    fn hex4(&mut self) -> Read<u32> {
        let digits = self.rest().get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let digits = digits.ok_or("`\\u` takes four hexadecimal digits")?;
        let value = u32::from_str_radix(digits, 16).map_err(|_| "not hexadecimal")?;
        self.at += 4;
        Ok(value)
    }

    fn digits(&mut self) -> Read<()> {
        let count = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        self.at += count;
        if count == 0 { Err("a digit is expected") } else { Ok(()) }
    }

    fn number(&mut self) -> Read<String> {
        let start = self.at;
        self.eat("-");
        if !self.eat("0") {
            self.digits()?;
        }
        if self.eat(".") {
            self.digits()?;
        }
        if self.eat("e") || self.eat("E") {
            if !self.eat("+") {
                self.eat("-");
            }
            self.digits()?;
        }
        Ok(self.text.get(start..self.at).unwrap_or_default().to_owned())
    }
}
