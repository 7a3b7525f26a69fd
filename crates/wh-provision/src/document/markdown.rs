//! A document as Markdown.

use super::blocks::Block;

/// Lines are broken here where a word ends.
const COLUMNS: usize = 100;

pub(super) fn page(blocks: &[Block]) -> String {
    let written: Vec<String> = blocks.iter().filter_map(block).collect();
    written.join("\n\n") + "\n"
}

fn block(block: &Block) -> Option<String> {
    Some(match block {
        Block::Heading(level, text) => format!("{} {text}", "#".repeat(usize::from(*level))),
        Block::Text(text) => wrapped(text),
        Block::List(items) => {
            let items: Vec<String> = items.iter().map(|item| format!("- {item}")).collect();
            items.join("\n")
        }
        Block::Table(head, rows) => table(head, rows),
        Block::Json(json) => format!("```json\n{json}\n```"),
        Block::Diagram => return None,
    })
}

fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= COLUMNS => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

fn table(head: &[String], rows: &[Vec<String>]) -> String {
    let row = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |", cells.join(" | "))
    };
    let ruled: String = head.iter().skip(1).map(|_| ":-:|").collect();
    let rows = rows.iter().map(|cells| row(cells));
    let lines: Vec<String> = [row(head), format!("|---|{ruled}")].into_iter().chain(rows).collect();
    lines.join("\n")
}
