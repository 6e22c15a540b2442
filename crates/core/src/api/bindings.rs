//! The TypeScript face of the command table.
//!
//! The types come from `ts-rs`, one file each, into `ui/src/bindings`; this module adds the table itself. The files are
//! committed and a test fails when they differ from what the Rust types say, so that the page cannot drift.

use std::fmt::Write as _;
use std::path::Path;

use ts_rs::TS as _;

use super::{COMMANDS, Everything, Tag, command_types};
use crate::error::{Code, Error, Result};

/// Writes every type and the command table as TypeScript into a folder.
pub fn write_bindings(folder: &Path) -> Result<()> {
    let config = ts_rs::Config::new().with_out_dir(folder);
    let failed = |source: &dyn std::fmt::Display| {
        Error::new(Code::Internal, format!("Could not write the bindings to `{}`: {source}", folder.display()))
    };
    Everything::export_all(&config).map_err(|source| failed(&source))?;
    // The collection itself is of no use to a page.
    std::fs::remove_file(folder.join("Everything.ts")).map_err(|source| failed(&source))?;
    std::fs::write(folder.join("commands.ts"), commands(&config)).map_err(|source| failed(&source))
}

fn commands(config: &ts_rs::Config) -> String {
    let types = command_types(config);
    let mut imports: Vec<&str> = types
        .iter()
        .flat_map(|(request, response)| [request.as_str(), response.as_str()])
        .map(|name| name.strip_prefix("Array<").and_then(|name| name.strip_suffix('>')).unwrap_or(name))
        .filter(|name| !name.starts_with("Record<"))
        .collect();
    imports.sort_unstable();
    imports.dedup();

    let mut text = String::from("// Generated from the command table in crates/core/src/api. Do not edit by hand.\n");
    for name in imports {
        let _ = writeln!(text, "import type {{ {name} }} from \"./{name}\";");
    }
    text.push_str("\n/** What each command takes and gives. */\nexport interface Commands {\n");
    for (command, (request, response)) in COMMANDS.iter().zip(&types) {
        let _ = writeln!(text, "  /** {} */", command.doc);
        let _ = writeln!(text, "  {}: {{ request: {request}; response: {response} }};", command.name);
    }
    text.push_str("}\n\n/** The data a page may hold a copy of. */\n");
    text.push_str("export type Tag =");
    text.push_str(
        " \"library\" | \"roots\" | \"settings\" | \"jobs\" | \"downloads\" | \"vault\" | \"account\" | \"views\" | \"activity\" | \"link\";\n",
    );
    text.push_str("\n/** Which copies a command's answer is, and which it makes stale. */\n");
    text.push_str("export const commandTags: { [name in keyof Commands]: { reads: Tag[]; stales: Tag[] } } = {\n");
    for command in COMMANDS {
        let (reads, stales) = (list(command.reads), list(command.stales));
        let _ = writeln!(text, "  {}: {{ reads: [{reads}], stales: [{stales}] }},", command.name);
    }
    text.push_str("};\n");
    text
}

fn list(tags: &[Tag]) -> String {
    let names: Vec<&str> = tags
        .iter()
        .map(|tag| match tag {
            Tag::Library => "\"library\"",
            Tag::Roots => "\"roots\"",
            Tag::Settings => "\"settings\"",
            Tag::Jobs => "\"jobs\"",
            Tag::Downloads => "\"downloads\"",
            Tag::Vault => "\"vault\"",
            Tag::Account => "\"account\"",
            Tag::Views => "\"views\"",
            Tag::Activity => "\"activity\"",
            Tag::Link => "\"link\"",
        })
        .collect();
    names.join(", ")
}
