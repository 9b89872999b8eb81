//! Which texts are taken from outside.

use super::refused::Refused;

/// An ID that others chose: 1 to 64 letters, digits, dots, dashes and underscores.
pub(crate) fn check_id(id: &str, what: &str) -> Result<(), Refused> {
    let fits = matches!(id.len(), 1..=64)
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    fits.then_some(()).ok_or_else(|| {
        Refused::malformed(format!("{what} is 1 to 64 letters, digits, dots, dashes and underscores"))
    })
}

/// A name for people: 1 to 64 characters, none of which steers or deceives.
pub(crate) fn check_name(name: &str, what: &str) -> Result<(), Refused> {
    let fits = (1..=64).contains(&name.chars().count())
        && !name.trim().is_empty()
        && crate::commands::printable(name) == name;
    fits.then_some(())
        .ok_or_else(|| Refused::malformed(format!("{what} is 1 to 64 characters that can be seen")))
}

/// `major.minor.patch`
pub(crate) fn check_version(version: &str) -> Result<(), Refused> {
    let mut parts = version.split('.');
    let number = |part: Option<&str>| {
        part.is_some_and(|part| matches!(part.len(), 1..=5) && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let fits = number(parts.next()) && number(parts.next()) && number(parts.next()) && parts.next().is_none();
    fits.then_some(()).ok_or_else(|| Refused::malformed("a version is major.minor.patch"))
}
