//! `latchkey-sim errors`: every failure that a person can meet, and what it looks like to other programs.

use std::fmt::Write as _;

use latchkey_phone::{ErrorId, ErrorInfo, Origin, Severity};
use serde_json::{Value, json};

use super::{Failure, print, print_json};
use crate::cli;

/// Prints the table.
///
/// # Errors
/// [`Failure`]
pub fn run(arguments: &cli::Errors) -> Result<(), Failure> {
    if arguments.json {
        let errors: Vec<Value> = ErrorId::ALL.iter().map(|id| object(id.info())).collect();
        return print_json(&errors);
    }
    print(if arguments.markdown { markdown() } else { text() })
}

fn text() -> String {
    let mut out = String::new();
    for id in ErrorId::ALL {
        let ErrorInfo { id, title, meaning, next_step, .. } = id.info();
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{id}\n    {title}. {meaning}\n    {next_step}");
    }
    out
}

/// The whole of docs/errors.md.
fn markdown() -> String {
    let mut out = String::from(
        "# Errors\n\n\
         Every failure reaches a person as one of these. `make docs-errors` writes this file from the table in\n\
         `core/phone/src/error_id.rs` and the files beside it; a test keeps the two the same.\n\n\
         ## What people read\n\n\
         \"Again\" tells whether the same action may be repeated at once. Failures that a workstation\n\
         notices and shows itself are marked in the last column; the phone notices all others.\n\n\
         | id | title | what happened | what to do | again | noticed by |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    for id in ErrorId::ALL {
        let info = id.info();
        let ErrorInfo { id, title, meaning, next_step, .. } = info;
        let warning = if info.severity == Severity::Warning { " (a warning)" } else { "" };
        let again = if info.retry { "yes" } else { "" };
        let origin = match info.origin {
            Origin::Phone => "",
            Origin::Workstation => "the workstation",
        };
        let _ = writeln!(out, "| `{id}` | {title}{warning} | {meaning} | {next_step} | {again} | {origin} |");
    }
    out += "\n## What other programs see\n\n\
            Several values: the first is the one that is sent, the others mean the same when they are received. CTAP is the\n\
            status that a computer gets; iOS the `ASExtensionError` code and, after the arrow, the `ASAuthorizationError` code\n\
            that the calling app sees; Android the androidx.credentials exception; DOM the exception that says it best to a web\n\
            page and, in brackets, the one that browsers raise instead. Ids that are missing here never leave the phone.\n\n\
            | id | CTAP | iOS | Android, creating | Android, getting | DOM |\n\
            | --- | --- | --- | --- | --- | --- |\n";
    for id in ErrorId::ALL {
        let info = id.info();
        let ctap: Vec<String> =
            info.ctap.iter().map(|status| status.name().map_or_else(|| status.to_string(), code)).collect();
        let mut ios = info.ios.iter().map(i32::to_string).collect::<Vec<_>>().join(", ");
        if let Some(caller) = info.ios_caller {
            let _ = write!(ios, " → {caller}");
        }
        let create: Vec<String> = info.android_create.iter().map(|name| code(name)).collect();
        let get: Vec<String> = info.android_get.iter().map(|name| code(name)).collect();
        let mut dom = info.dom.map(code).unwrap_or_default();
        if let Some(raised) = info.dom_raised {
            let _ = write!(dom, " ({})", code(raised));
        }
        let columns = [ctap.join(", "), ios, create.join(", "), get.join(", "), dom];
        if columns.iter().any(|column| !column.is_empty()) {
            let _ = writeln!(out, "| `{}` | {} |", info.id, columns.join(" | "));
        }
    }
    out
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn object(info: &ErrorInfo) -> Value {
    json!({
        "id": info.id,
        "title": info.title,
        "meaning": info.meaning,
        "nextStep": info.next_step,
        "severity": match info.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "retry": info.retry,
        "noticedBy": match info.origin {
            Origin::Phone => "phone",
            Origin::Workstation => "workstation",
        },
        "ctap": info.ctap.iter().map(|status| status.0).collect::<Vec<_>>(),
        "ios": info.ios,
        "iosCaller": info.ios_caller,
        "androidCreate": info.android_create,
        "androidGet": info.android_get,
        "dom": info.dom,
        "domRaised": info.dom_raised,
    })
}

#[cfg(test)]
mod tests;
