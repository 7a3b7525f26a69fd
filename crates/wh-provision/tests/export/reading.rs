//! What the readers of exports share: every attribute is taken once, and none may be left over.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use wh_names::{Arn, BucketName, Region, RoleName};
use wh_provision::{BucketSetting, Cloud, MemoryCloud, Step};

/// Attributes, each taken once.
pub(crate) struct Attributes {
    of: String,
    left: Map<String, Value>,
}

impl Attributes {
    pub(crate) fn of(name: &str, value: &Value) -> Self {
        let left = value.as_object().unwrap_or_else(|| panic!("{name}: {value}")).clone();
        Self { of: name.to_owned(), left }
    }

    /// An attribute; null where it is not there.
    pub(crate) fn take(&mut self, name: &str) -> Value {
        self.left.remove(name).unwrap_or_default()
    }

    pub(crate) fn text(&mut self, name: &str) -> String {
        let value = self.take(name);
        value.as_str().unwrap_or_else(|| panic!("{}: {name} is {value}", self.of)).to_owned()
    }

    pub(crate) fn number(&mut self, name: &str) -> u32 {
        let value = self.take(name);
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
        number.unwrap_or_else(|| panic!("{}: {name} is {value}", self.of))
    }

    pub(crate) fn number_if_any(&mut self, name: &str) -> Option<u32> {
        self.left.contains_key(name).then(|| self.number(name))
    }

    /// An attribute that must be exactly this.
    pub(crate) fn expect(&mut self, name: &str, wanted: &Value) {
        assert_eq!(&self.take(name), wanted, "{}: {name}", self.of);
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.left.contains_key(name)
    }

    /// Nothing is left that was not understood.
    pub(crate) fn done(self) {
        assert!(self.left.is_empty(), "{}: not understood: {:?}", self.of, self.left);
    }
}

pub(crate) fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().expect("a list").iter();
    list.map(|text| text.as_str().expect("a text").to_owned()).collect()
}

pub(crate) fn pairs(value: &Value) -> BTreeMap<String, String> {
    let object = value.as_object().expect("pairs").iter();
    object.map(|(key, value)| (key.clone(), value.as_str().expect("text").to_owned())).collect()
}

pub(crate) fn bucket(name: &str) -> BucketName {
    BucketName::parse(name).expect("a bucket's name")
}

pub(crate) fn role(name: &str) -> RoleName {
    RoleName::parse(name).expect("a role's name")
}

pub(crate) fn arn(text: &str) -> Arn {
    Arn::parse(text).expect("an ARN")
}

pub(crate) fn region(text: &str) -> Region {
    Region::parse(text).expect("a region")
}

pub(crate) fn setting(name: &str, setting: BucketSetting) -> Step {
    Step::PutBucketSetting { bucket: bucket(name), setting }
}

/// Performs a step; the memory waits for nothing.
pub(crate) fn perform(cloud: &MemoryCloud, step: &Step) {
    let mut performed = Box::pin(cloud.perform(step));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match performed.as_mut().poll(&mut context) {
        std::task::Poll::Ready(done) => done.expect("a step"),
        std::task::Poll::Pending => panic!("the memory waits"),
    }
}
