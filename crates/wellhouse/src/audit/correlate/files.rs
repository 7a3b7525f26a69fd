//! Files of CloudTrail: a file, or all of a folder as `aws s3 sync` brings it, packed or not.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::Value;

use super::event::Event;

/// The largest file that is read, in bytes unpacked: CloudTrail's own are a few MiB.
const FILE_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// How deep folders lie: `AWSLogs/<account>/CloudTrail/<region>/<year>/<month>/<day>` is eight.
const FOLDERS_DEPTH_MAX: usize = 16;

/// All files of a trail below a path, by name: that is by region and time. Digests, which only seal the
/// others, are left out.
pub(super) fn below(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    let mut folders = vec![(path.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let shown = folder.display().to_string();
        if depth > FOLDERS_DEPTH_MAX {
            bail!("{shown} lies deeper than a trail's folders do");
        }
        let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot read {shown}"))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot read {shown}"))?;
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && entry.file_name() != "CloudTrail-Digest" {
                folders.push((entry.path(), depth + 1));
            } else if !is_folder && is_of_a_trail(&entry.path()) {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

fn is_of_a_trail(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    [".json", ".json.gz"].iter().any(|ending| name.ends_with(ending))
}

#[derive(Deserialize)]
struct Records {
    #[serde(rename = "Records")]
    records: Option<Vec<Value>>,
}

/// The records of a file. One that cannot be read fails: what is left out would look like nothing.
pub(super) fn events(path: &Path) -> Result<Vec<Event>> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("cannot read {shown}"))?;
    let mut text = Vec::new();
    let packed = path.extension().is_some_and(|ending| ending == "gz");
    let reader: Box<dyn Read> = if packed {
        Box::new(MultiGzDecoder::new(BufReader::new(file)))
    } else {
        Box::new(BufReader::new(file))
    };
    let read = reader.take(FILE_BYTES_MAX + 1).read_to_end(&mut text);
    let read = read.with_context(|| format!("cannot read {shown}"))?;
    if u64::try_from(read).unwrap_or(u64::MAX) > FILE_BYTES_MAX {
        bail!(
            "{shown} unpacks to more than {FILE_BYTES_MAX} bytes, which no file of CloudTrail does"
        );
    }
    let said: Records = serde_json::from_slice(&text)
        .with_context(|| format!("{shown} is no file of CloudTrail"))?;
    let Some(records) = said.records else {
        bail!("{shown} is no file of CloudTrail: it has no `Records`");
    };
    let event = |(number, record)| {
        serde_json::from_value(record)
            .with_context(|| format!("record {number} of {shown} is none of CloudTrail's"))
    };
    (1..).zip(records).map(|pair: (usize, Value)| event(pair)).collect()
}
